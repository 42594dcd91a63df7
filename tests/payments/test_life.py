"""What a deal's steps and time do to its payments, and who is told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts import personal_data
from tenon.actors import SYSTEM
from tenon.deals import timeline
from tenon.deals.effects import known as known_effects
from tenon.deals.guards import RuleBroken, open_points
from tenon.deals.guards import known as known_guards
from tenon.deals.services.moving import step_of, take_step
from tenon.deals.services.watching import take_effect_due
from tenon.notices.models import Notice
from tenon.outbox.models import OutboxMessage
from tenon.payments import receiving, reminding, tasks, watching
from tenon.payments.models import Obligation, Payment
from tenon.payments.obligations import services
from tenon.payments.receiving import Given
from tests.payments.cast import ROLES, TERMS, TODAY, Cast, make_cast, owe, pay

PARTIES = {role for role in ROLES if role.endswith(("editor", "administrator", "charge"))}


def _states(session: Session, cast: Cast) -> dict[str, str]:
    found = session.scalars(sa.select(Obligation).filter_by(deal_id=cast.deal.id))
    return {each.key: each.state for each in found}


def _told(session: Session, cast: Cast) -> list[tuple[str, str]]:
    names = {user.id: role for role, user in cast.people.items()}
    found = session.scalars(sa.select(Notice).order_by(Notice.id))
    return [(each.kind, names[each.user_id]) for each in found]


def test_guards_and_effects_are_registered() -> None:
    assert {"all_paid", "offer_paid", "buy_out_agreed"} <= known_guards()
    assert {"schedule_obligations", "cancel_planned"} <= known_effects()


def test_saving_terms_makes_receivables_when_the_deal_takes_effect(
    session: Session, now: datetime
) -> None:
    cast = make_cast(session, now=now, scheduled=False, state="signed")
    assert take_effect_due(session, now=now) == 1
    assert cast.deal.stage == "in_force"
    assert _states(session, cast)["up_front"] == "planned"


def test_a_deal_is_not_completed_while_something_is_unpaid(session: Session, now: datetime) -> None:
    cast = make_cast(session, now=now, terms={}, scheduled=False)
    owed = owe(session, cast, "royalty:1", 100, now=now)
    later = owe(session, cast, "royalty:2", 100, now=now, days=9)
    complete = step_of(cast.deal, "complete")

    def refused() -> list[str]:
        found = open_points(session, cast.deal, complete, now=now)
        return [each.guard for each in found if each.guard == "all_paid"]

    assert refused() == ["all_paid"]
    pay(session, cast, 100, now=now, wishes=(owed.public_id,))
    assert refused() == ["all_paid"]
    by = cast.actor("seller_editor")
    services.waive(session, later, reason="和解", by=by, now=now)
    assert refused() == []
    with pytest.raises(RuleBroken):  # its term is not over: another room's guard
        take_step(session, cast.deal, "complete", by=by, now=now)


def test_completed_deals_wait_for_nothing(session: Session, now: datetime) -> None:
    cast = make_cast(session, now=now)
    cast.deal.stage = cast.deal.state = "completed"
    session.flush()
    tasks.deal_moved(session, {"id": cast.deal.id}, now)
    states = _states(session, cast)
    assert states["milestone:1"] == states["milestone:2"] == "cancelled"
    assert states["up_front"] == "planned"


def test_termination_ends_what_is_not_due(session: Session, now: datetime) -> None:
    cast = make_cast(session, now=now)
    owe(session, cast, "royalty:1", 100, now=now)
    by = cast.actor("seller_administrator")
    take_step(session, cast.deal, "terminate", by=by, now=now, reason="agreed")
    states = _states(session, cast)
    assert states.pop("royalty:1") == "due"
    assert set(states.values()) == {"cancelled"}


def test_a_statement_after_termination_charges_a_minimum_that_had_ended(
    session: Session, now: datetime
) -> None:
    terms = {**TERMS, "minimum_annual": {"minor": 100_00, "currency": "CNY"}}
    cast = make_cast(session, now=now, terms=terms)
    services.cancel_planned(session, cast.deal, by=SYSTEM, now=now)
    owed = owe(session, cast, "minimum:2026", 40_00, now=now, kind="minimum")
    assert (owed.state, owed.net_minor) == ("due", 40_00)


def test_time_makes_it_due_and_reminds(session: Session, now: datetime) -> None:
    cast = make_cast(session, now=now, terms={**TERMS, "maintenance_fee": None})
    owed = session.scalars(sa.select(Obligation).filter_by(key="up_front")).one()
    due = TODAY + timedelta(days=30)
    assert owed.remind_on == due - timedelta(days=14)
    assert watching.watch(session, now=now) == 0
    before = now + timedelta(days=16)
    assert watching.watch(session, now=before) == 1
    assert watching.watch(session, now=before) == 0  # asked for once a day
    assert watching.remind(session, owed, now=before)
    assert not watching.remind(session, owed, now=before)
    assert owed.remind_on == due - timedelta(days=3)
    assert _told(session, cast) == [("payment_due_soon", "buyer_charge")]
    on_day = now + timedelta(days=30)
    watching.watch(session, now=on_day)
    topics = session.scalars(sa.select(OutboxMessage.topic)).all()
    assert "payments.fall_due" in topics
    tasks.due(session, {"deal_id": cast.deal.id}, on_day)
    assert owed.state == "due"
    late = now + timedelta(days=31)
    assert watching.remind(session, owed, now=late)
    assert _told(session, cast)[1:] == [
        ("payment_overdue", "buyer_charge"),
        ("payment_overdue_theirs", "seller_charge"),
    ]
    pay(session, cast, 106_000_00, now=late)
    assert owed.remind_on is None
    assert not watching.remind(session, owed, now=late + timedelta(days=30))


def test_reminders_come_on_their_days_and_end() -> None:
    days = []
    day = reminding.first_reminder(TODAY, TODAY - timedelta(days=100))
    while day is not None:
        days.append((day - TODAY).days)
        day = reminding.next_reminder(TODAY, day)
    assert days == [-14, -3, 1, 14, 30, 60, 90]


def test_an_open_ended_contract_gets_its_years(session: Session, now: datetime) -> None:
    cast = make_cast(session, now=now, ends_on=None)
    assert "maintenance:2029" not in _states(session, cast)
    later = datetime(2027, 1, 5, 8, tzinfo=now.tzinfo)
    watching.watch(session, now=later)
    assert "payments.add_years" in session.scalars(sa.select(OutboxMessage.topic)).all()
    tasks.add_years(session, {"deal_id": cast.deal.id}, later)
    assert _states(session, cast)["maintenance:2029"] == "planned"


def test_the_other_side_is_told(session: Session, cast: Cast, now: datetime) -> None:
    owe(session, cast, "royalty:1", 100, now=now)
    given = Given("seller", 100, "CNY", now.date(), "announced")
    payment = receiving.announce(session, cast.deal, given, by=cast.actor("buyer_editor"), now=now)
    receiving.confirm(session, payment, by=cast.actor("seller_editor"), now=now)
    found = session.scalars(
        sa.select(OutboxMessage).filter_by(topic="payments.happened").order_by(OutboxMessage.id)
    ).all()
    for message in found:
        tasks.happened(session, message.payload, now)
    assert _told(session, cast) == [
        ("payment_announced", "seller_charge"),
        ("payment_received", "buyer_charge"),
    ]
    assert not any("1.00" in str(each.facts) for each in session.scalars(sa.select(Notice)))


def test_the_timeline_tells_the_parties_alone(session: Session, cast: Cast, now: datetime) -> None:
    owe(session, cast, "royalty:1", 100, now=now)
    payment = pay(session, cast, 100, now=now)
    by = cast.actor("seller_editor")
    receiving.take_back(session, payment, reason="录错", by=by, now=now)
    for role in ROLES:
        found = timeline.line(session, cast.deal, cast.actor(role))
        told = [each for each in found if each.kind == "payment"]
        assert len(told) == (2 if role in PARTIES else 0), role


def test_what_the_room_holds_about_a_person(session: Session, cast: Cast, now: datetime) -> None:
    payment = pay(session, cast, 100, now=now)
    person = cast.people["seller_editor"]
    held = personal_data.collect(session, person)["payments"]
    assert [each["id"] for each in held["payments"]] == [payment.public_id]
    personal_data.erase(session, person, now)
    session.flush()
    session.refresh(payment)
    assert payment.recorded_by is None
    assert session.scalar(sa.select(sa.func.count(Payment.id))) == 1
