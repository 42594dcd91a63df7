"""When a mail may go: never within the hour, never in quiet hours, never later than need be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tenon.notices import planning
from tenon.notices.planning import BETWEEN_MAILS, NIGHT, NO_QUIET, Quiet

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
# Half an hour of daylight saving, and a day that was left out altogether.
ODD = (ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia"), ZoneInfo("Asia/Kathmandu"))

zones = st.sampled_from([SHANGHAI, NEW_YORK, ZoneInfo("Europe/Berlin"), *ODD])
moments = st.builds(
    lambda seconds: datetime(2011, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds),
    st.floats(0, 20 * 365 * 86400, allow_nan=False),
)
minutes = st.integers(0, planning.MINUTES_A_DAY - 1)
quiets = st.builds(Quiet, minutes, minutes)
# Around the changes of the clock, where planning goes wrong if anywhere.
changes = st.builds(
    lambda base, minute: base + timedelta(minutes=minute),
    st.sampled_from(
        [
            datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York goes forward
            datetime(2026, 11, 1, 6, tzinfo=UTC),  # and back
            datetime(2026, 3, 29, 1, tzinfo=UTC),  # Berlin
            datetime(2026, 10, 25, 1, tzinfo=UTC),
            datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe
            datetime(2011, 12, 30, 10, tzinfo=UTC),  # Apia has no such day
        ]
    ),
    st.integers(-2000, 2000),
)
whens = moments | changes


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """A moment by the clock on the wall."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@given(
    now=whens,
    ago=st.none() | st.timedeltas(timedelta(0), timedelta(days=2)),
    quiet=quiets,
    zone=zones,
)
@example(now=local("2026-06-01T21:30"), ago=timedelta(minutes=10), quiet=NIGHT, zone=SHANGHAI)
def test_no_mail_within_the_hour_nor_in_quiet_hours(
    now: datetime, ago: timedelta | None, quiet: Quiet, zone: ZoneInfo
) -> None:
    last = None if ago is None else now - ago
    moment = planning.mail_moment(now, last_mail=last, quiet=quiet, zone=zone)
    assert moment >= now
    assert last is None or moment - last >= BETWEEN_MAILS
    assert not planning.is_quiet(moment, quiet, zone)


@given(now=whens, quiet=quiets, zone=zones)
def test_a_mail_waits_for_a_reason_alone(now: datetime, quiet: Quiet, zone: ZoneInfo) -> None:
    moment = planning.mail_moment(now, last_mail=None, quiet=quiet, zone=zone)
    if not planning.is_quiet(now, quiet, zone):
        assert moment == now
        return
    # Every minute until then is quiet, but for an end that the clocks skip (an hour at most;
    # a day where a whole day was left out).
    assert moment - now <= timedelta(hours=49)
    step = timedelta(minutes=1)
    waited = int((moment - now) / step)
    awake = sum(not planning.is_quiet(now + step * each, quiet, zone) for each in range(waited))
    assert awake <= 60 or zone.key == "Pacific/Apia"


@given(last=whens, ago=st.timedeltas(timedelta(0), timedelta(days=900)), quiet=quiets, zone=zones)
def test_a_clock_gone_back_delays_by_an_hour_and_no_longer(
    last: datetime, ago: timedelta, quiet: Quiet, zone: ZoneInfo
) -> None:
    now = last - ago
    moment = planning.mail_moment(now, last_mail=last, quiet=NO_QUIET, zone=zone)
    assert moment == now + BETWEEN_MAILS
    assert not planning.is_quiet(
        planning.mail_moment(now, last_mail=last, quiet=quiet, zone=zone), quiet, zone
    )


@given(
    start=whens,
    gaps=st.lists(st.timedeltas(timedelta(0), timedelta(hours=9)), max_size=30),
    quiet=quiets,
    zone=zones,
)
def test_a_stream_of_notices_loses_none_and_never_crowds(
    start: datetime, gaps: list[timedelta], quiet: Quiet, zone: ZoneInfo
) -> None:
    """Play the gathering: one is queued at most, and takes all that waits when its hour comes."""
    mails: list[datetime] = []
    waiting, told, due = 0, 0, None
    now = start
    for gap in gaps:
        now += gap
        while due is not None and due <= now:
            mails.append(due)
            told, waiting, due = told + waiting, 0, None
        waiting += 1
        last = mails[-1] if mails else None
        due = due or planning.mail_moment(now, last_mail=last, quiet=quiet, zone=zone)
    if due is not None:
        mails.append(due)
        told += waiting
    assert told == len(gaps)
    assert all(second - first >= BETWEEN_MAILS for first, second in pairwise(mails))
    assert not any(planning.is_quiet(mail, quiet, zone) for mail in mails)


@pytest.mark.parametrize(
    ("quiet", "now", "end"),
    [
        (NIGHT, "2026-06-01T21:59", None),
        (NIGHT, "2026-06-01T22:00", "2026-06-02T07:00"),
        (NIGHT, "2026-06-02T00:00", "2026-06-02T07:00"),
        (NIGHT, "2026-06-02T06:59", "2026-06-02T07:00"),
        (NIGHT, "2026-06-02T07:00", None),
        (Quiet(12 * 60, 14 * 60), "2026-06-01T13:59", "2026-06-01T14:00"),
        (Quiet(12 * 60, 14 * 60), "2026-06-01T14:00", None),
        (Quiet(0, 6 * 60), "2026-06-01T00:00", "2026-06-01T06:00"),
        (Quiet(20 * 60, 0), "2026-06-01T23:59", "2026-06-02T00:00"),
        (NO_QUIET, "2026-06-01T03:00", None),
        (Quiet(300, 300), "2026-06-01T05:00", None),
    ],
)
def test_boundaries_of_quiet_hours(quiet: Quiet, now: str, end: str | None) -> None:
    found = planning.quiet_end(local(now), quiet, SHANGHAI)
    assert found == (None if end is None else local(end))


def test_seconds_within_the_last_quiet_minute_are_quiet() -> None:
    late = local("2026-06-02T06:59:59.999999")
    assert planning.quiet_end(late, NIGHT, SHANGHAI) == local("2026-06-02T07:00")


def test_quiet_hours_follow_daylight_saving() -> None:
    # The night in which New York's clocks go forward is an hour shorter.
    evening = local("2026-03-07T22:00", NEW_YORK)
    end = planning.quiet_end(evening, NIGHT, NEW_YORK)
    assert end is not None
    assert end - evening == timedelta(hours=8)
    # And an hour longer when they go back.
    evening = local("2026-10-31T22:00", NEW_YORK)
    end = planning.quiet_end(evening, NIGHT, NEW_YORK)
    assert end is not None
    assert end - evening == timedelta(hours=10)
    # An end at half past one comes twice that night: what waits goes at the first, and the hours
    # that come back are quiet again.
    quiet = Quiet(22 * 60, 90)
    first = planning.quiet_end(evening, quiet, NEW_YORK)
    assert first == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert planning.quiet_end(datetime(2026, 11, 1, 6, 10, tzinfo=UTC), quiet, NEW_YORK) == (
        datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    )


@given(now=whens, hour=st.integers(0, 23), last=st.none() | st.integers(0, 3), zone=zones)
def test_next_digest_is_the_hours_next_turn(
    now: datetime, hour: int, last: int | None, zone: ZoneInfo
) -> None:
    today = now.astimezone(zone).date()
    given_day = None if last is None else today - timedelta(days=last)
    due = planning.next_digest(now, hour=hour, last=given_day, zone=zone)
    assert now < due <= now + timedelta(hours=74)
    # When it is due, that day's digest is the one to write, and it has not been written.
    day = planning.digest_day(due, hour=hour, zone=zone)
    assert given_day is None or day > given_day


@given(now=whens, hour=st.integers(0, 23), zone=zones)
def test_digests_of_a_week_are_on_different_days(now: datetime, hour: int, zone: ZoneInfo) -> None:
    days: list[date] = []
    for _ in range(7):
        now = planning.next_digest(now, hour=hour, last=days[-1] if days else None, zone=zone)
        days.append(planning.digest_day(now, hour=hour, zone=zone))
    assert sorted(set(days)) == days


def test_day_of_a_clock_gone_back_is_not_believed() -> None:
    now = local("2026-06-01T09:00")
    due = planning.next_digest(now, hour=8, last=date(2031, 1, 1), zone=SHANGHAI)
    assert due == local("2026-06-02T08:00")


@given(
    default=st.sampled_from(planning.WAYS),
    chosen=st.none() | st.sampled_from(planning.WAYS),
    essential=st.booleans(),
)
def test_way_is_as_chosen_and_what_is_essential_is_never_off(
    default: str, chosen: str | None, essential: bool
) -> None:
    found = planning.way(default, chosen, essential=essential)
    assert found in planning.WAYS
    if essential:
        assert found != "off"
    if not (essential and (chosen or default) == "off"):
        assert found == (chosen or default)
