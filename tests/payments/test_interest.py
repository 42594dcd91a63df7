"""What late payment costs: by the contract, by the rule table, on what was open day by day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid
from tenon.payments import queries, receiving
from tenon.payments.interest import charge_interest, late_interest
from tenon.payments.models import Obligation
from tenon.payments.obligations.scheduling import schedule
from tests.factories.deals import make_terms
from tests.payments.cast import Cast, make_cast, owe, pay

DUE = date(2026, 1, 1)


def _licence(session: Session, now: datetime, rate: str | None) -> Cast:
    terms: dict[str, Any] = {} if rate is None else {"late_interest": rate}
    return make_cast(session, now=now, terms=terms, scheduled=False)


@pytest.mark.parametrize(
    ("days", "expected"), [(0, 0), (1, 2_00), (73, 146_00), (100, 200_00), (365, 730_00)]
)
def test_at_the_contracts_rate(session: Session, now: datetime, days: int, expected: int) -> None:
    """10,000.00 at 7.3 percent a year is 2.00 a day."""
    cast = _licence(session, now, "7.3")
    owed = owe(session, cast, "royalty:1", 10_000_00, now=now, due_on=DUE)
    found = late_interest(session, owed, until=DUE + timedelta(days=days))
    assert (0 if found is None else found.amount) == expected
    if found is not None:
        assert found.rate.by_contract


def test_at_the_rule_tables_rate_which_changes_by_day(session: Session, now: datetime) -> None:
    """3.1 % until 19 May 2025, 3 % from 20 May, each raised by 30 %, on 365,000.00."""
    cast = _licence(session, now, None)
    owed = owe(session, cast, "royalty:1", 365_000_00, now=now, due_on=date(2025, 5, 9))
    found = late_interest(session, owed, until=date(2025, 5, 29))
    assert found is not None
    # 10 days at 4.03 % (40.30 a day) and 10 days at 3.9 % (39.00 a day)
    assert [span.days for span in found.spans] == [10, 10]
    assert found.amount == 403_00 + 390_00
    assert not found.rate.by_contract
    assert {each.code for each in found.rate.rules} == {
        "late_interest_base",
        "late_interest_uplift",
    }


def test_what_is_paid_bears_no_more_interest(session: Session, now: datetime) -> None:
    cast = _licence(session, now, "7.3")
    owed = owe(session, cast, "royalty:1", 10_000_00, now=now, due_on=DUE)
    pay(session, cast, 5_000_00, now=now, paid_on=DUE + timedelta(days=10))
    found = late_interest(session, owed, until=DUE + timedelta(days=30))
    assert found is not None
    assert found.amount == 10 * 2_00 + 20 * 1_00
    wrong = pay(session, cast, 5_000_00, now=now, paid_on=DUE + timedelta(days=12))
    receiving.take_back(session, wrong, reason="录错", by=cast.actor("seller_editor"), now=now)
    again = late_interest(session, owed, until=DUE + timedelta(days=30))
    assert again is not None
    assert again.amount == found.amount


def test_what_an_amendment_adds_was_not_late_before(session: Session, now: datetime) -> None:
    terms = {
        "late_interest": "7.3",
        "vat_mode": "exempt",
        "up_front": {"minor": 10_000_00, "currency": "CNY"},
        "up_front_days": 0,
        "payment_mode": "single",
    }
    signed = now.date() - timedelta(days=20)
    cast = make_cast(session, now=now, terms=terms, signed_on=signed, effective_on=signed)
    owed = session.scalars(sa.select(Obligation).filter_by(key="up_front")).one()
    more = {**terms, "up_front": {"minor": 20_000_00, "currency": "CNY"}}
    later = now - timedelta(days=10)
    version = make_terms(session, cast.deal, values=more, number=2, state="declined", now=later)
    first = session.scalars(
        sa.select(type(version)).filter_by(deal_id=cast.deal.id, number=1)
    ).one()
    first.state = "replaced"
    session.flush()
    version.state = "accepted"
    session.flush()
    schedule(session, cast.deal, by=SYSTEM, now=later)
    found = late_interest(session, owed, until=now.date())
    assert found is not None
    assert found.amount == 10 * 2_00 + 10 * 4_00


def test_interest_is_charged_on_the_creditors_wish_and_once(
    session: Session, now: datetime
) -> None:
    cast = _licence(session, now, "7.3")
    owed = owe(session, cast, "royalty:1", 10_000_00, now=now, due_on=DUE)
    by, until = cast.actor("seller_editor"), DUE + timedelta(days=30)
    first = charge_interest(session, owed, until=until, by=by, now=now)
    assert (first.net_minor, first.kind, first.state) == (60_00, "interest", "due")
    with pytest.raises(IllegalTransition):
        charge_interest(session, owed, until=until, by=by, now=now)
    more = charge_interest(session, owed, until=until + timedelta(days=5), by=by, now=now)
    assert more.net_minor == 10_00
    assert late_interest(session, first, until=now.date()) is None  # no interest on interest
    pay(session, cast, 10_070_00, now=now)
    assert queries.received_income(session, cast.deal) == {"CNY": 10_070_00}


def test_who_charges_it(session: Session, now: datetime) -> None:
    cast = _licence(session, now, "7.3")
    owed = owe(session, cast, "royalty:1", 10_000_00, now=now, due_on=DUE)
    with pytest.raises(Forbidden):
        charge_interest(session, owed, until=now.date(), by=cast.actor("buyer_editor"), now=now)
    by, tomorrow = cast.actor("seller_charge"), now.date() + timedelta(days=1)
    with pytest.raises(Invalid):
        charge_interest(session, owed, until=tomorrow, by=by, now=now)
    with pytest.raises(Conflict):
        charge_interest(session, owed, until=now.date(), by=by, now=now, expected_version=99)
