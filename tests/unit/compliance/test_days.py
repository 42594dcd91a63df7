"""Days as rules count them, around zones and the borders of days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tenon.compliance.days import day_of, has_passed, last_full_day

ZONES = ("Asia/Shanghai", "UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu")
zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001  # the zone is the strategy's
    max_value=datetime(2035, 1, 1),  # noqa: DTZ001  # the same
    timezones=st.just(UTC),
)


@given(moments, st.integers(min_value=1, max_value=60), zones)
def test_that_many_whole_days_lie_between_start_and_end(
    start: datetime, days: int, zone: ZoneInfo
) -> None:
    last = last_full_day(start, days, zone)
    between = [day_of(start, zone) + timedelta(days=n) for n in range(1, days + 1)]
    assert between[-1] == last
    assert day_of(start, zone) not in between


@given(moments, st.integers(min_value=1, max_value=60), zones)
def test_it_is_over_at_midnight_of_the_zone_and_not_a_moment_before(
    start: datetime, days: int, zone: ZoneInfo
) -> None:
    last = last_full_day(start, days, zone)
    following = last + timedelta(days=1)
    midnight = datetime(following.year, following.month, following.day, tzinfo=zone)
    assert has_passed(last, midnight.astimezone(UTC), zone)
    assert not has_passed(last, midnight.astimezone(UTC) - timedelta(microseconds=1), zone)


@given(moments, st.integers(min_value=1, max_value=60), zones)
def test_no_less_than_that_many_times_24_hours_pass_but_for_the_clock_change(
    start: datetime, days: int, zone: ZoneInfo
) -> None:
    last = last_full_day(start, days, zone)
    nearly = start + timedelta(days=days) - timedelta(hours=1)
    assert not has_passed(last, nearly, zone)


@given(moments, st.integers(min_value=1, max_value=60), zones, moments)
def test_what_has_passed_stays_passed(
    start: datetime, days: int, zone: ZoneInfo, later: datetime
) -> None:
    last = last_full_day(start, days, zone)
    if has_passed(last, later, zone):
        assert has_passed(last, later + timedelta(seconds=1), zone)


def test_the_day_is_the_sites_not_greenwichs() -> None:
    late = datetime(2026, 12, 1, 16, 30, tzinfo=UTC)
    assert day_of(late, ZoneInfo("Asia/Shanghai")) == date(2026, 12, 2)
    assert day_of(late, ZoneInfo("UTC")) == date(2026, 12, 1)
    assert last_full_day(late, 15, ZoneInfo("Asia/Shanghai")) == date(2026, 12, 17)
