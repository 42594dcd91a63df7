"""The portfolio map: open needs of one's firms against public supply, by field of technology.

Reads what the clock worked out (``fits``); never asks the matcher.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.desk.days import today_of
from tenon.desk.fits import lines_of
from tenon.desk.models import FieldSupply, ListingFit
from tenon.desk.queries.sight import in_care, owner_known_to
from tenon.desk.titles import title_of
from tenon.listings.models import Listing, ListingField
from tenon.listings.queries import is_public, visible_to
from tenon.network.models import PortfolioFirm
from tenon.network.queries.portfolio import firms_in_sight
from tenon.taxonomy import catalogue

SCOPES = ("mine", "below")
"""My own firms; all firms and needs of the places that I see."""

CELLS = ("needs", "without_supply", "supply", "unsought")
MOST_NEEDS = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """One field of technology.

    Attributes:
        code: of the field (hitech).
        level: 1 or 2.
        needs: open needs of the scope in it.
        without_supply: those for which no published result is a good match.
        unknown: those that the matcher has not looked at yet.
        supply: published results in it, wherever they come from.
        unsought: those that no open need is a good match of.
    """

    code: str
    level: int
    needs: int
    without_supply: int
    unknown: int
    supply: int
    unsought: int


@dataclass(frozen=True, slots=True)
class PortfolioMap:
    """All lines that hold anything, in the order of the fields, and when supply was counted."""

    lines: Sequence[Line]
    needs: int
    without_supply: int
    unknown: int
    unplaced: int
    counted_at: datetime | None


def in_scope(by: Actor, scope: str) -> sa.ColumnElement[bool]:
    """Return the condition that a listing belongs to the scope."""
    if scope != "below":
        return in_care(by)
    if by.operator:
        return sa.true()
    firms = sa.select(PortfolioFirm.organisation_id).where(
        PortfolioFirm.ended_at.is_(None), firms_in_sight(by)
    )
    places = sorted(by.stations)
    return sa.or_(
        in_care(by),
        sa.and_(Listing.organisation_id.in_(firms), owner_known_to(by)),
        Listing.station_id.in_(places),
        Listing.handling_station_id.in_(places),
    )


def _open_needs(by: Actor, scope: str, now: datetime) -> list[sa.ColumnElement[bool]]:
    return [
        Listing.side == "need",
        is_public(now),
        sa.or_(Listing.deadline.is_(None), Listing.deadline >= today_of(now)),
        in_scope(by, scope),
    ]


def portfolio_map(session: Session, *, by: Actor, scope: str, now: datetime) -> PortfolioMap:
    """Return the map of a scope (one of SCOPES); two statements."""
    rows = session.execute(
        sa.select(Listing.id, ListingField.code, ListingFit.fitting)
        .outerjoin(
            ListingField,
            sa.and_(ListingField.listing_id == Listing.id, ListingField.scheme == "hitech"),
        )
        .outerjoin(ListingFit, ListingFit.listing_id == Listing.id)
        .where(*_open_needs(by, scope, now))
        .limit(MOST_NEEDS)
    ).all()
    fitting = {key: number for key, _code, number in rows}
    placed: dict[str, set[int]] = {}
    for key, code, _number in rows:
        for each in lines_of(code) if code else ():
            placed.setdefault(each, set()).add(key)
    supply = {row.code: row for row in session.scalars(sa.select(FieldSupply))}
    terms = [each for each in catalogue.terms("hitech") if each.level <= 2]
    lines = [
        _line(term.code, term.level, placed.get(term.code, set()), fitting, supply)
        for term in terms
        if term.code in placed or term.code in supply
    ]
    return PortfolioMap(
        lines,
        len(fitting),
        sum(number == 0 for number in fitting.values()),
        sum(number is None for number in fitting.values()),
        len(fitting) - len(set().union(*placed.values())),
        max((row.counted_at for row in supply.values()), default=None),
    )


def _line(
    code: str,
    level: int,
    keys: set[int],
    fitting: Mapping[int, int | None],
    supply: Mapping[str, FieldSupply],
) -> Line:
    row = supply.get(code)
    return Line(
        code,
        level,
        len(keys),
        sum(fitting[key] == 0 for key in keys),
        sum(fitting[key] is None for key in keys),
        0 if row is None else row.supply,
        0 if row is None else row.unsought,
    )


def behind(
    session: Session,
    cell: str,
    field: str,
    *,
    by: Actor,
    scope: str,
    now: datetime,
    language: str,
    limit: int = 20,
    offset: int = 0,
) -> tuple[Sequence[sa.Row[str, str, datetime | None, int, str]], int]:
    """Return a page of the listings behind a cell, and how many there are.

    ``field`` empty asks for all fields. Rows: public_id, side, title, published_at, fitting.
    """
    conditions = _behind(cell, field, by, scope, now)
    wanted = (
        sa.select(
            Listing.public_id,
            Listing.side,
            Listing.published_at,
            ListingFit.fitting,
            title_of(Listing.id, language).label("title"),
        )
        .outerjoin(ListingFit, ListingFit.listing_id == Listing.id)
        .where(*conditions)
    )
    total = session.scalar(
        sa.select(sa.func.count(Listing.id))
        .select_from(Listing)
        .outerjoin(ListingFit, ListingFit.listing_id == Listing.id)
        .where(*conditions)
    )
    rows = session.execute(
        wanted.order_by(Listing.published_at.desc(), Listing.id.desc()).limit(limit).offset(offset)
    ).all()
    return rows, total or 0


def _behind(
    cell: str, field: str, by: Actor, scope: str, now: datetime
) -> list[sa.ColumnElement[bool]]:
    if cell in ("needs", "without_supply"):
        found = [*_open_needs(by, scope, now), visible_to(by, now=now)]
    else:
        found = [Listing.side == "achievement", is_public(now)]
    if cell in ("without_supply", "unsought"):
        found.append(ListingFit.fitting == 0)
    if field:
        codes = [term.code for term in catalogue.terms("hitech") if field in lines_of(term.code)]
        found.append(
            Listing.id.in_(
                sa.select(ListingField.listing_id).where(
                    ListingField.scheme == "hitech", ListingField.code.in_(codes)
                )
            )
        )
    return found
