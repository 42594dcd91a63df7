"""A patent licence holds only while its patents do: Civil Code 865."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.outbox.models import OutboxMessage
from tenon.payments import tasks, watching
from tenon.payments.models import Obligation
from tenon.payments.obligations import services
from tenon.payments.obligations.scheduling import schedule
from tests.factories.deals import make_terms
from tests.factories.listings import make_ip_right
from tests.payments.cast import TODAY, Cast, make_cast, owe, pay, yuan

FILED = date(2010, 4, 1)
"""Of an invention: it ends on 31 March 2030."""
TERMS: dict[str, Any] = {
    "payment_mode": "single",
    "up_front": yuan(100_000),
    "up_front_days": 30,
    "maintenance_fee": yuan(6_000),
    "duration": "patent_life",
}


def licence(session: Session, *, now: datetime, terms: dict[str, Any], **columns: Any) -> Cast:
    """A licence of today under one patent."""
    right = make_ip_right(session, filed_on=FILED)
    return make_cast(session, now=now, terms=TERMS | terms, rights=[right], **columns)


def fees(session: Session, cast: Cast) -> dict[str, int]:
    """Key -> net of the yearly fees that are planned or due."""
    found = session.scalars(
        sa.select(Obligation).where(
            Obligation.deal_id == cast.deal.id,
            Obligation.kind == "maintenance",
            Obligation.state != "cancelled",
        )
    )
    return {each.key: each.net_minor for each in found}


def at(year: int, month: int, day: int) -> datetime:
    """Noon in Wuhan."""
    return datetime(year, month, day, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize("ends_on", [None, date(2036, 11, 21)])
def test_yearly_fees_stop_with_the_patents(
    session: Session, now: datetime, ends_on: date | None
) -> None:
    """Three months of 2030 are 1,500, and nothing is added for 2031 however late it is."""
    cast = licence(session, now=now, terms={}, ends_on=ends_on)
    schedule(session, cast.deal, by=SYSTEM, now=at(2029, 6, 1))
    found = fees(session, cast)
    assert max(found) == "maintenance:2030"
    assert found["maintenance:2030"] == 1_500_00
    tasks.add_years(session, {"deal_id": cast.deal.id}, at(2031, 6, 1))
    assert fees(session, cast) == found


def test_know_how_outlasts_the_patents_by_its_agreed_term(session: Session, now: datetime) -> None:
    end = date(2032, 12, 31)
    cast = licence(session, now=now, terms={"know_how": "图纸与样件"}, ends_on=end)
    assert fees(session, cast)["maintenance:2032"] == 6_000_00


def test_fees_that_were_charged_beyond_the_patents_are_credited(
    session: Session, now: datetime
) -> None:
    """A fee of 2031 that fell due before its patent's day of filing was known."""
    cast = make_cast(session, now=now, terms=TERMS, ends_on=None)
    schedule(session, cast.deal, by=SYSTEM, now=at(2031, 6, 1))
    assert fees(session, cast)["maintenance:2031"] == 6_000_00
    cast.deal.ip_rights.append(make_ip_right(session, filed_on=FILED))
    session.flush()
    schedule(session, cast.deal, by=SYSTEM, now=at(2031, 6, 1))
    assert max(fees(session, cast)) == "maintenance:2030"


def over(session: Session, *, now: datetime, **columns: Any) -> Cast:
    """A licence that owes nothing."""
    return licence(session, now=now, terms={"maintenance_fee": None, "up_front": None}, **columns)


def watch(session: Session, cast: Cast, *, now: datetime) -> str:
    """Let a night pass; return the deal's state after it."""
    watching.watch(session, now=now)
    for told in session.scalars(sa.select(OutboxMessage).filter_by(topic="payments.complete")):
        tasks.complete(session, told.payload, now)
    return cast.deal.state


@pytest.mark.parametrize(
    ("ends_on", "last"),
    [
        (date(2027, 5, 31), date(2027, 5, 31)),
        (None, date(2030, 3, 31)),
        (date(2036, 11, 21), date(2030, 3, 31)),
    ],
)
def test_a_licence_that_is_over_and_paid_is_completed_the_night_after_its_last_day(
    session: Session, now: datetime, ends_on: date | None, last: date
) -> None:
    cast = over(session, now=now, ends_on=ends_on)
    assert watch(session, cast, now=at(last.year, last.month, last.day)) == "in_force"
    after = at(last.year, last.month, last.day) + timedelta(days=1)
    assert watch(session, cast, now=after) == "completed"
    assert cast.deal.ended_on == after.date()
    assert watch(session, cast, now=after) == "completed"


def test_a_licence_that_owes_something_stays_until_it_is_paid(
    session: Session, now: datetime
) -> None:
    cast = over(session, now=now, ends_on=date(2027, 5, 31))
    owed = owe(session, cast, "royalty:1", 100, now=now)
    assert watch(session, cast, now=at(2027, 6, 1)) == "in_force"
    pay(session, cast, 100, now=at(2027, 6, 1), wishes=(owed.public_id,))
    assert watch(session, cast, now=at(2027, 6, 2)) == "completed"


def test_a_licence_of_which_a_side_owes_an_answer_stays(session: Session, now: datetime) -> None:
    """A milestone that waits to be accepted is still to be paid, and an amendment may extend it."""
    milestones = [{"title": "样机", "criterion": "连续运行", "minor": 100, "due": None}]
    terms = {"maintenance_fee": None, "up_front": None, "milestones": milestones}
    waits = licence(session, now=now, terms=terms, ends_on=date(2027, 5, 31))
    assert watch(session, waits, now=at(2027, 6, 1)) == "in_force"
    amended = over(session, now=now, ends_on=date(2027, 5, 31))
    version = make_terms(session, amended.deal, values=TERMS, state="proposed", number=2, now=now)
    assert watch(session, amended, now=at(2027, 6, 1)) == "in_force"
    version.state = "withdrawn"
    session.flush()
    assert watch(session, amended, now=at(2027, 6, 2)) == "completed"


def test_a_licence_with_an_unknown_end_and_other_deals_stay(
    session: Session, now: datetime
) -> None:
    """A right without a day of filing says nothing; an assignment is completed by its sides."""
    unknown = over(session, now=now, ends_on=None)
    unknown.deal.ip_rights.append(make_ip_right(session))
    sold = over(
        session,
        now=now,
        form="assignment",
        state="in_force.title_pending",
        ends_on=date(2027, 5, 31),
    )
    session.flush()
    assert watch(session, unknown, now=at(2031, 6, 1)) == "in_force"
    assert sold.deal.stage == "in_force"
    tasks.complete(session, {"deal_id": sold.deal.id}, at(2031, 6, 1))
    assert sold.deal.stage == "in_force"


def test_a_waived_fee_owes_nothing(session: Session, now: datetime) -> None:
    cast = licence(session, now=now, terms={"maintenance_fee": None}, ends_on=date(2027, 5, 31))
    row = session.scalars(sa.select(Obligation).filter_by(deal_id=cast.deal.id)).one()
    services.waive(session, row, reason="示范", by=cast.actor("seller_editor"), now=now)
    assert row.due_on is not None
    assert row.due_on > TODAY
    assert watch(session, cast, now=at(2027, 6, 1)) == "completed"
