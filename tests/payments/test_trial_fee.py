"""A trial fee that counts towards the price: taken off once, whatever is paid after the trial."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import SYSTEM
from tenon.payments.models import Obligation
from tenon.payments.obligations import services
from tenon.payments.obligations.crediting import left_for_royalties
from tenon.payments.obligations.scheduling import fall_due, schedule
from tenon.payments.queries import payments_left, standings
from tenon.payments.reports.agreed import agreed
from tests.payments.cast import TODAY, Cast, make_cast, pay, yuan
from tests.payments.reports.scenes import amend

TERMS: dict[str, Any] = {
    "trial_fee": yuan(30_000),
    "trial_fee_credited": True,
    "payment_mode": "buy_out",
    "buy_out": yuan(300_000),
    "buy_out_days": 30,
    "vat_mode": "added",
    "vat_rate": "6",
}
STAGES = [
    {"title": "首期", "minor": 20_000_00, "on": None, "after": "convert", "days": 10},
    {"title": "二期", "minor": 100_000_00, "on": None, "after": "convert", "days": 90},
    {"title": "三期", "minor": 80_000_00, "on": "2027-12-31", "after": None, "days": 0},
]
STAGED = {"payment_mode": "staged", "buy_out": None, "buy_out_days": None, "instalments": STAGES}


def trial(session: Session, *, now: datetime, **terms: Any) -> Cast:
    """A trial that began today; its fee is owed."""
    values = {key: value for key, value in (TERMS | terms).items() if value is not None}
    cast = make_cast(
        session,
        now=now,
        terms=values,
        scheduled=False,
        form="pay_after_use",
        state="in_force.in_use",
        ends_on=None,
    )
    happens(session, cast, "start_use", now=now)
    return cast


def happens(session: Session, cast: Cast, step: str, *, now: datetime) -> None:
    """A step of the trial is in the deal's history, and its schedule is made."""
    chain = ("deal", cast.deal.public_id)
    history.record(session, chain=chain, kind=step, by=SYSTEM, now=now)
    schedule(session, cast.deal, by=SYSTEM, now=now)


def sums(session: Session, cast: Cast) -> dict[str, int]:
    """Key -> net of what is owed."""
    found = session.scalars(sa.select(Obligation).filter_by(deal_id=cast.deal.id))
    return {each.key: each.net_minor for each in found}


def row(session: Session, cast: Cast, key: str) -> Obligation:
    """Return what is owed under a key."""
    return session.scalars(sa.select(Obligation).filter_by(deal_id=cast.deal.id, key=key)).one()


def test_the_buy_out_is_less_the_trial_fee(session: Session, now: datetime) -> None:
    """30,000 and 270,000, each with its VAT: 300,000 in all, before and after the conversion."""
    cast = trial(session, now=now)
    expected = {"trial_fee": 30_000_00, "buy_out": 270_000_00}
    assert sums(session, cast) == expected
    assert row(session, cast, "buy_out").facts["credited"] == 30_000_00
    later = now + timedelta(days=60)
    happens(session, cast, "convert", now=later)
    assert sums(session, cast) == expected
    fall_due(session, cast.deal, by=SYSTEM, now=later + timedelta(days=30))
    pay(session, cast, 318_000_00, now=later + timedelta(days=30))
    rows = [row(session, cast, key) for key in expected]
    standing = standings(session, rows)
    assert [each.state for each in rows] == ["paid", "paid"]
    assert sum(standing[each.id].charged for each in rows) == 318_000_00
    assert sum(standing[each.id].open for each in rows) == 0
    assert left_for_royalties(session, cast.deal, {**TERMS}) == 0


def test_a_fee_that_does_not_count_is_paid_on_top(session: Session, now: datetime) -> None:
    cast = trial(session, now=now, trial_fee_credited=False)
    assert sums(session, cast) == {"trial_fee": 30_000_00, "buy_out": 300_000_00}
    assert "credited" not in row(session, cast, "buy_out").facts


def test_with_vat_in_the_sums_the_fee_is_taken_off_the_whole(
    session: Session, now: datetime
) -> None:
    cast = trial(session, now=now, vat_mode="included")
    assert row(session, cast, "buy_out").gross_minor == 270_000_00


def test_stages_bear_it_in_their_order_until_it_is_used_up(session: Session, now: datetime) -> None:
    """20,000 of the first, so that it is nothing, and 10,000 of the second."""
    cast = trial(session, now=now, **STAGED)
    expected = {
        "trial_fee": 30_000_00,
        "instalment:1": 0,
        "instalment:2": 90_000_00,
        "instalment:3": 80_000_00,
    }
    assert sums(session, cast) == expected
    later = now + timedelta(days=60)
    happens(session, cast, "convert", now=later)
    assert sums(session, cast) == expected
    fall_due(session, cast.deal, by=SYSTEM, now=later + timedelta(days=100))
    assert row(session, cast, "instalment:1").state == "cancelled"
    assert row(session, cast, "instalment:2").state == "due"
    assert schedule(session, cast.deal, by=SYSTEM, now=later + timedelta(days=100)) == []


def test_what_fell_due_before_the_conversion_bears_nothing(session: Session, now: datetime) -> None:
    dated = {**STAGES[0], "on": "2026-12-01", "after": None, "days": 0}
    cast = trial(session, now=now, **(STAGED | {"instalments": [dated, STAGES[1]]}))
    happens(session, cast, "convert", now=now + timedelta(days=60))
    found = sums(session, cast)
    assert (found["instalment:1"], found["instalment:2"]) == (20_000_00, 70_000_00)


def test_a_fee_that_was_waived_counts_for_nothing(session: Session, now: datetime) -> None:
    cast = trial(session, now=now)
    fee = row(session, cast, "trial_fee")
    services.waive(session, fee, reason="示范项目", by=cast.actor("seller_editor"), now=now)
    happens(session, cast, "convert", now=now + timedelta(days=60))
    assert sums(session, cast)["buy_out"] == 300_000_00


@pytest.mark.parametrize(
    ("terms", "credit"),
    [
        ({"payment_mode": "sales_share", "buy_out": None}, 30_000_00),
        ({}, 0),
        (STAGED, 0),
        ({"buy_out": yuan(20_000)}, 10_000_00),
    ],
)
def test_royalties_and_shares_bear_only_what_the_price_left(
    session: Session, now: datetime, terms: dict[str, Any], credit: int
) -> None:
    more = {
        "royalty_base": "net_sales",
        "royalty_scheme": "flat",
        "royalty_rate": "5",
        "sublicensing": "allowed",
        "sublicence_share": "30",
    }
    cast = trial(session, now=now, **(more | terms))
    happens(session, cast, "convert", now=now + timedelta(days=60))
    found = agreed(session, cast.deal)
    assert found is not None
    assert found.terms.creditable == credit
    assert found.terms.starts == TODAY + timedelta(days=60)
    assert sums(session, cast)["trial_fee"] == 30_000_00


def test_a_deal_that_was_charged_in_full_before_is_credited(
    session: Session, now: datetime
) -> None:
    """What was charged and paid before the fee was taken off becomes an advance, VAT and all."""
    cast = trial(session, now=now, trial_fee_credited=None)
    later = now + timedelta(days=60)
    happens(session, cast, "convert", now=later)
    fall_due(session, cast.deal, by=SYSTEM, now=later + timedelta(days=30))
    receipt = pay(session, cast, 349_800_00, now=later + timedelta(days=30))
    amend(session, cast, trial_fee_credited=True)
    schedule(session, cast.deal, by=SYSTEM, now=later + timedelta(days=31))
    owed = row(session, cast, "buy_out")
    assert (owed.net_minor, owed.state, owed.facts["credited"]) == (270_000_00, "paid", 30_000_00)
    assert payments_left(session, [receipt])[receipt.id].advance == 31_800_00
    assert owed.due_on == date(2027, 2, 20)
