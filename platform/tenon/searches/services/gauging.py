"""A search's figures, taken when it is kept and anew once a day or when the model changes.

Reads what is slow first and returns rows; writing them is quick. Never commits.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from matching.documents import Document
from matching.engine import MatchEngine
from matching.reverse import Leeway
from matching.watching import gauge_texts
from tenon.accounts.models import User
from tenon.searches.models import SavedQuestion, SavedSearch
from tenon.searches.queries.answering import documents, own_organisations, where_of
from tenon.searches.queries.reverse import missed

AGE = timedelta(days=1)
"""Figures older than this are taken anew: the index has other listings by then."""

SLICE = 100


@dataclass(frozen=True, slots=True)
class Gauging:
    """Rows to write for searches, what they find that nobody was told, whether others wait."""

    search_ids: Sequence[int]
    rows: Sequence[dict[str, Any]]
    missed: Sequence[tuple[int, int]]
    more: bool


def rows_of(engine: MatchEngine, search: SavedSearch, *, now: datetime) -> list[dict[str, Any]]:
    """Return the rows of a search's questions; none where filters alone are asked.

    Raises:
        matching.errors.MatchingError: there is no index to hold it against.
    """
    asked = documents(engine, search)
    if not asked:
        return []
    browsing = search.kind == "browse"
    own = frozenset() if browsing else own_organisations(search)
    texts = [each.text if browsing else each.full_text for each in asked]
    gauged = gauge_texts(engine, texts, where_of(search, asked, own), few=browsing)
    leeway = int(_leeway(search, asked))
    encoder = engine.state().encoder
    return [
        {
            "search_id": search.id,
            "place": place,
            "encoder": encoder,
            "gauged_at": now,
            "vector": one.vector.astype("<f4").tobytes(),
            "figures": one.figures.astype("<f4").tobytes(),
            "forms": one.forms.astype("<u4").tobytes(),
            "masses": one.masses.astype("<f4").tobytes(),
            "few": one.few,
            "leeway": leeway,
        }
        for place, one in enumerate(gauged)
    ]


def due(session: Session, engine: MatchEngine, *, now: datetime, limit: int = SLICE) -> Gauging:
    """Take the figures of those searches anew that have none, old ones, or another model's."""
    fresh = sa.exists().where(
        SavedQuestion.search_id == SavedSearch.id,
        SavedQuestion.encoder == engine.state().encoder,
        SavedQuestion.gauged_at > now - AGE,
    )
    searches = session.scalars(
        sa.select(SavedSearch)
        .where(
            SavedSearch.state == "active",
            sa.or_(SavedSearch.kind != "browse", SavedSearch.text != ""),
            ~fresh,
        )
        .options(
            joinedload(SavedSearch.listing),
            joinedload(SavedSearch.user).selectinload(User.memberships),
        )
        .order_by(SavedSearch.id)
        .limit(limit)
    ).all()
    rows = [row for search in searches for row in rows_of(engine, search, now=now)]
    pairs = [pair for each in searches for pair in missed(session, engine, each, now=now)]
    return Gauging([search.id for search in searches], rows, pairs, len(searches) == limit)


def write(session: Session, search_ids: Collection[int], rows: Sequence[dict[str, Any]]) -> None:
    """Replace the figures of these searches; what was dropped meanwhile stays dropped."""
    living = set(
        session.scalars(
            sa.select(SavedSearch.id)
            .where(SavedSearch.id.in_(sorted(search_ids)))
            .order_by(SavedSearch.id)
            .with_for_update()
        )
    )
    forget(session, living)
    kept = [row for row in rows if row["search_id"] in living]
    if kept:
        session.execute(sa.insert(SavedQuestion), kept)


def forget(session: Session, search_ids: Collection[int]) -> None:
    """Drop figures that no longer hold; until there are new ones the searches are always asked."""
    session.execute(
        sa.delete(SavedQuestion)
        .where(SavedQuestion.search_id.in_(sorted(search_ids)))
        .execution_options(synchronize_session=False)
    )


def forget_of_listings(session: Session, listing_ids: Collection[int]) -> bool:
    """Drop the figures of searches that ask for what fits these listings; whether any did."""
    found = session.scalars(
        sa.select(SavedSearch.id).where(SavedSearch.listing_id.in_(sorted(listing_ids)))
    ).all()
    if found:
        forget(session, found)
    return bool(found)


def _leeway(search: SavedSearch, asked: Sequence[Document]) -> Leeway:
    """Return what may add to a listing's fit: facets speak only where both sides state them."""
    if search.kind == "browse":
        return Leeway.WORDS
    if search.kind == "listing":
        return Leeway.FACETS
    first = asked[0]
    if first.side == "need" and not first.facets.requirements:
        return Leeway.FRESHNESS
    return Leeway.REQUIREMENTS
