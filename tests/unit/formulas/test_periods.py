"""Royalty years are cut without a gap, and the shares of a year add up."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.formulas.periods import Prorate, periods, share_of_year, year_of, year_span

days = st.dates(date(2000, 1, 1), date(2040, 12, 31))


def test_quarters_of_a_licence_that_begins_and_ends_inside_one() -> None:
    found = periods(date(2027, 2, 10), date(2027, 8, 5), months=3)
    assert [(each.key, each.start, each.end) for each in found] == [
        ("2027Q1", date(2027, 2, 10), date(2027, 3, 31)),
        ("2027Q2", date(2027, 4, 1), date(2027, 6, 30)),
        ("2027Q3", date(2027, 7, 1), date(2027, 8, 5)),
    ]


def test_a_year_from_july_is_named_after_the_year_it_begins_in() -> None:
    found = periods(date(2027, 7, 1), date(2028, 6, 30), months=6, starts=7)
    assert [each.key for each in found] == ["2027H1", "2027H2"]
    assert year_of(date(2028, 6, 30), starts=7) == 2027


@pytest.mark.parametrize(
    ("by", "share"), [("months", Fraction(1, 4)), ("days", Fraction(92, 365)), ("none", 1)]
)
def test_the_last_quarter_by_each_way_of_counting(by: Prorate, share: Fraction) -> None:
    assert share_of_year(2027, date(2027, 10, 1), date(2027, 12, 31), by=by) == share


def test_a_broken_month_counts_by_its_days() -> None:
    found = share_of_year(2027, date(2027, 10, 15), date(2027, 12, 31), by="months")
    assert found == (2 + Fraction(17, 31)) / 12


def test_a_time_outside_the_year_is_nothing() -> None:
    assert share_of_year(2027, date(2028, 1, 1), date(2029, 1, 1), by="none") == 0


@pytest.mark.parametrize(("months", "end"), [(4, date(2028, 1, 1)), (3, date(2026, 1, 1))])
def test_what_cannot_be_cut_is_refused(months: int, end: date) -> None:
    with pytest.raises(ValueError, match=r"months|before it begins"):
        periods(date(2027, 1, 1), end, months=months)


@given(days, st.integers(0, 3000), st.sampled_from([3, 6, 12]), st.integers(1, 12))
def test_periods_follow_each_other_and_stay_inside_their_year(
    start: date, length: int, months: int, starts: int
) -> None:
    end = start + timedelta(length)
    found = periods(start, end, months=months, starts=starts)
    assert (found[0].start, found[-1].end) == (start, end)
    assert len({each.key for each in found}) == len(found)
    for before, after in pairwise(found):
        assert after.start == before.end + timedelta(1)
    for each in found:
        first, last = year_span(each.year, starts=starts)
        assert first <= each.start <= each.end <= last


@given(days, st.integers(1, 700), st.integers(0, 700), st.sampled_from(["months", "days"]))
def test_shares_of_times_that_follow_each_other_add_up(
    start: date, first: int, second: int, by: Prorate
) -> None:
    middle, end = start + timedelta(first), start + timedelta(first + second)
    whole = share_of_year(start.year, start, end, by=by)
    parts = share_of_year(start.year, start, middle - timedelta(1), by=by) + share_of_year(
        start.year, middle, end, by=by
    )
    assert parts == whole


@given(days, st.sampled_from(["months", "days", "none"]), st.integers(1, 12))
def test_a_whole_year_is_one(day: date, by: Prorate, starts: int) -> None:
    year = year_of(day, starts=starts)
    assert share_of_year(year, *year_span(year, starts=starts), by=by, starts=starts) == 1
