"""A world that goes on: one of everything that a measure counts, then all that may befall it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import User
from tenon.actors import SYSTEM
from tenon.credit.models import CreditEntry
from tenon.credit.services.recording import append, record_act
from tenon.deals.models import Deal
from tenon.events.hall.marking import mark
from tenon.events.models import Meeting
from tenon.events.results.services.reaching import count_reached
from tenon.figures.recording import record_contract
from tenon.insight.measures.recording import record_staff
from tenon.introductions.models import Introduction
from tenon.listings.models import Listing
from tenon.listings.states import LISTING
from tenon.network.models import BrokerProfile, Station, StationMember
from tenon.payments.models import Payment
from tenon.routing.models import NeedCase, NeedCaseMove
from tests.events.results.cast import check_in
from tests.events.results.cast import make_cast as make_event_cast
from tests.factories.accounts import actor_for
from tests.factories.deals import make_deal
from tests.factories.listings import make_achievement, make_need
from tests.factories.network import make_station, make_station_member
from tests.introductions.cast import bring_to
from tests.introductions.cast import make_cast as make_introduction_cast

DAY = timedelta(days=1)
FIELD = ("ipc", "G01")
REGION = "420100"


def at(day: date, hour: int = 2) -> datetime:
    """Return ten in the morning of a day in Wuhan."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@dataclass
class Stage:
    """What one stage of the world brought."""

    station: Station
    broker: User
    need: Listing
    done: Listing
    result: Listing
    meeting: Meeting
    host: User
    introduction: Introduction
    deal: Deal
    payment: Payment
    case: NeedCase


def publish(session: Session, listing: Listing, day: date) -> None:
    """Hand a draft in and publish it, as its services do with the history."""
    LISTING.move(listing, "submit", by=SYSTEM, now=at(day))
    LISTING.move(listing, "publish", by=SYSTEM, now=at(day, 3))
    listing.submitted_at = listing.published_at = at(day, 3)
    session.flush()


def stage(session: Session, day: date) -> Stage:
    """Let one of everything happen on a day, recorded that day."""
    station = make_station(session, region=REGION)
    broker = make_station_member(session, station, since=day)
    session.add(BrokerProfile(user_id=broker.id, certificate="broker", updated_at=at(day)))
    make_station_member(session, station, role="head", since=day)
    make_station_member(session, station, role="liaison", since=day)
    common: dict[str, Any] = {
        "station_id": station.id, "region": REGION, "fields": [FIELD], "created_at": at(day),
    }  # fmt: skip
    need, done = make_need(session, **common), make_need(session, **common)
    result = make_achievement(session, **common)
    for each in (need, done, result):
        publish(session, each, day)
        record_act(
            session, thing=("listing", each.public_id), act="collected", person=broker,
            concerned=(), by=SYSTEM, now=at(day, 3),
        )  # fmt: skip
    LISTING.move(done, "conclude", by=SYSTEM, now=at(day, 4))
    meeting, host = _met(session, station, day)
    cast = make_introduction_cast(session)
    cast.people["from_editor"].email = f"rui-{station.id}@basalt-reef.example"  # one a stage
    cast.result.station_id = cast.need.station_id = station.id
    made = bring_to(session, cast, "connected", now=at(day))
    deal = _signed(session, [need, result], broker, day)
    made_stage = Stage(
        station, broker, need, done, result, meeting, host, made, deal,
        _paid(session, deal, day), _answered(session, need, station, broker, day),
    )  # fmt: skip
    record_staff(session, now=at(day, 9))
    return made_stage


def _met(session: Session, station: Station, day: date) -> tuple[Meeting, User]:
    cast = make_event_cast(session, start=at(day), region=REGION)
    make_station_member(session, station, cast.people["broker"], since=day)
    check_in(session, cast.here)
    count_reached(session, now=at(day, 9))
    run_by = actor_for(cast.people["operator"])
    mark(session, cast.meeting, "held", version=None, by=run_by, now=at(day, 9))
    return cast.meeting, cast.people["broker"]


def _signed(session: Session, listings: list[Listing], broker: User, day: date) -> Deal:
    deal = make_deal(
        session, state="signed", listings=listings, broker=broker, now=at(day),
        value_minor=10_000_000, technology_value_minor=8_000_000,
    )  # fmt: skip
    record_contract(session, deal, now=at(day))
    record_act(
        session, thing=("deal", deal.public_id), act="closed", person=broker,
        concerned=(), by=SYSTEM, now=at(day),
    )  # fmt: skip
    register(session, deal, day)
    return deal


def register(session: Session, deal: Deal, day: date) -> None:
    """The certificate of the contract's registration, of that day."""
    from tenon.compliance.models import ContractRegistration

    session.add(
        ContractRegistration(
            deal_id=deal.id, number=f"2026{deal.id:012d}", project_name=deal.title,
            contract="licence", signed_on=deal.signed_on, registered_on=day, currency="CNY",
            value_minor=9_000_000, technology_value_minor=7_000_000, seller_country="156",
            seller_division=REGION, seller_nature="institution", buyer_country="156",
            buyer_nature="enterprise",
        )
    )  # fmt: skip
    session.flush()
    record_contract(session, deal, now=at(day, 5))


def _paid(session: Session, deal: Deal, day: date) -> Payment:
    payment = Payment(
        deal_id=deal.id, payee="seller", amount_minor=500_000, currency="CNY", paid_on=day,
        state="received", key=f"p{deal.id}", recorded_at=at(day), announced_at=at(day),
    )  # fmt: skip
    session.add(payment)
    session.flush()
    return payment


def _answered(
    session: Session, need: Listing, station: Station, broker: User, day: date
) -> NeedCase:
    case = NeedCase(
        listing_id=need.id, entry_station_id=station.id, station_id=station.id,
        broker_id=broker.id, state="answered", received_at=at(day), due_on=day,
        answered_at=at(day), answered_how="reply",
    )  # fmt: skip
    session.add(case)
    session.flush()
    for number, kind in enumerate(("received", "answered"), 1):
        _step(session, case, number, kind, at(day, 2 + number))
    return case


def _step(session: Session, case: NeedCase, number: int, kind: str, moment: datetime) -> None:
    session.add(
        NeedCaseMove(
            case_id=case.id, number=number, kind=kind, at=moment, due_on=case.due_on,
            state="answered" if kind == "answered" else "open",
            to_station_id=case.station_id, to_broker_id=case.broker_id,
        )
    )  # fmt: skip
    session.flush()


def go_on(session: Session, before: Stage, day: date) -> None:
    """Let everything that can befall what was counted befall it, on a later day."""
    now = at(day)
    LISTING.move(before.need, "withdraw", by=SYSTEM, now=now)
    LISTING.move(before.result, "withdraw", by=SYSTEM, now=now)
    LISTING.move(before.result, "reopen", by=SYSTEM, now=now + DAY)
    publish(session, before.result, day + 2 * DAY)
    mark(session, before.meeting, "undo", version=None, by=SYSTEM, now=now)
    before.introduction.broker_id = before.host.id  # handed over
    _amended(session, before.deal, now)
    before.payment.state, before.payment.ended_at = "taken_back", now
    before.payment.end_reason = "entered twice"
    _step(session, before.case, 3, "reopened", now)
    _step(session, before.case, 4, "answered", now + DAY)
    _struck(session, now)
    _left(session, before, day)
    history.record(session, chain=("event", "other"), kind="reached", by=SYSTEM, now=now)
    session.flush()
    record_staff(session, now=now + 7 * timedelta(hours=1))


def _amended(session: Session, deal: Deal, now: datetime) -> None:
    deal.value_minor = 15_000_000
    deal.technology_value_minor = 9_000_000
    session.flush()
    record_contract(session, deal, now=now)


def _struck(session: Session, now: datetime) -> None:
    """Strike every line of the ledger that stands by now."""
    for line in session.scalars(sa.select(CreditEntry).order_by(CreditEntry.id)).all():
        append(
            session, thing=(line.thing_kind, line.thing_id), says="strike", act=line.act,
            person=session.get_one(User, line.user_id), organisation_id=line.organisation_id,
            replaces=line, by=SYSTEM, now=now,
        )  # fmt: skip


def _left(session: Session, before: Stage, day: date) -> None:
    for member in session.scalars(
        sa.select(StationMember).where(StationMember.station_id == before.station.id)
    ):
        if member.role == "head":
            member.role = "broker"
        elif member.role == "liaison":
            member.until, member.ended_at = member.since, at(day)
    profile = session.get_one(BrokerProfile, before.broker.id)
    profile.certificate = "manager"
    session.flush()
