"""From a new listing to the searches that it answers, without running them all.

Filters are rows and met by one statement. Of searches with words or meaning, the kept figures
tell which come near (``matching.reverse``); only those are asked of the index anew, so that what
is told is what their page shows. Reads only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload

from matching.documents import LANGUAGES, Document
from matching.engine import MatchEngine
from matching.reverse import FIGURES, Gauged, Questions, slack
from matching.watching import bonus_of, exact_signal, hold_against
from tenon.accounts.models import Membership, User
from tenon.accounts.queries import actor_of
from tenon.listings.documents import documents_of
from tenon.listings.models import Listing
from tenon.matches.queries import epoch_day
from tenon.searches.models import SavedFinding, SavedQuestion, SavedSearch
from tenon.searches.queries.answering import BASELINE, Confirming, answer, documents, still_public
from tenon.searches.queries.criteria import meeting

Pair = tuple[int, int]
"""Search, listing."""

LATELY = timedelta(days=3)
JUST_BEFORE = timedelta(minutes=10)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Shelf:
    """All active searches that ask by words or meaning, side by side."""

    owners: Sequence[int]
    """Search of each question."""
    places: Sequence[int]
    """Which of its search's texts each question is."""
    questions: Questions | None
    asking: frozenset[int]
    """Searches that ask so, whether or not they were gauged yet."""
    stale: frozenset[int]
    """Those of them with no figures of the present model: they are always asked."""


def answered_by(
    session: Session, engine: MatchEngine, listing_ids: Collection[int], *, now: datetime
) -> list[Pair]:
    """Return which active searches find which of these listings, and were not told before.

    Never a search of a member of the listing's own organisation, nor one for that firm.

    Raises:
        matching.errors.MatchingError: there is no index to ask.
    """
    shelf: Shelf | None = None
    found: list[Pair] = []
    confirming = Confirming(session, engine, now)
    for listing in still_public(session, listing_ids, now=now):
        met = meeting(session, listing) - _had(session, listing)
        if not met:
            continue
        met = _not_own(session, met, listing)
        shelf = shelf or load_shelf(session, engine)
        asked = met & shelf.asking
        found += [(search_id, listing.id) for search_id in sorted(met - asked)]
        certain, maybe = _near(engine, shelf, listing, asked)
        found += [(search_id, listing.id) for search_id in sorted(certain)]
        for search in _promising(engine, shelf, listing, _searches(session, maybe), now=now):
            if confirming.finds(search, listing):
                found.append((search.id, listing.id))
    return found


def missed(
    session: Session, engine: MatchEngine, search: SavedSearch, *, now: datetime
) -> list[Pair]:
    """Return what a search finds that was published lately and is not on its record.

    For what was indexed while the search was being kept, or came in while nobody looked.
    """
    found = answer(
        session, engine, search, by=actor_of(search.user), now=now, limit=BASELINE
    ).listings
    had = set(
        session.scalars(
            sa.select(SavedFinding.listing_id).where(SavedFinding.search_id == search.id)
        )
    )
    since = max(now - LATELY, search.created_at - JUST_BEFORE)
    return [
        (search.id, each.id)
        for each in found
        if each.id not in had
        and each.published_at is not None
        and each.published_at >= since
        and search.id in _not_own(session, {search.id}, each)
    ]


def load_shelf(session: Session, engine: MatchEngine) -> Shelf:
    """Read the figures of all active searches; two statements."""
    asking = frozenset(
        session.scalars(
            sa.select(SavedSearch.id).where(
                SavedSearch.state == "active",
                sa.or_(SavedSearch.kind != "browse", SavedSearch.text != ""),
            )
        )
    )
    encoder = engine.state().encoder
    rows = session.execute(
        sa.select(
            SavedQuestion.search_id,
            SavedQuestion.place,
            SavedQuestion.vector,
            SavedQuestion.figures,
            SavedQuestion.forms,
            SavedQuestion.masses,
            SavedQuestion.few,
            SavedQuestion.leeway,
        )
        .join(SavedSearch, SavedSearch.id == SavedQuestion.search_id)
        .where(SavedSearch.state == "active", SavedQuestion.encoder == encoder)
    ).all()
    gauged = [
        Gauged(
            vector=np.frombuffer(row.vector, dtype="<f4"),
            figures=np.frombuffer(row.figures, dtype="<f4").reshape(len(LANGUAGES), FIGURES),
            forms=np.frombuffer(row.forms, dtype="<u4"),
            masses=np.frombuffer(row.masses, dtype="<f4"),
            few=row.few,
        )
        for row in rows
    ]
    owners = [row.search_id for row in rows]
    questions = Questions.of(gauged, [row.leeway for row in rows]) if rows else None
    places = [row.place for row in rows]
    return Shelf(owners, places, questions, asking, asking.difference(owners))


def _near(
    engine: MatchEngine, shelf: Shelf, listing: Listing, asked: set[int]
) -> tuple[set[int], list[int]]:
    """Return which of the searches find the listing for certain, and which may."""
    certain: set[int] = set()
    maybe = set(shelf.stale)
    if shelf.questions is not None:
        most = slack(shelf.questions, engine.weights)
        for document in documents_of(listing):
            nearness = hold_against(engine, shelf.questions, document)
            reached = nearness.reach(most, engine.weights)
            certain.update(shelf.owners[at] for at in np.flatnonzero(nearness.certain).tolist())
            maybe.update(shelf.owners[at] for at in np.flatnonzero(reached).tolist())
    return certain & asked, sorted((maybe - certain) & asked)


def _promising(
    engine: MatchEngine,
    shelf: Shelf,
    listing: Listing,
    searches: Sequence[SavedSearch],
    *,
    now: datetime,
) -> list[SavedSearch]:
    """Leave out those that the listing's own facets, and its exact signal, take out of reach."""
    facing = [each for each in searches if each.kind != "browse" and each.id not in shelf.stale]
    if shelf.questions is None or not facing:
        return list(searches)
    today, weights = epoch_day(now), engine.weights
    asked = _asked(engine, facing)
    reached: set[int] = set()
    for document in documents_of(listing):
        bonuses = {
            id(own): bonus_of(engine, own, document, today)
            for own in {id(own): own for own in asked.values()}.values()
        }
        bonus = {key: bonuses[id(own)] for key, own in asked.items()}
        added = np.array([bonus.get(owner, 0.0) for owner in shelf.owners], dtype=np.float32)
        nearness = hold_against(engine, shelf.questions, document)
        signals: dict[str, float | None] = {}
        for at in np.flatnonzero(nearness.reach(added, weights)).tolist():
            owner, place = shelf.owners[at], shelf.places[at]
            if owner in reached or owner not in asked:
                continue
            if place >= len(asked[owner]):
                reached.add(owner)
                continue
            text = asked[owner][place].full_text
            if text not in signals:
                signals[text] = exact_signal(engine, text, listing.id, document.language)
            signal = signals[text]
            if signal is not None and nearness.is_close(at, signal, bonus[owner], weights):
                reached.add(owner)
    return [each for each in searches if each.id not in asked or each.id in reached]


def _asked(engine: MatchEngine, searches: Sequence[SavedSearch]) -> dict[int, list[Document]]:
    """Return search -> what it asks with; searches that ask the same share it."""
    known: dict[tuple[str, str | None, int | None], list[Document]] = {}
    found = {}
    for each in searches:
        key = (each.text, each.side, each.listing_id)
        if key not in known:
            known[key] = documents(engine, each)
        found[each.id] = known[key]
    return found


def _searches(session: Session, ids: Sequence[int]) -> list[SavedSearch]:
    found: list[SavedSearch] = []
    for start in range(0, len(ids), _AT_ONCE):
        found += session.scalars(
            sa.select(SavedSearch)
            .where(SavedSearch.id.in_(ids[start : start + _AT_ONCE]))
            .options(
                joinedload(SavedSearch.user).selectinload(User.memberships),
                joinedload(SavedSearch.listing).options(lazyload(Listing.contributors)),
            )
            .order_by(SavedSearch.id)
        )
    return found


def _had(session: Session, listing: Listing) -> set[int]:
    return set(
        session.scalars(
            sa.select(SavedFinding.search_id).where(SavedFinding.listing_id == listing.id)
        )
    )


def _not_own(session: Session, search_ids: set[int], listing: Listing) -> set[int]:
    """Leave out the searches of the owner's members, and those kept for the owner."""
    members = sa.select(Membership.user_id).where(
        Membership.organisation_id == listing.organisation_id, Membership.state == "active"
    )
    own = session.scalars(
        sa.select(SavedSearch.id).where(
            sa.or_(
                SavedSearch.user_id.in_(members),
                SavedSearch.organisation_id == listing.organisation_id,
            )
        )
    )
    return search_ids.difference(own)
