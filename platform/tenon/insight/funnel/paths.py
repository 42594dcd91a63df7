"""The way of each listing that came in during a period: on which day it reached which stage.

Six statements whatever the number of listings. What was recorded after the as-of day does not
count, so that the funnel of a past day can be computed again. Days are the site's clock's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.deals.models import Deal, DealListing
from tenon.events.models import EventSlot, Meeting
from tenon.figures.models import ContractRecord
from tenon.insight.measures import Scope, things
from tenon.insight.measures.counting import Moment, end_of, known_until, start_of
from tenon.insight.measures.shared import (
    before,
    credited,
    credited_to,
    field_of,
    last_is,
    moment,
)
from tenon.introductions.models import Introduction, IntroductionNda
from tenon.listings.models import Listing
from tenon.notices import delivery
from tenon.payments.models import Payment

STAGES = (
    "entered",
    "published",
    "introduced",
    "accepted",
    "agreed",
    "met",
    "dealing",
    "signed",
    "paid",
)
"""Handed in; published; passed on to the other side; accepted; confidentiality agreed; met at an
event; deal begun; contract signed; first money received."""

_MARKS = ("miss", "unmark", "call_off")

Days = dict[int, date]


@dataclass(frozen=True, slots=True)
class Path:
    """How far one listing came.

    Attributes:
        key: of the listing.
        side: ``need`` or ``achievement``.
        region, field, institution, broker: as measures tell them apart; None where not known.
        seen: whether the reader may open the listing.
        days: for each of STAGES the day it was first reached, or None.
    """

    key: int
    side: str
    region: str | None
    field: str | None
    institution: int
    broker: int | None
    seen: bool
    days: tuple[date | None, ...]


def paths(session: Session, scope: Scope, *, by: Actor, side: str | None = None) -> list[Path]:
    """Return the listings that came in during the scope's period, in that order.

    ``side`` is ``need``, ``achievement`` or None for both.
    """
    until = known_until(scope)
    cohort = _cohort(scope, until, side)
    rows = session.execute(_described(cohort, until, by)).all()
    # What befell a listing of the period befell it after the period began: each stage is read
    # in one pass from then on, and told apart here. Asking for the cohort's keys took minutes.
    since = scope.first
    reached = [
        _published(session, since, until),
        *_introduced(session, since, until),
        _met(session, since, until),
        *_dealt(session, since, until),
        _paid(session, since, until),
    ]
    return [
        Path(
            row.id,
            row.side,
            row.region,
            row.field,
            row.organisation_id,
            row.broker,
            bool(row.seen),
            (_day(row.at), *(known.get(row.id) for known in reached)),
        )
        for row in rows
    ]


def _day(value: datetime | date) -> date:
    return (
        value.astimezone(delivery.current().zone).date() if isinstance(value, datetime) else value
    )


def _cohort(scope: Scope, until: Moment, side: str | None) -> sa.Select[Any]:
    """Select the listings whose first handing in lies in the period, narrowed by the scope."""
    region = sa.func.coalesce(Listing.region, Organisation.region)
    wanted = (
        sa.select(Listing.id)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .where(
            Listing.first_handed_in_at >= start_of(scope.first),
            Listing.first_handed_in_at < end_of(scope.last),
            *before(Listing.first_handed_in_at, until),
        )
    )
    if side is not None:
        wanted = wanted.where(Listing.side == side)
    if scope.region is not None:
        wanted = wanted.where(things.in_region(region, scope.region))
    if scope.organisation_id is not None:
        wanted = wanted.where(Listing.organisation_id == scope.organisation_id)
    if scope.station_ids is not None:
        wanted = wanted.where(Listing.station_id.in_(sorted(scope.station_ids)))
    if scope.field is not None:
        wanted = wanted.where(things.in_field(field_of(Listing.id), scope.field))
    if scope.broker_id is not None:
        who = scope.broker_id
        own = credited_to("listing", Listing.public_id, "collected", who, until)
        wanted = wanted.where(own)
    return wanted


def _described(cohort: sa.Select[Any], until: Moment, by: Actor) -> sa.Select[Any]:
    seen = things.visible("listing", Listing.id, by)
    return cohort.with_only_columns(
        Listing.id,
        Listing.side,
        sa.func.coalesce(Listing.region, Organisation.region).label("region"),
        field_of(Listing.id).label("field"),
        Listing.organisation_id,
        credited("listing", Listing.public_id, "collected", until).label("broker"),
        (sa.true() if seen is None else sa.case((seen, 1), else_=0)).label("seen"),
        Listing.first_handed_in_at.label("at"),
    ).order_by(Listing.first_handed_in_at.desc(), Listing.id.desc())


def _published(session: Session, since: date, until: Moment) -> Days:
    at = Listing.first_published_at
    rows = session.execute(
        sa.select(Listing.id, at).where(at >= start_of(since), *before(at, until))
    )
    return {key: _day(day) for key, day in rows if day is not None}


def _until(column: Any, until: Moment) -> Any:
    """Return the column, or nothing where it was recorded later."""
    return column if until is None else sa.case((column < until, column))


def _earliest(column: Any, until: Moment) -> Any:
    return moment(sa.func.min(_until(column, until)))


def _introduced(session: Session, since: date, until: Moment) -> tuple[Days, Days, Days]:
    """Return when listings were first passed on, accepted, and confidentiality agreed."""
    chosen = Introduction.created_at >= start_of(since)
    pairs = sa.union_all(
        sa.select(Introduction.id, Introduction.listing_id.label("listing_id")).where(chosen),
        sa.select(Introduction.id, Introduction.own_listing_id).where(
            chosen, Introduction.own_listing_id.is_not(None)
        ),
    ).subquery("brought")
    rows = session.execute(
        sa.select(
            pairs.c.listing_id,
            _earliest(Introduction.passed_on_at, until),
            _earliest(Introduction.opened_at, until),
            _earliest(IntroductionNda.agreed_at, until),
        )
        .join(Introduction, Introduction.id == pairs.c.id)
        .outerjoin(IntroductionNda, IntroductionNda.introduction_id == Introduction.id)
        .group_by(pairs.c.listing_id)
    ).all()
    first, second, third = ({row[0]: _day(row[at]) for row in rows if row[at]} for at in (1, 2, 3))
    return first, second, third


def _met(session: Session, since: date, until: Moment) -> Days:
    """Return when listings were first the subject of a meeting that was held."""
    pairs = sa.union_all(
        sa.select(Meeting.id, Meeting.need_id.label("listing_id")).where(
            Meeting.need_id.is_not(None)
        ),
        sa.select(Meeting.id, Meeting.achievement_id).where(Meeting.achievement_id.is_not(None)),
    ).subquery("spoken_of")
    if until is None:
        held: Any = Meeting.state == "held"
    else:
        held = last_is("event_meeting", Meeting.public_id, "hold", _MARKS, until)
    rows = session.execute(
        sa.select(pairs.c.listing_id, moment(sa.func.min(EventSlot.starts_at)))
        .join(Meeting, Meeting.id == pairs.c.id)
        .join(EventSlot, EventSlot.id == Meeting.slot_id)
        .where(held, EventSlot.starts_at >= start_of(since))
        .group_by(pairs.c.listing_id)
    )
    return {key: _day(at) for key, at in rows}


def _dealt(session: Session, since: date, until: Moment) -> tuple[Days, Days]:
    """Return when listings first had a deal begun, and a contract signed."""
    signed = sa.and_(
        ContractRecord.deal_id == Deal.id,
        ContractRecord.sequence == 1,
        *before(ContractRecord.recorded_at, until),
    )
    rows = session.execute(
        sa.select(
            DealListing.listing_id,
            moment(sa.func.min(Deal.created_at)),
            sa.type_coerce(sa.func.min(ContractRecord.signed_on), sa.Date()),
        )
        .join(Deal, Deal.id == DealListing.deal_id)
        .outerjoin(ContractRecord, signed)
        .where(Deal.created_at >= start_of(since), *before(Deal.created_at, until))
        .group_by(DealListing.listing_id)
    ).all()
    return {row[0]: _day(row[1]) for row in rows}, {row[0]: row[2] for row in rows if row[2]}


def _paid(session: Session, since: date, until: Moment) -> Days:
    """Return when money was first received for a deal over a listing."""
    if until is None:
        counts: Any = Payment.state == "received"
    else:
        lasted = sa.or_(Payment.ended_at.is_(None), Payment.ended_at >= until)
        counts = sa.and_(Payment.recorded_at < until, lasted)
    rows = session.execute(
        sa.select(DealListing.listing_id, sa.type_coerce(sa.func.min(Payment.paid_on), sa.Date()))
        .join(Payment, Payment.deal_id == DealListing.deal_id)
        .where(Payment.paid_on >= since, Payment.kind == "receipt", counts)
        .group_by(DealListing.listing_id)
    )
    return {row[0]: row[1] for row in rows}
