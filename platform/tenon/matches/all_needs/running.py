"""All open needs, block by block: asked together, held against the database, given out in order.

Under the rules of the site's pages: needs and results that are public now, never a result of the
need's own organisation. Must not know files and terminals.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from matching.documents import COUNTERPARTS, Where
from matching.engine import MatchEngine
from matching.results import Match
from tenon.listings.documents import documents_of
from tenon.listings.models import Listing
from tenon.listings.queries import is_public
from tenon.matches import queries

BLOCK: Final = 500
"""Needs that are asked together; bounds memory and what an interruption costs."""


@dataclass(frozen=True, slots=True)
class Found:
    """One result for a need: its public id and its band."""

    result: str
    band: str


@dataclass(frozen=True, slots=True)
class NeedMatches:
    """A need's public id and what fits it, best first; nothing where nothing fits."""

    need: str
    found: tuple[Found, ...]


def open_needs(session: Session, *, now: datetime, past: bool = False) -> list[tuple[int, str]]:
    """Return (id, public id) of every need that is public, by ascending id.

    Args:
        session: to read with.
        now: the moment.
        past: include needs whose deadline has passed.
    """
    wanted = sa.select(Listing.id, Listing.public_id).where(Listing.side == "need", is_public(now))
    if not past:
        wanted = wanted.where(sa.or_(Listing.deadline.is_(None), Listing.deadline >= now.date()))
    return [(row.id, row.public_id) for row in session.execute(wanted.order_by(Listing.id))]


def match_needs(
    session: Session, engine: MatchEngine, ids: Sequence[int], *, now: datetime, k: int
) -> Iterator[list[NeedMatches]]:
    """Yield the matches of these needs block by block, in the order of ``ids``.

    A need that is no longer public when its turn comes is left out.

    Args:
        session: to read with; forgets what it has read after each block.
        engine: on the site's index.
        ids: of needs.
        now: the moment.
        k: how many results for each at most.
    """
    for start in range(0, len(ids), BLOCK):
        yield _block(session, engine, ids[start : start + BLOCK], now=now, k=k)
        session.expunge_all()


def _block(
    session: Session, engine: MatchEngine, ids: Sequence[int], *, now: datetime, k: int
) -> list[NeedMatches]:
    rows = session.scalars(
        sa.select(Listing)
        .where(Listing.id.in_(ids), is_public(now))
        .options(lazyload(Listing.contributors))
    )
    by_id = {listing.id: listing for listing in rows}
    needs = [by_id[key] for key in ids if key in by_id]
    if not needs:
        return []
    where = Where(sides=COUNTERPARTS["need"], today=queries.epoch_day(now))
    answers = engine.match_many([documents_of(need) for need in needs], k, where)
    keys = {match.key for matches in answers for match in matches}
    public = _public_results(session, keys, now=now)
    return [
        NeedMatches(need.public_id, _current(session, engine, need, matches, public, now=now, k=k))
        for need, matches in zip(needs, answers, strict=True)
    ]


def _public_results(
    session: Session, keys: Collection[int], *, now: datetime
) -> dict[int, tuple[str, int]]:
    """Return id -> (public id, organisation) of those that may be shown now."""
    rows = session.execute(
        sa.select(Listing.id, Listing.public_id, Listing.organisation_id).where(
            Listing.id.in_(sorted(keys)), Listing.side == "achievement", is_public(now)
        )
    )
    return {row.id: (row.public_id, row.organisation_id) for row in rows}


def _current(
    session: Session,
    engine: MatchEngine,
    need: Listing,
    matches: Sequence[Match],
    public: dict[int, tuple[str, int]],
    *,
    now: datetime,
    k: int,
) -> tuple[Found, ...]:
    """Return what may be shown; asks again, alone, where the index lagged behind."""
    shown = [
        Found(public[match.key][0], match.band.value)
        for match in matches
        if match.key in public and public[match.key][1] != need.organisation_id
    ]
    if len(shown) < len(matches):
        views = queries.counterparts(session, engine, listing=need, now=now, k=k)
        shown = [Found(view.listing.public_id, view.band) for view in views]
    return tuple(shown)
