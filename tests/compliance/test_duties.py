"""Duties beside the pipeline: their days, their closing, registration's fields, title, chasing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.compliance.models import ContractRegistration, Duty
from tenon.compliance.services import duties, registering, watching
from tenon.compliance.services.registering import Certificate
from tenon.deals.guards import open_points
from tenon.deals.models import Deal
from tenon.deals.services import step_of
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid
from tenon.notices.models import Notice
from tests.compliance.cast import Cast, open_deal
from tests.factories.deals import make_deal
from tests.factories.listings import NOW

SIGNED = date(2026, 11, 30)
LATER = datetime(2027, 6, 1, 2, 0, tzinfo=UTC)
CERTIFICATE: dict[str, Any] = {
    "number": "2026420100001234",
    "project_name": "光纤测温装置独占实施许可",
    "contract": "licence",
    "signed_on": SIGNED,
    "registered_on": date(2026, 12, 20),
    "value_minor": 60_000_000,
    "technology_value_minor": 55_000_000,
    "seller_division": "420100",
    "seller_nature": "institution",
    "buyer_division": "420106",
    "buyer_nature": "enterprise",
}


def signed(session: Session, cast: Cast, form: str = "licence_exclusive", **columns: Any) -> Deal:
    """A deal that was signed on the last of November, with its duties laid out."""
    days: dict[str, Any] = {
        "signed_on": SIGNED,
        "effective_on": SIGNED,
        "value_minor": 60_000_000,
    }
    deal = make_deal(
        session,
        form=form,
        state="signed",
        seller=cast.university,
        buyer=cast.firm,
        listings=[cast.result],
        rights=cast.result.ip_rights,
        **days | columns,
    )
    duties.start(session, deal, by=cast.actor("seller_administrator"), now=NOW)
    return deal


def test_a_licence_is_filed_within_three_months_and_a_contract_is_registered(
    session: Session, cast: Cast
) -> None:
    deal = signed(session, cast)
    found = {each.code: each for each in duties.duties(session, deal)}
    assert set(found) == {"contract_registration", "licence_filing"}
    filing = found["licence_filing"]
    assert filing.due_on == date(2027, 2, 28)  # 30 November and three months: Civil Code 202
    assert "第十五条" in str(filing.source_zh)
    assert (found["contract_registration"].optional, found["contract_registration"].due_on) == (
        True,
        None,
    )


def test_signing_again_lays_out_nothing_twice(session: Session, cast: Cast) -> None:
    deal = signed(session, cast)
    assert duties.start(session, deal, by=cast.actor("seller_editor"), now=NOW) == []


def test_title_passes_on_the_registers_entry(session: Session, cast: Cast) -> None:
    deal = signed(session, cast, "assignment")
    deal.state, deal.stage = "in_force.title_pending", "in_force"
    session.flush()
    step = step_of(deal, "register_title")
    points = open_points(session, deal, step, now=LATER)
    refused = next(each for each in points if each.guard == "title_registered")
    assert "article 10" in refused.source_en
    title = duties.duty(session, deal, "title_transfer")
    by = cast.actor("seller_administrator")
    with pytest.raises(IllegalTransition):
        duties.waive(session, title, reason="不办", by=by, now=LATER)
    duties.do(session, title, number="CN-登-88", done_on=date(2027, 1, 9), by=by, now=LATER)
    assert [each.guard for each in open_points(session, deal, step, now=LATER)] == []


@pytest.mark.parametrize(
    ("number", "done_on", "errors"),
    [
        ("", date(2027, 1, 9), {"number": "required"}),
        ("1", date(2027, 7, 1), {"done_on": "in_the_future"}),
        ("1", date(2026, 11, 29), {"done_on": "before_signed"}),
        ("1" * 61, date(2027, 1, 9), {"number": "too_long"}),
    ],
)
def test_a_duty_is_done_with_number_and_day(
    session: Session, cast: Cast, number: str, done_on: date, errors: dict[str, str]
) -> None:
    found = duties.duty(session, signed(session, cast), "licence_filing")
    by = cast.actor("seller_editor")
    with pytest.raises(Invalid) as told:
        duties.do(session, found, number=number, done_on=done_on, by=by, now=LATER)
    assert told.value.fields == errors


def test_a_duty_is_closed_once_and_by_its_owner(session: Session, cast: Cast) -> None:
    deal = signed(session, cast)
    found = duties.duty(session, deal, "licence_filing")
    done: dict[str, Any] = {"number": "2027-1", "done_on": date(2027, 1, 9), "now": LATER}
    with pytest.raises(Forbidden):
        duties.do(session, found, **done, by=cast.actor("buyer_administrator"))
    duties.do(session, found, **done, by=cast.actor("seller_editor"))
    with pytest.raises(Conflict):
        duties.do(session, found, **done, by=cast.actor("seller_editor"))


def test_a_waiver_needs_an_administrator_and_a_reason(session: Session, cast: Cast) -> None:
    found = duties.duty(session, signed(session, cast), "licence_filing")
    with pytest.raises(Forbidden):
        duties.waive(session, found, reason="无专利", by=cast.actor("seller_editor"), now=LATER)
    by = cast.actor("seller_administrator")
    with pytest.raises(Invalid):
        duties.waive(session, found, reason="  ", by=by, now=LATER)
    duties.waive(session, found, reason="仅许可技术秘密", by=by, now=LATER)
    assert found.state == "waived"


@pytest.mark.parametrize(
    ("technology", "due_on"), [(499_999_999, date(2026, 12, 22)), (500_000_000, date(2027, 1, 12))]
)
def test_the_authority_decides_in_15_working_days_or_30(
    session: Session, cast: Cast, technology: int, due_on: date
) -> None:
    deal = signed(session, cast, value_minor=600_000_000, technology_value_minor=technology)
    found = duties.duty(session, deal, "contract_registration")
    duties.note_applied(
        session, found, applied_on=date(2026, 12, 1), by=cast.actor("seller_editor"), now=LATER
    )
    assert found.due_on == due_on


def test_a_registration_keeps_what_its_certificate_says(session: Session, cast: Cast) -> None:
    deal = signed(session, cast)
    found = duties.duty(session, deal, "contract_registration")
    by = cast.actor("seller_editor")
    with pytest.raises(IllegalTransition):
        duties.do(session, found, number="1", done_on=SIGNED, by=by, now=LATER)
    made = registering.register(session, found, Certificate(**CERTIFICATE), by=by, now=LATER)
    assert (found.state, found.number) == ("done", CERTIFICATE["number"])
    assert made.technology_value_minor == 55_000_000


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"number": "202642010000123"}, {"number": "not_16_digits"}),
        ({"number": "２０２６420100001234"}, {"number": "not_16_digits"}),
        ({"technology_value_minor": 60_000_001}, {"technology_value": "above_value"}),
        ({"technology_value_minor": -1}, {"technology_value": "out_of_range"}),
        ({"value_minor": None}, {"value": "required"}),
        ({"seller_country": "CN"}, {"seller_country": "not_a_country"}),
        ({"buyer_division": ""}, {"buyer_division": "not_a_division"}),
        ({"registered_on": date(2026, 11, 1)}, {"registered_on": "before_signed"}),
        (
            {"valid_from": date(2027, 1, 1), "valid_to": date(2026, 1, 1)},
            {"valid_to": "out_of_order"},
        ),
        ({"contract": "gift"}, {"contract": "unknown_code"}),
    ],
)
def test_a_certificate_that_cannot_be_is_refused(
    session: Session, cast: Cast, given: dict[str, Any], errors: dict[str, str]
) -> None:
    found = duties.duty(session, signed(session, cast), "contract_registration")
    certificate = Certificate(**CERTIFICATE | given)
    with pytest.raises(Invalid) as told:
        registering.register(session, found, certificate, by=cast.actor("seller_editor"), now=LATER)
    assert told.value.fields == errors


def test_a_buyer_abroad_has_no_division(session: Session, cast: Cast) -> None:
    found = duties.duty(session, signed(session, cast), "contract_registration")
    abroad = CERTIFICATE | {"buyer_country": "DEU", "buyer_division": ""}
    by = cast.actor("seller_editor")
    registering.register(session, found, Certificate(**abroad), by=by, now=LATER)
    assert session.scalars(sa.select(ContractRegistration.buyer_division)).all() == [None]


def test_a_number_is_one_contracts(session: Session, cast: Cast) -> None:
    by = cast.actor("seller_editor")
    first, second = (
        duties.duty(session, signed(session, cast), "contract_registration") for _ in range(2)
    )
    registering.register(session, first, Certificate(**CERTIFICATE), by=by, now=LATER)
    with pytest.raises(Invalid) as told:
        registering.register(session, second, Certificate(**CERTIFICATE), by=by, now=LATER)
    assert told.value.fields == {"number": "already_taken"}


def test_overdue_duties_are_chased_weekly_until_they_are_closed(
    session: Session, cast: Cast
) -> None:
    deal = signed(session, cast)
    filing = duties.duty(session, deal, "licence_filing")
    assert filing.due_on is not None
    start = datetime(2027, 2, 1, 2, 0, tzinfo=UTC)
    chased = [watching.chase_duties(session, now=start + timedelta(days=n)) for n in range(45)]
    days = [(start + timedelta(days=n)).date() for n, many in enumerate(chased) if many]
    assert days == [date(2027, 2, 14), date(2027, 3, 1), date(2027, 3, 9), date(2027, 3, 17)]
    kinds = session.scalars(
        sa.select(Notice.kind).where(Notice.kind.like("duty%")).order_by(Notice.id)
    ).all()
    assert kinds == ["duty_due", "duty_overdue", "duty_overdue", "duty_overdue"]
    by = cast.actor("seller_administrator")
    duties.do(session, filing, number="1", done_on=date(2027, 3, 2), by=by, now=LATER)
    assert watching.chase_duties(session, now=LATER) == 0


def test_filing_after_a_trial_is_counted_from_the_conversion(session: Session, cast: Cast) -> None:
    deal = signed(session, cast, "pay_after_use")
    filing = duties.duty(session, deal, "licence_filing")
    assert filing.due_on is None
    assert duties.count_from_step(session, deal, "accept", now=LATER) == 0
    assert duties.count_from_step(session, deal, "convert", now=LATER) == 1
    assert filing.due_on == date(2027, 9, 1)
    assert duties.count_from_step(session, deal, "convert", now=LATER + timedelta(days=9)) == 0


def test_a_form_without_duties_starts_none(session: Session, cast: Cast) -> None:
    deal = open_deal(session, cast, "consulting")
    made = duties.start(session, deal, by=cast.actor("seller_editor"), now=NOW)
    assert {each.code for each in made} <= {"contract_registration"}
    assert session.scalar(sa.select(sa.func.count()).select_from(Duty)) == len(made)
