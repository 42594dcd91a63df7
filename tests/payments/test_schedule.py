"""From terms to a schedule, and from amended terms to another without losing what was paid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.deals.models import TermVersion
from tenon.deals.services.moving import take_step
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid
from tenon.history import HistoryEntry
from tenon.payments import queries, receiving
from tenon.payments.models import Obligation, Payment
from tenon.payments.obligations import services
from tenon.payments.obligations.scheduling import fall_due, schedule
from tests.factories.deals import make_terms
from tests.payments.cast import TERMS, TODAY, Cast, make_cast, owe, pay, yuan


def _rows(session: Session, cast: Cast) -> dict[str, Obligation]:
    found = session.scalars(sa.select(Obligation).filter_by(deal_id=cast.deal.id))
    return {each.key: each for each in found}


def _amend(session: Session, cast: Cast, *, now: datetime, **terms: Any) -> None:
    session.execute(
        sa.update(TermVersion)
        .where(TermVersion.deal_id == cast.deal.id)
        .values(state="replaced")
        .execution_options(synchronize_session="fetch")
    )
    number = 1 + len(session.scalars(sa.select(TermVersion).filter_by(deal_id=cast.deal.id)).all())
    values = {name: value for name, value in (dict(TERMS) | terms).items() if value is not None}
    make_terms(session, cast.deal, values=values, number=number, now=now)
    schedule(session, cast.deal, by=SYSTEM, now=now)


def test_terms_become_receivables(session: Session, now: datetime) -> None:
    rows = _rows(session, make_cast(session, now=now))
    up_front = rows["up_front"]
    assert (up_front.net_minor, up_front.vat_minor) == (100_000_00, 6_000_00)
    assert up_front.due_on == TODAY + timedelta(days=30)
    assert (up_front.debtor, up_front.creditor, up_front.state) == ("buyer", "seller", "planned")
    assert rows["milestone:1"].waits_for == "milestone:1"
    assert rows["milestone:1"].due_on is None
    assert rows["milestone:2"].facts["title"] == "量产"
    assert rows["milestone:2"].facts["promised"] == "2028-06-30"
    fees = {key: each.net_minor for key, each in rows.items() if each.kind == "maintenance"}
    assert fees == {
        "maintenance:2026": 650_00,  # nine days of November and December
        "maintenance:2027": 6_000_00,
        "maintenance:2028": 6_000_00,
    }


def test_a_schedule_made_twice_is_the_same(session: Session, now: datetime) -> None:
    cast = make_cast(session, now=now)
    before = {key: each.version for key, each in _rows(session, cast).items()}
    assert schedule(session, cast.deal, by=SYSTEM, now=now) == []
    assert {key: each.version for key, each in _rows(session, cast).items()} == before


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("added", (100_000_00, 6_000_00)),
        ("included", (94_339_62, 5_660_38)),
        ("exempt", (100_000_00, 0)),
    ],
)
def test_vat_as_the_terms_say(
    session: Session, now: datetime, mode: str, expected: tuple[int, int]
) -> None:
    cast = make_cast(session, now=now, terms={**TERMS, "vat_mode": mode})
    owed = _rows(session, cast)["up_front"]
    assert (owed.net_minor, owed.vat_minor) == expected


def test_an_instalment_on_a_day_and_one_after_an_event(session: Session, now: datetime) -> None:
    terms = {
        "payment_mode": "instalments",
        "vat_mode": "exempt",
        "instalments": [
            {"title": "首期", "minor": 300, "on": "2027-01-31", "after": None, "days": 0},
            {"title": "验收款", "minor": 700, "on": None, "after": "accepted", "days": 10},
        ],
    }
    rows = _rows(session, make_cast(session, now=now, terms=terms))
    assert rows["instalment:1"].due_on == date(2027, 1, 31)
    assert rows["instalment:2"].waits_for == "accepted"
    assert rows["instalment:2"].facts == {"title": "验收款", "number": 2}


def test_an_option_is_owed_once_it_is_taken(session: Session, now: datetime) -> None:
    terms = {**TERMS, "buy_out": yuan(900_000), "minimum_annual": yuan(300_000)}
    cast = make_cast(session, now=now, terms=terms)
    assert "buy_out" not in _rows(session, cast)
    take_step(session, cast.deal, "buy_out", by=cast.actor("buyer_administrator"), now=now)
    rows = _rows(session, cast)
    assert rows["buy_out"].due_on == TODAY + timedelta(days=30)
    assert rows["minimum:2026"].state == "planned"
    assert rows["minimum:2027"].state == "cancelled"  # no year that begins after it


def test_what_is_due_falls_due_and_stands_in_the_ledger(session: Session, now: datetime) -> None:
    cast = make_cast(session, now=now)
    owed = _rows(session, cast)["up_front"]
    assert fall_due(session, cast.deal, by=SYSTEM, now=now) == []
    day = now + timedelta(days=30)
    assert owed in fall_due(session, cast.deal, by=SYSTEM, now=day)
    assert owed.state == "due"
    assert owed.booked_on == TODAY + timedelta(days=30)
    standing = queries.standings(session, [owed])[owed.id]
    assert (standing.net, standing.vat, standing.open) == (100_000_00, 6_000_00, 106_000_00)
    assert fall_due(session, cast.deal, by=SYSTEM, now=day) == []


def test_a_deal_that_took_effect_long_ago_owes_at_once(session: Session, now: datetime) -> None:
    long_ago = TODAY - timedelta(days=90)
    cast = make_cast(session, now=now, signed_on=long_ago, effective_on=long_ago)
    owed = _rows(session, cast)["up_front"]
    assert (owed.state, owed.due_on) == ("due", long_ago + timedelta(days=30))


def test_a_milestone_reached_falls_due_after_its_days(session: Session, now: datetime) -> None:
    cast = make_cast(session, now=now)
    owed = _rows(session, cast)["milestone:1"]
    services.reach(session, owed, on=TODAY, by=cast.actor("buyer_editor"), now=now)
    assert (owed.due_on, owed.waits_for) == (TODAY + timedelta(days=30), None)
    assert schedule(session, cast.deal, by=SYSTEM, now=now) == []
    with pytest.raises(IllegalTransition):
        services.reach(session, owed, on=TODAY, by=cast.actor("buyer_editor"), now=now)
    assert (
        services.reach_milestone(session, cast.deal, number=1, on=TODAY, by=SYSTEM, now=now) == owed
    )
    assert (
        services.reach_milestone(session, cast.deal, number=9, on=TODAY, by=SYSTEM, now=now) is None
    )


def test_who_pays_says_that_a_milestone_is_reached(session: Session, now: datetime) -> None:
    cast = make_cast(session, now=now)
    owed = _rows(session, cast)["milestone:1"]
    with pytest.raises(Forbidden):
        services.reach(session, owed, on=TODAY, by=cast.actor("seller_editor"), now=now)
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(Invalid):
        services.reach(session, owed, on=tomorrow, by=cast.actor("buyer_editor"), now=now)


def test_an_amendment_before_anything_is_due(session: Session, now: datetime) -> None:
    cast = make_cast(session, now=now)
    _amend(session, cast, now=now, up_front=yuan(80_000), maintenance_fee=None)
    rows = _rows(session, cast)
    assert (rows["up_front"].net_minor, rows["up_front"].vat_minor) == (80_000_00, 4_800_00)
    assert rows["maintenance:2027"].state == "cancelled"
    _amend(session, cast, now=now)
    assert _rows(session, cast)["maintenance:2027"].state == "planned"


@pytest.mark.parametrize(
    ("amount", "state", "paid", "advance"),
    [
        (100_000, "paid", 106_000_00, 0),
        (120_000, "part_paid", 106_000_00, 0),
        (60_000, "paid", 63_600_00, 42_400_00),
        (None, "paid", 106_000_00, 0),
    ],
)
def test_what_was_paid_is_never_lost(
    session: Session, now: datetime, amount: int | None, state: str, paid: int, advance: int
) -> None:
    cast = make_cast(session, now=now)
    due = now + timedelta(days=31)
    fall_due(session, cast.deal, by=SYSTEM, now=due)
    receipt = pay(session, cast, 106_000_00, now=due)
    terms: Mapping[str, Any] = {
        "up_front": None if amount is None else yuan(amount),
        "maintenance_fee": None,
    }
    _amend(session, cast, now=due, **terms)
    owed = _rows(session, cast)["up_front"]
    standing = queries.standings(session, [owed])[owed.id]
    left = queries.payments_left(session, [receipt])[receipt.id]
    assert (owed.state, standing.paid, left.advance) == (state, paid, advance)
    assert standing.paid + left.advance == 106_000_00
    assert (owed.net_minor, owed.vat_minor) == (standing.net, standing.vat)
    assert (owed.remind_on is not None) == (state == "part_paid")


def test_an_advance_from_an_amendment_pays_what_falls_due_next(
    session: Session, now: datetime
) -> None:
    cast = make_cast(session, now=now)
    due = now + timedelta(days=31)
    fall_due(session, cast.deal, by=SYSTEM, now=due)
    pay(session, cast, 106_000_00, now=due)
    _amend(session, cast, now=due, up_front=yuan(60_000))
    later = datetime(2027, 6, 1, 8, tzinfo=now.tzinfo)
    fall_due(session, cast.deal, by=SYSTEM, now=later)
    rows = _rows(session, cast)
    assert rows["maintenance:2026"].state == "paid"
    assert rows["maintenance:2027"].state == "paid"


def test_what_was_charged_or_waived_stays_under_new_terms(session: Session, now: datetime) -> None:
    cast = make_cast(session, now=now)
    royalty = owe(session, cast, "royalty:2026Q4", 500, now=now)
    milestone = _rows(session, cast)["milestone:1"]
    services.waive(session, milestone, reason="合作良好", by=cast.actor("seller_editor"), now=now)
    _amend(session, cast, now=now, up_front=yuan(1))
    assert (royalty.state, royalty.net_minor) == ("due", 500)
    assert milestone.state == "waived"


def test_what_was_waived_in_part_stays_when_its_payment_is_taken_back(
    session: Session, now: datetime
) -> None:
    cast = make_cast(session, now=now)
    owed, by = _rows(session, cast)["up_front"], cast.actor("seller_editor")
    payment = pay(session, cast, 68, now=now, wishes=(owed.public_id,))
    services.waive(session, owed, reason="和解", by=by, now=now)
    receiving.take_back(session, payment, reason="录错", by=by, now=now)
    _amend(session, cast, now=now, vat_mode="exempt")
    standing = queries.standings(session, [owed])[owed.id]
    assert (owed.state, standing.open) == ("due", 68)


def test_another_currency_is_another_debt(session: Session, now: datetime) -> None:
    cast = make_cast(session, now=now)
    due = now + timedelta(days=31)
    fall_due(session, cast.deal, by=SYSTEM, now=due)
    pay(session, cast, 50_000_00, now=due)
    _amend(session, cast, now=due, up_front={"minor": 15_000_00, "currency": "USD"})
    rows = _rows(session, cast)
    old, new = rows["up_front"], rows["up_front/USD"]
    assert (old.currency, old.state, old.gross_minor) == ("CNY", "paid", 50_000_00)
    assert (new.currency, new.state, new.net_minor) == ("USD", "due", 15_000_00)


def test_termination_ends_what_is_planned_and_leaves_what_is_due(
    session: Session, now: datetime
) -> None:
    cast = make_cast(session, now=now)
    royalty = owe(session, cast, "royalty:2026Q4", 500, now=now)
    count = services.cancel_planned(session, cast.deal, by=SYSTEM, now=now)
    rows = _rows(session, cast)
    assert count == len(rows) - 1
    assert royalty.state == "due"
    assert {each.state for key, each in rows.items() if key != royalty.key} == {"cancelled"}


def test_a_yearly_minimum_waits_for_its_statement(session: Session, now: datetime) -> None:
    cast = make_cast(session, now=now, terms={**TERMS, "minimum_annual": yuan(300_000)})
    owed = _rows(session, cast)["minimum:2027"]
    assert not owed.firm
    later = datetime(2029, 6, 1, 8, tzinfo=now.tzinfo)
    fall_due(session, cast.deal, by=SYSTEM, now=later)
    assert owed.state == "planned"
    topped = owe(session, cast, "minimum:2027", 120_000_00, now=later, kind="minimum")
    assert topped.id == owed.id
    assert (owed.state, owed.net_minor) == ("due", 120_000_00)
    assert services.nothing_owed(session, cast.deal, key="minimum:2028", by=SYSTEM, now=later)
    assert not services.nothing_owed(session, cast.deal, key="minimum:2028", by=SYSTEM, now=later)
    assert schedule(session, cast.deal, by=SYSTEM, now=later) == []


def test_the_first_years_minimum_is_cut_by_months(session: Session, now: datetime) -> None:
    """Domain rules 7: 300,000 a year, sales start on 1 October: 75,000."""
    terms = {**TERMS, "minimum_annual": yuan(300_000), "minimum_from": "2026-10-01"}
    cast = make_cast(session, now=now, terms=terms)
    assert _rows(session, cast)["minimum:2026"].net_minor == 75_000_00


def test_the_same_charge_twice_is_one_debt(session: Session, cast: Cast, now: datetime) -> None:
    first = owe(session, cast, "royalty:2026Q4", 500, now=now, origin=("use_report", "abc"))
    again = owe(session, cast, "royalty:2026Q4", 500, now=now, origin=("use_report", "abc"))
    assert again.id == first.id
    assert queries.standings(session, [first])[first.id].charged == 500
    with pytest.raises(Conflict):
        owe(session, cast, "royalty:2026Q4", 501, now=now)
    with pytest.raises(Invalid):
        owe(session, cast, "royalty:2027Q1", 0, now=now)
    with pytest.raises(Invalid):
        owe(session, cast, "royalty:2027Q1", 1, now=now, kind="tip")


def test_vat_that_was_cut_out_of_a_sum_is_charged_as_it_was_cut(
    session: Session, cast: Cast, now: datetime
) -> None:
    """30,400.00 with 6 % VAT within: 28,679.25 and 1,720.75, not a fen more."""
    values: dict[str, Any] = {"vat_rate": Decimal(6), "vat_minor": 30_400_00 - 28_679_25}
    owed = owe(session, cast, "royalty:2026Q4", 28_679_25, now=now, **values)
    standing = queries.standings(session, [owed])[owed.id]
    assert (standing.net, standing.vat, standing.charged) == (28_679_25, 1_720_75, 30_400_00)
    with pytest.raises(Invalid):
        owe(session, cast, "royalty:2027Q1", 1, now=now, vat_minor=-1)


def test_history_tells_every_booking(session: Session, cast: Cast, now: datetime) -> None:
    owe(session, cast, "royalty:2026Q4", 500, now=now)
    pay(session, cast, 500, now=now)
    kinds = session.scalars(
        sa.select(HistoryEntry.kind)
        .filter_by(chain_kind="deal", chain_id=cast.deal.public_id)
        .order_by(HistoryEntry.sequence)
    ).all()
    assert kinds == ["obligation_charged", "obligation_due", "payment_received"]
    assert session.scalars(sa.select(Payment.state)).all() == ["received"]
