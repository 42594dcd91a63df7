"""Answer a search: the page of results asked for, and how many each filter's values would bring.

With a text the index finds and the database decides what may be shown; without one the database
does it alone. Everybody gets the same: what is public at the moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from tenon.accounts.models import Organisation
from tenon.listings.documents import EXPERT_KEYS, expert_key, is_expert_key
from tenon.listings.models import Expert, Listing
from tenon.listings.queries import public_experts, public_listings
from tenon.matches.search import conditions
from tenon.matches.search.facets import Found, count_all
from tenon.matches.search.filters import Search

DEPTH = 2_000
"""So many of the most relevant are found for a text; filters and counts work within them."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One result: a listing or an expert."""

    listing: Listing | None = None
    expert: Expert | None = None

    @property
    def side(self) -> str:
        """achievement, need or expert."""
        return "expert" if self.listing is None else self.listing.side


@dataclass(frozen=True, slots=True)
class Results:
    """One page.

    Attributes:
        hits: in the order asked for.
        total: results in all.
        counts: dimension -> value -> how many results it would bring.
        capped: whether the text found more than DEPTH, so that the weakest were left out.
    """

    hits: Sequence[Hit]
    total: int
    counts: Mapping[str, Mapping[str, int]]
    capped: bool = False


def run_search(
    session: Session,
    engine: MatchEngine,
    search: Search,
    *,
    now: datetime,
    offset: int = 0,
    limit: int = 20,
) -> Results:
    """Answer one question; the number of statements does not depend on what is found.

    Raises:
        matching.errors.MatchingError: there is a text, and no index to ask.
    """
    order = [key for key, _ in engine.find(search.text, DEPTH)] if search.text else []
    found = _apart(order) if search.text else Found()
    if search.text:
        keys, total = _by_text(session, search, found, order, now, offset, limit)
    else:
        keys, total = _browsed(session, search, now, offset, limit)
    return Results(
        hits=_load(session, keys, now=now),
        total=total,
        counts=count_all(session, search, found, now=now),
        capped=len(order) == DEPTH,
    )


def _apart(order: Sequence[int]) -> Found:
    return Found(
        listings=tuple(key for key in order if not is_expert_key(key)),
        experts=tuple(key - EXPERT_KEYS for key in order if is_expert_key(key)),
    )


def _candidates(search: Search, found: Found, now: datetime) -> sa.Subquery:
    """Return (key, published, readiness) of everything that passes."""
    listings = (
        sa.select(
            Listing.id.label("key"),
            Listing.published_at.label("published"),
            Listing.readiness.label("readiness"),
        )
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .where(*conditions.listings_where(search, now=now, keys=found.listings))
    )
    experts = (
        sa.select(
            (Expert.id + EXPERT_KEYS).label("key"),
            Expert.created_at.label("published"),
            sa.null().label("readiness"),
        )
        .outerjoin(Organisation, Organisation.id == Expert.organisation_id)
        .where(*conditions.experts_where(search, keys=found.experts))
    )
    return sa.union_all(listings, experts).subquery()


def _by_text(
    session: Session,
    search: Search,
    found: Found,
    order: Sequence[int],
    now: datetime,
    offset: int,
    limit: int,
) -> tuple[list[int], int]:
    passing = _candidates(search, found, now)
    if search.sort != "relevance":
        return _ordered(session, passing, search.sort, offset, limit)
    allowed = set(session.scalars(sa.select(passing.c.key)))
    keys = [key for key in order if key in allowed]
    return keys[offset : offset + limit], len(keys)


def _browsed(
    session: Session, search: Search, now: datetime, offset: int, limit: int
) -> tuple[list[int], int]:
    return _ordered(session, _candidates(search, Found(), now), search.sort, offset, limit)


def _ordered(
    session: Session, passing: sa.Subquery, sort: str, offset: int, limit: int
) -> tuple[list[int], int]:
    # Of one moment (a whole import) listings come before the experts that came with them.
    columns: list[Any] = [
        passing.c.published.desc().nulls_last(),
        passing.c.key >= EXPERT_KEYS,
        passing.c.key.desc(),
    ]
    if sort == "readiness":
        columns.insert(0, passing.c.readiness.desc().nulls_last())
    total = session.scalar(sa.select(sa.func.count()).select_from(passing)) or 0
    keys = session.scalars(sa.select(passing.c.key).order_by(*columns).offset(offset).limit(limit))
    return list(keys), total


def _load(session: Session, keys: Sequence[int], *, now: datetime) -> list[Hit]:
    """Return the rows behind the keys, in their order."""
    listing_ids = [key for key in keys if not is_expert_key(key)]
    expert_ids = [key - EXPERT_KEYS for key in keys if is_expert_key(key)]
    hits = {
        listing.id: Hit(listing=listing)
        for listing in public_listings(session, listing_ids, now=now)
    }
    hits |= {
        expert_key(expert.id): Hit(expert=expert) for expert in public_experts(session, expert_ids)
    }
    return [hits[key] for key in keys if key in hits]
