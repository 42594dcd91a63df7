"""The earliest trigger wins: a date, an acceptance metric, cumulative sales, the first sale."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tenon.formulas.days import months_later, years_later
from tenon.formulas.triggers import Metric, Reading, Terms, Trigger, earliest, met

START = date(2026, 1, 31)
readings_of = st.lists(
    st.builds(
        Reading,
        on=st.dates(START, START + timedelta(days=400)),
        value=st.none() | st.decimals(0, 100, places=2),
        sold=st.none() | st.integers(0, 5_000_000),
    ),
    max_size=12,
)
terms_of = st.builds(
    Terms,
    on=st.none() | st.dates(START, START + timedelta(days=400)),
    metric=st.none()
    | st.builds(
        Metric,
        direction=st.sampled_from(["at_least", "at_most"]),
        target=st.decimals(0, 100, places=2),
    ),
    sales=st.none() | st.integers(1, 9_000_000),
    first_sale=st.booleans(),
)


def test_cumulative_sales_of_several_days_reach_the_sum() -> None:
    """300,000 are reached by 120,000, 100,000 and 90,000 on the third day."""
    sold = [
        Reading(date(2026, 4, 1), sold=12_000_000),
        Reading(date(2026, 3, 1), sold=10_000_000),
        Reading(date(2026, 5, 1), sold=9_000_000),
    ]
    agreed = Terms(on=date(2026, 12, 31), sales=30_000_000)
    assert earliest(agreed, sold, until=date(2026, 4, 30)) is None
    assert earliest(agreed, sold, until=date(2026, 5, 1)) == Trigger("sales", date(2026, 5, 1))


def test_a_metric_that_must_not_be_above_its_target() -> None:
    """Energy a unit of 1.9 does not meet 1.8; 1.8 does."""
    agreed = Terms(metric=Metric("at_most", Decimal("1.8")))
    above = Reading(date(2026, 2, 1), value=Decimal("1.9"))
    meets = Reading(date(2026, 2, 9), value=Decimal("1.80"))
    assert earliest(agreed, [above], until=date(2026, 3, 1)) is None
    assert earliest(agreed, [above, meets], until=date(2026, 3, 1)) == Trigger(
        "metric", date(2026, 2, 9)
    )


def test_of_two_on_one_day_the_date_is_named() -> None:
    """The date and the first sale fall on one day: the date stands first."""
    day = date(2026, 6, 1)
    agreed = Terms(on=day, first_sale=True)
    assert [each.kind for each in met(agreed, [Reading(day, sold=1)], until=day)] == [
        "date",
        "first_sale",
    ]


def test_a_gift_is_no_sale() -> None:
    """A reading of nothing sold is not the first sale."""
    gift = Reading(START, sold=0)
    assert earliest(Terms(first_sale=True), [gift], until=date(2027, 1, 1)) is None


@given(terms_of, readings_of, st.dates(START, START + timedelta(days=400)))
def test_the_earliest_wins_as_a_walk_from_day_to_day_finds(
    agreed: Terms, readings: list[Reading], until: date
) -> None:
    """What is found at once is what somebody who looks every night finds first."""
    expected = None
    day = START
    while day <= until and expected is None:
        today = met(agreed, readings, until=day)
        if today:
            expected = today[0]
            assert expected.on == day
        day += timedelta(days=1)
    assert earliest(agreed, readings, until=until) == expected


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 600))
def test_months_later_keeps_the_day_or_takes_the_months_last(day: date, months: int) -> None:
    """Civil Code 202: the same day of the month, or its last."""
    later = months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1 < day.day


def test_a_leap_day_years_later() -> None:
    """20 years from 29 February 2024 is a leap day again; one year is not."""
    assert years_later(date(2024, 2, 29), 20) == date(2044, 2, 29)
    assert years_later(date(2024, 2, 29), 1) == date(2025, 2, 28)
