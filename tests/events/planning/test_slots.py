"""Slots never overlap a break, a session for all, or another; whichever way the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenon.events.planning.slots import DAY, Hours, Span, minute_of, moment_at, spans

ZONES = [
    ZoneInfo(name)
    for name in (
        "Asia/Shanghai",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
    )
]
# Days on which the clocks of one of these zones change, and one on which none does.
DAYS = [
    date(2027, 3, 28),
    date(2027, 10, 31),
    date(2027, 3, 14),
    date(2027, 11, 7),
    date(2027, 4, 4),
    date(2027, 10, 3),
    date(2027, 6, 15),
]


@st.composite
def _hours(draw: st.DrawFn) -> Hours:
    opens = draw(st.integers(0, DAY - 2))
    closes = draw(st.integers(opens + 1, DAY))
    marks = sorted(draw(st.sets(st.integers(0, DAY), max_size=6)))
    pairs = [(marks[n], marks[n + 1]) for n in range(0, len(marks) - 1, 2)]
    return Hours(draw(st.sampled_from(DAYS)), opens, closes, pairs)


_days = st.lists(_hours(), max_size=3, unique_by=lambda each: each.day)
_blocked = st.lists(
    st.tuples(st.sampled_from(DAYS), st.integers(0, DAY - 1), st.integers(1, 240)), max_size=4
)


def _shows(moment: datetime, zone: ZoneInfo, day: date) -> int:
    """What the clock shows, counted from the day's midnight."""
    local = moment.astimezone(zone)
    return (local.date() - day).days * DAY + local.hour * 60 + local.minute


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_days, st.sampled_from(ZONES), st.sampled_from((15, 20, 30)), st.integers(0, 30), _blocked)
def test_slots_keep_every_rule(
    days: list[Hours],
    zone: ZoneInfo,
    minutes: int,
    walk: int,
    told: list[tuple[date, int, int]],
) -> None:
    blocked = [
        Span(moment_at(day, start, zone), moment_at(day, start, zone) + timedelta(minutes=length))
        for day, start, length in told
    ]
    found = spans(days, zone=zone, minutes=minutes, walk=walk, blocked=blocked)
    way = timedelta(minutes=walk)
    by_day = {each.day: each for each in days}
    for span in found:
        assert span.ends_at - span.starts_at == timedelta(minutes=minutes)
        hours = by_day[span.starts_at.astimezone(zone).date()]
        minute = span.starts_at
        while minute < span.ends_at:
            shown = _shows(minute, zone, hours.day)
            assert hours.opens <= shown < hours.closes
            assert not any(first <= shown < last for first, last in hours.breaks)
            minute += timedelta(minutes=1)
        for each in blocked:
            assert span.ends_at + way <= each.starts_at or each.ends_at + way <= span.starts_at
    for before, after in pairwise(found):
        assert before.ends_at + way <= after.starts_at


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_hours(), st.sampled_from((15, 20, 30)), st.integers(0, 30))
def test_no_room_is_left_unused(hours: Hours, minutes: int, walk: int) -> None:
    """Where clocks do not change, no further slot fits anywhere: they lie as close as they may."""
    zone = ZONES[0]
    found = spans([hours], zone=zone, minutes=minutes, walk=walk)
    taken = [
        (minute_of(each.starts_at, zone), minute_of(each.starts_at, zone) + minutes)
        for each in found
    ]
    for start in range(hours.opens, hours.closes - minutes + 1):
        end = start + minutes
        in_break = any(start < last and first < end for first, last in hours.breaks)
        close = any(start < last + walk and first < end + walk for first, last in taken)
        assert in_break or close, f"a slot would fit at {start}"


def test_a_common_day() -> None:
    zone = ZONES[0]
    hours = Hours(date(2027, 3, 1), 9 * 60, 12 * 60, [(600, 615)])
    found = spans([hours], zone=zone, minutes=20, walk=5)
    starts = [minute_of(each.starts_at, zone) for each in found]
    assert starts == [540, 565, 615, 640, 665, 690]


def test_clocks_that_go_forward_take_the_hour_from_the_day() -> None:
    zone = ZoneInfo("Europe/Berlin")
    hours = Hours(date(2027, 3, 28), 0, 6 * 60)
    found = spans([hours], zone=zone, minutes=30, walk=0)
    assert len(found) == 10  # five hours, not six
    assert found[0].starts_at == datetime(2027, 3, 27, 23, tzinfo=UTC)


def test_clocks_that_go_back_make_a_break_longer() -> None:
    zone = ZoneInfo("Europe/Berlin")
    hours = Hours(date(2027, 10, 31), 60, 5 * 60, [(120, 180)])
    found = spans([hours], zone=zone, minutes=30, walk=0)
    first, second = found[1], found[2]
    assert second.starts_at - first.ends_at == timedelta(hours=2)


def test_a_session_for_all_keeps_the_way_free_on_both_sides() -> None:
    zone = ZONES[0]
    hours = Hours(date(2027, 3, 1), 540, 720)
    talk = Span(moment_at(hours.day, 600, zone), moment_at(hours.day, 630, zone))
    found = spans([hours], zone=zone, minutes=20, walk=10, blocked=[talk])
    assert [minute_of(each.starts_at, zone) for each in found] == [540, 570, 640, 670, 700]


def test_no_minutes_are_refused() -> None:
    with pytest.raises(ValueError, match="lasts"):
        spans([], zone=ZONES[0], minutes=0, walk=0)
