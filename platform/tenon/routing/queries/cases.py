"""Cases in numbers: lists for brokers, heads and later rooms, one case, its moves and replies."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.listings.models import Listing
from tenon.network.models import StationAncestor
from tenon.routing.models import NeedCase, NeedCaseMove, NeedReply, Visit
from tenon.routing.permissions import cases_in_sight
from tenon.routing.queries.places import site_day

WHOSE = ("mine", "unassigned", "overdue", "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """What a list of cases is narrowed to.

    Attributes:
        whose: ``mine``, ``unassigned`` and ``overdue`` show open ones; ``all`` those of ``state``.
        station_id: only what lies at this place or below it.
        state: only these, where ``whose`` is ``all``; empty for any.
    """

    whose: str = "all"
    station_id: int | None = None
    state: str = "open"

    def condition(self, by: Actor, today: date) -> list[sa.ColumnElement[bool]]:
        """Return the SQL conditions on ``NeedCase`` for who may see what."""
        found = [cases_in_sight(by, today=today)]
        if self.whose != "all":
            found.append(NeedCase.state == "open")
        elif self.state:
            found.append(NeedCase.state == self.state)
        if self.whose == "mine":
            found.append(NeedCase.broker_id == by.user_id)
        elif self.whose == "unassigned":
            found.append(NeedCase.broker_id.is_(None))
        elif self.whose == "overdue":
            found.append(NeedCase.due_on < today)
        if self.station_id is not None:
            row = StationAncestor
            under = sa.select(row.station_id).where(row.ancestor_id == self.station_id)
            found.append(NeedCase.station_id.in_(under))
        return found


def cases(
    session: Session,
    where: CaseFilter,
    *,
    by: Actor,
    now: datetime,
    limit: int = 20,
    offset: int = 0,
) -> tuple[Sequence[NeedCase], int]:
    """Return a page of cases and how many in all: due first, those of any state newest first.

    Three statements, in an order that an index gives.
    """
    conditions = where.condition(by, site_day(now))
    total = session.scalar(sa.select(sa.func.count(NeedCase.id)).where(*conditions)) or 0
    mixed = where.whose == "all" and not where.state
    order = (NeedCase.id.desc(),) if mixed else (NeedCase.due_on, NeedCase.id)
    rows = session.scalars(
        sa.select(NeedCase)
        .where(*conditions)
        .options(*_for_lists())
        .order_by(*order)
        .limit(limit)
        .offset(offset)
    )
    return rows.all(), total


def case_counts(
    session: Session, *, by: Actor, now: datetime, station_id: int | None = None
) -> Mapping[str, int]:
    """Return whose -> how many open ones there are for this actor; one statement."""
    today = site_day(now)
    counted = {
        whose: sa.and_(
            sa.true(), *CaseFilter(whose=whose, station_id=station_id).condition(by, today)[1:]
        )
        for whose in WHOSE
    }
    columns = [
        sa.func.count(sa.case((condition, NeedCase.id))).label(whose)
        for whose, condition in counted.items()
    ]
    is_open = NeedCase.state == "open"
    row = session.execute(sa.select(*columns).where(is_open, cases_in_sight(by, today=today))).one()
    return dict(zip(WHOSE, row, strict=True))


def _for_lists() -> tuple[ExecutableOption, ...]:
    listing = joinedload(NeedCase.listing)
    return (
        listing.options(
            selectinload(Listing.texts),
            lazyload(Listing.fields),
            lazyload(Listing.deal_forms),
            lazyload(Listing.requirements),
            lazyload(Listing.contributors),
        ),
        joinedload(NeedCase.station),
        joinedload(NeedCase.broker).options(lazyload("*")),
    )


def collected_listings(session: Session, listing_ids: Collection[int]) -> frozenset[int]:
    """Return which of these needs were collected on a visit; one statement."""
    if not listing_ids:
        return frozenset()
    found = session.scalars(sa.select(Visit.listing_id).where(Visit.listing_id.in_(listing_ids)))
    return frozenset(key for key in found if key is not None)


def find_case(session: Session, public_id: str, *, by: Actor, now: datetime) -> NeedCase:
    """Return a case that the actor may see; raises NotFound for all others."""
    found = session.scalars(
        sa.select(NeedCase)
        .where(NeedCase.public_id == public_id, cases_in_sight(by, today=site_day(now)))
        .options(joinedload(NeedCase.listing), joinedload(NeedCase.station))
    ).first()
    if found is None:
        raise NotFound(kind="need_case")
    return found


def case_of(session: Session, listing_id: int) -> NeedCase | None:
    """Return the case of a need, if it came into the network; who may see it is not asked."""
    return session.scalars(
        sa.select(NeedCase)
        .where(NeedCase.listing_id == listing_id)
        .options(joinedload(NeedCase.station), joinedload(NeedCase.broker).options(lazyload("*")))
    ).first()


def moves_of(session: Session, case: NeedCase) -> Sequence[NeedCaseMove]:
    """Return a case's way through the network, in order."""
    row = NeedCaseMove
    return session.scalars(
        sa.select(row)
        .where(row.case_id == case.id)
        .options(
            *(
                joinedload(who).options(lazyload("*"))
                for who in (row.by, row.from_broker, row.to_broker)
            ),
            joinedload(row.from_station),
            joinedload(row.to_station),
        )
        .order_by(row.number)
    ).all()


def replies_of(session: Session, case: NeedCase) -> Sequence[NeedReply]:
    """Return what the firm was written, newest first."""
    return session.scalars(
        sa.select(NeedReply)
        .where(NeedReply.case_id == case.id)
        .options(joinedload(NeedReply.author).options(lazyload("*")))
        .order_by(NeedReply.id.desc())
    ).all()


def open_cases(session: Session, *, by: Actor, limit: int = 20) -> Sequence[NeedCase]:
    """Return the open cases that a broker looks after, due first."""
    return _first(session, NeedCase.broker_id == by.user_id, limit=limit)


def unanswered(
    session: Session, *, by: Actor, now: datetime, limit: int = 20
) -> Sequence[NeedCase]:
    """Return the open cases in sight whose last day is over, longest first."""
    today = site_day(now)
    return _first(session, cases_in_sight(by, today=today), NeedCase.due_on < today, limit=limit)


def _first(session: Session, *conditions: sa.ColumnElement[bool], limit: int) -> Sequence[NeedCase]:
    return session.scalars(
        sa.select(NeedCase)
        .where(NeedCase.state == "open", *conditions)
        .options(*_for_lists())
        .order_by(NeedCase.due_on, NeedCase.id)
        .limit(limit)
    ).all()
