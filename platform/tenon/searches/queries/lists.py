"""A person's searches with their counts, what is new among them, and firms to search for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload

from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.clock import utc_now
from tenon.errors import NotFound
from tenon.listings.models import Expert, Listing
from tenon.listings.queries import is_public
from tenon.network.queries.portfolio import firms_of
from tenon.searches.models import SavedExpertFinding, SavedFinding, SavedSearch


@dataclass(frozen=True, slots=True)
class Kept:
    """A search with how much of what it found is new to its owner."""

    search: SavedSearch
    new: int


@dataclass(frozen=True, slots=True)
class NewHit:
    """A listing that answers a search and was not looked at yet."""

    search: SavedSearch
    listing: Listing
    found_at: datetime


def mine(session: Session, user_id: int, *, now: datetime) -> list[Kept]:
    """Return a person's searches, those with news first; two statements."""
    searches = session.scalars(
        sa.select(SavedSearch)
        .where(SavedSearch.user_id == user_id)
        .options(joinedload(SavedSearch.organisation), joinedload(SavedSearch.listing))
        .order_by(SavedSearch.id.desc())
    ).all()
    counts = _counts(session, SavedSearch.user_id == user_id, now=now)
    kept = [Kept(each, counts.get(each.id, 0)) for each in searches]
    return sorted(kept, key=lambda one: (one.new == 0, -one.search.id))


def find_search(session: Session, public_id: str, *, by: Actor) -> SavedSearch:
    """Return one of one's own searches; raises NotFound for anybody else's."""
    found = session.scalar(
        sa.select(SavedSearch).where(
            SavedSearch.public_id == public_id, SavedSearch.user_id == by.user_id
        )
    )
    if found is None:
        raise NotFound(kind="saved_search")
    return found


def count_new(session: Session, user_id: int, *, now: datetime | None = None) -> int:
    """Return how much a person's searches found that they did not look at yet; one statement."""
    counts = _counts(session, SavedSearch.user_id == user_id, now=now or utc_now())
    return sum(counts.values())


def new_hits(
    session: Session, user_id: int, *, now: datetime | None = None, limit: int = 20
) -> list[NewHit]:
    """Return what a person's searches found lately and nobody looked at, newest first."""
    rows = session.execute(
        sa.select(SavedSearch, Listing, SavedFinding.found_at)
        .join(SavedFinding, SavedFinding.search_id == SavedSearch.id)
        .join(Listing, Listing.id == SavedFinding.listing_id)
        .where(SavedSearch.user_id == user_id, *_unseen(now or utc_now()))
        .options(lazyload(Listing.contributors), lazyload(Listing.requirements))
        .order_by(SavedFinding.found_at.desc(), SavedFinding.listing_id.desc())
        .limit(limit)
    )
    return [NewHit(search, listing, found_at) for search, listing, found_at in rows]


def new_of(session: Session, search_id: int, *, now: datetime) -> frozenset[int]:
    """Return the listings of a search that its owner did not look at yet."""
    rows = session.scalars(
        sa.select(SavedFinding.listing_id)
        .join(Listing, Listing.id == SavedFinding.listing_id)
        .where(SavedFinding.search_id == search_id, *_unseen(now))
    )
    return frozenset(rows)


def new_experts_of(session: Session, search_id: int) -> frozenset[int]:
    """Return the experts of a search whom its owner did not look at yet."""
    rows = session.scalars(
        sa.select(SavedExpertFinding.expert_id)
        .join(Expert, Expert.id == SavedExpertFinding.expert_id)
        .where(SavedExpertFinding.search_id == search_id, *_unseen_experts())
    )
    return frozenset(rows)


def possible_firms(session: Session, actor: Actor) -> Sequence[Organisation]:
    """Return the firms that somebody may keep a search for: those in a broker's own portfolio."""
    if actor.user_id is None or not actor.broker:
        return ()
    keys = firms_of(session, actor.user_id)
    return session.scalars(
        sa.select(Organisation)
        .where(Organisation.id.in_(sorted(keys)), Organisation.state == "approved")
        .order_by(Organisation.name_zh, Organisation.name_en, Organisation.id)
    ).all()


def firms_for(session: Session, user_ids: Collection[int]) -> Mapping[int, frozenset[int]]:
    """Return person -> the firms that they look after now."""
    return {user_id: firms_of(session, user_id) for user_id in user_ids}


def _unseen(now: datetime) -> list[sa.ColumnElement[bool]]:
    return [SavedFinding.known.is_(False), SavedFinding.seen_at.is_(None), is_public(now)]


def _unseen_experts() -> list[sa.ColumnElement[bool]]:
    row = SavedExpertFinding
    return [row.known.is_(False), row.seen_at.is_(None), Expert.published.is_(True)]


def _counts(
    session: Session, condition: sa.ColumnElement[bool], *, now: datetime
) -> dict[int, int]:
    listings = (
        sa.select(SavedFinding.search_id)
        .join(SavedSearch, SavedSearch.id == SavedFinding.search_id)
        .join(Listing, Listing.id == SavedFinding.listing_id)
        .where(condition, *_unseen(now))
    )
    experts = (
        sa.select(SavedExpertFinding.search_id)
        .join(SavedSearch, SavedSearch.id == SavedExpertFinding.search_id)
        .join(Expert, Expert.id == SavedExpertFinding.expert_id)
        .where(condition, *_unseen_experts())
    )
    found = sa.union_all(listings, experts).subquery()
    rows = session.execute(
        sa.select(found.c.search_id, sa.func.count().label("number")).group_by(found.c.search_id)
    )
    return {row.search_id: row.number for row in rows}
