"""Interest on late payment, worked by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.formulas.interest import DayCount, late

DUE = date(2027, 3, 31)
RATE = Decimal("0.0525")


@pytest.mark.parametrize(
    ("day_count", "expected"),
    [
        ("actual/365", 130_890),  # 10,000,000 fen x 5.25 % x 91 / 365 = 130,890.41
        ("actual/360", 132_708),  # x 91 / 360 = 132,708.33
        ("30/360", 131_250),  # three months of 30 days: x 90 / 360
    ],
)
def test_a_quarter_late_by_each_day_count(day_count: DayCount, expected: int) -> None:
    """From 1 April to 30 June: 91 days."""
    found = late(10_000_000, due_on=DUE, until=date(2027, 6, 30), rate=RATE, day_count=day_count)
    assert found.amount == expected
    assert found.outstanding == 10_000_000


def test_a_day_late_is_one_day_and_the_due_day_is_none() -> None:
    assert late(365_000, due_on=DUE, until=DUE, rate=Fraction(1, 10)).amount == 0
    assert late(365_000, due_on=DUE, until=DUE + timedelta(1), rate=Fraction(1, 10)).amount == 100


def test_a_part_payment_lowers_the_balance_from_the_next_day() -> None:
    """730,000 fen at 10 %: 10 days of all (2,000), then 20 days of half of it (2,000)."""
    found = late(
        730_000,
        due_on=DUE,
        until=DUE + timedelta(30),
        rate=Fraction(1, 10),
        payments=[(DUE + timedelta(10), 365_000)],
    )
    assert [(span.days, span.balance, span.amount) for span in found.spans] == [
        (10, 730_000, Fraction(2000)),
        (20, 365_000, Fraction(2000)),
    ]
    assert (found.amount, found.outstanding) == (4000, 365_000)


def test_payments_on_two_days_running_each_count_from_the_next() -> None:
    """730,000 fen at 10 %: a day of all (200), a day of half (100), eight of a quarter (400)."""
    found = late(
        730_000,
        due_on=DUE,
        until=DUE + timedelta(10),
        rate=Fraction(1, 10),
        payments=[(DUE + timedelta(1), 365_000), (DUE + timedelta(2), 182_500)],
    )
    assert [span.amount for span in found.spans] == [200, 100, 400]


def test_paid_in_full_ends_it_and_paid_too_much_owes_nothing() -> None:
    payments = [(DUE - timedelta(5), 100), (DUE + timedelta(10), 900_000)]
    found = late(
        730_100, due_on=DUE, until=DUE + timedelta(99), rate=Fraction(1, 10), payments=payments
    )
    assert (found.amount, found.outstanding, len(found.spans)) == (2000, 0, 1)


def test_a_prime_rate_that_changes_counts_from_its_day() -> None:
    """3.65 % until 10 April, 7.30 % from 11 April: 10 days each of 1,000,000 fen."""
    rates = [(date(2027, 1, 1), Decimal("0.0365")), (date(2027, 4, 11), Decimal("0.0730"))]
    found = late(1_000_000, due_on=DUE, until=date(2027, 4, 20), rate=rates)
    assert [span.amount for span in found.spans] == [1000, 2000]


def test_grace_forgives_what_is_paid_within_it_and_nothing_later() -> None:
    week = DUE + timedelta(7)
    rate = Fraction(1, 10)
    in_time = late(
        365_000, due_on=DUE, until=week + timedelta(9), rate=rate, payments=[(week, 365_000)],
        grace_days=7,
    )  # fmt: skip
    too_late = late(365_000, due_on=DUE, until=week + timedelta(1), rate=rate, grace_days=7)
    assert (in_time.amount, too_late.amount) == (0, 800)


def test_what_cannot_be_computed_is_refused() -> None:
    with pytest.raises(ValueError, match="no rate is known"):
        late(1, due_on=DUE, until=DUE, rate=[(DUE + timedelta(1), RATE)])
    with pytest.raises(ValueError, match="at least nothing"):
        late(-1, due_on=DUE, until=DUE, rate=RATE)
    with pytest.raises(ValueError, match="at least nothing"):
        late(1, due_on=DUE, until=DUE, rate=Decimal("-0.01"))


payments = st.lists(st.tuples(st.dates(date(2027, 1, 1), date(2028, 6, 1)), st.integers(0, 10**7)))


@given(st.integers(0, 10**10), st.integers(0, 120), payments)
def test_interest_is_a_days_interest_added_up_day_by_day(
    principal: int, late_by: int, paid: list[tuple[date, int]]
) -> None:
    until = DUE + timedelta(late_by)
    exact = Fraction(0)
    for number in range(1, late_by + 1):
        day = DUE + timedelta(number)
        balance = principal - sum(amount for when, amount in paid if when < day)
        exact += max(0, balance) * Fraction(RATE) / 365
    found = late(principal, due_on=DUE, until=until, rate=RATE, payments=paid)
    assert sum((span.amount for span in found.spans), Fraction(0)) == exact
    assert abs(found.amount - exact) <= Fraction(1, 2)
