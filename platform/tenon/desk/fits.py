"""How public listings stand against the other side: worked out by the clock, read by pages.

A page must never match hundreds of listings; this asks the engine beforehand, a batch at a time,
and writes down how many counterparts fit well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from matching.documents import Where
from matching.engine import MatchEngine
from matching.results import Band, Match
from tenon.desk.models import FieldSupply, ListingFit
from tenon.listings.documents import documents_of
from tenon.listings.models import Listing, ListingField
from tenon.listings.queries import is_public
from tenon.matches.queries import epoch_day
from tenon.taxonomy import catalogue

A_BATCH = 200
LOOKED_AT = 10
"""So many counterparts are looked at; how many of them fit well is what is kept."""

STALE = timedelta(hours=22)
FITTING = (Band.STRONG, Band.GOOD)


@dataclass(frozen=True, slots=True)
class Found:
    """What the engine says of one listing."""

    listing_id: int
    side: str
    band: str | None
    fitting: int
    text_version: int


def look(session: Session, engine: MatchEngine, *, now: datetime) -> Sequence[Found]:
    """Return how the next batch of listings stands: new and changed ones, then the stalest.

    At most A_BATCH of them; raises ``MatchingError`` while there is no index.
    """
    listings = _due(session, now)
    found: list[Found] = []
    for side in ("need", "achievement"):
        asked = [each for each in listings if each.side == side]
        if asked:
            found += _matched(session, engine, asked, now)
    return found


def write(session: Session, found: Sequence[Found], *, now: datetime) -> None:
    """Write down what was found; of a listing that has gone meanwhile, nothing."""
    keys = [each.listing_id for each in found]
    session.execute(
        sa.delete(ListingFit)
        .where(ListingFit.listing_id.in_(keys))
        .execution_options(synchronize_session=False)
    )
    there = set(session.scalars(sa.select(Listing.id).where(Listing.id.in_(keys))))
    rows = [
        {
            "listing_id": each.listing_id,
            "side": each.side,
            "band": each.band,
            "fitting": each.fitting,
            "text_version": each.text_version,
            "looked_at": now,
        }
        for each in found
        if each.listing_id in there
    ]
    if rows:
        session.execute(sa.insert(ListingFit), rows)


def count_supply(session: Session, *, now: datetime) -> Mapping[str, tuple[int, int]]:
    """Return field -> (public achievements, those that no open need is a good match of).

    A field counts what lies below it, a listing once.
    """
    rows = session.execute(
        sa.select(ListingField.code, Listing.id, ListingFit.fitting)
        .join(Listing, Listing.id == ListingField.listing_id)
        .outerjoin(ListingFit, ListingFit.listing_id == Listing.id)
        .where(ListingField.scheme == "hitech", Listing.side == "achievement", is_public(now))
    )
    supply: dict[str, set[int]] = {}
    unsought: dict[str, set[int]] = {}
    for code, key, fitting in rows:
        for each in lines_of(code):
            supply.setdefault(each, set()).add(key)
            if fitting == 0:
                unsought.setdefault(each, set()).add(key)
    return {code: (len(keys), len(unsought.get(code, ()))) for code, keys in supply.items()}


def write_supply(
    session: Session, counted: Mapping[str, tuple[int, int]], *, now: datetime
) -> None:
    """Write the counts of supply down in place of those before."""
    session.execute(sa.delete(FieldSupply).execution_options(synchronize_session=False))
    rows = [
        {"code": code, "supply": number, "unsought": alone, "counted_at": now}
        for code, (number, alone) in counted.items()
    ]
    if rows:
        session.execute(sa.insert(FieldSupply), rows)


def lines_of(code: str) -> Sequence[str]:
    """Return the lines of the map that a field counts in: its first and second level."""
    term = catalogue.find("hitech", code)
    line = []
    while term is not None:
        if term.level <= 2:
            line.append(term.code)
        term = catalogue.find("hitech", term.parent_code) if term.parent_code else None
    return line


def _due(session: Session, now: datetime) -> Sequence[Listing]:
    """Return public listings that were not looked at, or not since they changed, or lately."""
    return session.scalars(
        sa.select(Listing)
        .outerjoin(ListingFit, ListingFit.listing_id == Listing.id)
        .where(
            is_public(now),
            sa.or_(
                ListingFit.listing_id.is_(None),
                ListingFit.text_version != Listing.text_version,
                ListingFit.looked_at < now - STALE,
            ),
        )
        .options(lazyload(Listing.contributors))
        .order_by(
            sa.case((ListingFit.listing_id.is_(None), 0), else_=1),
            ListingFit.looked_at,
            Listing.side.desc(),
            Listing.id,
        )
        .limit(A_BATCH)
    ).all()


def _matched(
    session: Session, engine: MatchEngine, asked: Sequence[Listing], now: datetime
) -> list[Found]:
    where = Where(today=epoch_day(now))
    answers = engine.match_many([documents_of(each) for each in asked], LOOKED_AT, where)
    public = _public(session, {match.key for each in answers for match in each}, now)
    return [
        _found(listing, [match for match in matches if match.key in public])
        for listing, matches in zip(asked, answers, strict=True)
    ]


def _found(listing: Listing, matches: Sequence[Match]) -> Found:
    return Found(
        listing.id,
        listing.side,
        matches[0].band.value if matches else None,
        sum(match.band in FITTING for match in matches),
        listing.text_version,
    )


def _public(session: Session, keys: Collection[int], now: datetime) -> set[int]:
    found: set[int] = set()
    every = sorted(keys)
    for start in range(0, len(every), 500):
        part = every[start : start + 500]
        found |= set(
            session.scalars(sa.select(Listing.id).where(Listing.id.in_(part), is_public(now)))
        )
    return found
