"""Expected by now, and at the end: arithmetic without a database."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tenon.insight.targets.forecasting import (
    Verdict,
    Week,
    WorkCalendar,
    complete_weeks,
    expected_by_season,
    expected_linear,
    forecast,
    verdict,
)

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(days, st.integers(0, 500), st.sets(days, max_size=5))
def test_working_days_are_those_counted_one_by_one(
    first: date, length: int, special: set[date]
) -> None:
    """The arithmetic over weeks is the count of days, holidays and worked weekends included."""
    kinds = {day: "working" if day.weekday() > 4 else "holiday" for day in special}
    span = [first + timedelta(days=each) for each in range(length)]
    worked = sum((day.weekday() < 5) != (day in special) for day in span)
    assert WorkCalendar(kinds).count(first, first + timedelta(days=length - 1)) == worked


def test_expected_by_now() -> None:
    """A quarter of the days asks for a quarter; last year's shape asks for what had come then."""
    assert expected_linear(300, 62, 248) == 75
    assert expected_linear(300, 0, 0) == 0
    assert expected_by_season(300, 10, 40, things=40) == 75
    assert expected_by_season(300, 3, 11, things=11) is None
    assert expected_by_season(300, 0, 0, things=12) is None


def test_an_even_pace_ends_where_it_leads() -> None:
    """Five a week for ten weeks, ten weeks left: a hundred, with nothing to spread."""
    even = forecast([Week(5, 5)] * 10, so_far=50, passed=50, left=50)
    assert even is not None
    assert (even.low, even.middle, even.high) == (100, 100, 100)


def test_too_early_says_so() -> None:
    """Five weeks say nothing, six do; a week of holidays is no week."""
    assert forecast([Week(5, 5)] * 5, so_far=25, passed=25, left=100) is None
    assert forecast([Week(5, 5)] * 5 + [Week(0, 0)], so_far=25, passed=25, left=100) is None
    assert forecast([Week(5, 5)] * 6, so_far=30, passed=30, left=100) is not None


@given(st.lists(st.integers(0, 100), min_size=6, max_size=40), st.integers(1, 200))
def test_the_range_holds_the_middle_and_nothing_impossible(amounts: list[int], left: int) -> None:
    """What is there stays there; no end lies beyond the best week over and over; it repeats."""
    weeks = [Week(each, 5) for each in amounts]
    so_far, passed = sum(amounts), 5 * len(amounts)
    found = forecast(weeks, so_far=so_far, passed=passed, left=left)
    assert found is not None
    assert so_far <= found.low <= found.middle <= found.high
    assert found.high <= so_far + max(amounts) * left / 5 + 1
    assert found == forecast(weeks, so_far=so_far, passed=passed, left=left)


def test_uneven_weeks_make_a_range() -> None:
    """The same pace with all of it in every second week is less sure."""
    found = forecast([Week(10, 5), Week(0, 5)] * 6, so_far=60, passed=60, left=60)
    assert found is not None
    assert found.low < 120 < found.high
    assert found.middle == 120


def test_verdicts() -> None:
    """In words by five percent either way; reached and missed outweigh them."""

    def of(reached: int, *, begun: bool = True, over: bool = False) -> Verdict:
        return verdict(target=300, reached=reached, expected=100, begun=begun, over=over)

    assert of(100) == Verdict("on_course", 0)
    assert of(95).code == of(105).code == "on_course"
    assert of(88) == Verdict("behind", 12)
    assert of(120) == Verdict("ahead", 20)
    assert of(300).code == "reached"
    assert of(299, over=True) == Verdict("missed", 1)
    assert of(0, begun=False).code == "not_begun"


def test_only_whole_weeks_that_are_over_are_drawn_from() -> None:
    """Cut weeks at the ends and the running one stay out."""
    monday = date(2026, 3, 2)
    weeks = [
        (date(2026, 2, 27), date(2026, 3, 1), 9),
        (monday, monday + timedelta(days=6), 4),
        (monday + timedelta(days=7), monday + timedelta(days=13), 7),
    ]
    assert complete_weeks(weeks, WorkCalendar({}), date(2026, 3, 11)) == [Week(4, 5)]
