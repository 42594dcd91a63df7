"""Calendar files, read by a parser other than the writer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.events.planning import printing, services
from tenon.events.planning.calendar import Entry, write_calendar
from tests.events.planning.scenes import Cast, announced, broker

WRITTEN = datetime(2026, 11, 22, 8, tzinfo=UTC)
ZONES = [
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "UTC",
]


def _read(content: bytes) -> Any:
    # It keeps the first description of a zone that it ever reads: each file is to speak for itself.
    vars(vobject.icalendar)["__tzidMap"].clear()
    return vobject.readOne(content.decode())


def _entry(starts: datetime, **more: Any) -> Entry:
    values: dict[str, Any] = {"uid": "a@tenon", "sequence": 0, "summary": "x"} | more
    return Entry(starts=starts, ends=starts + timedelta(minutes=20), **values)


@pytest.mark.parametrize("zone", ZONES)
@given(
    hours=st.lists(st.integers(0, 3 * 366 * 24 * 4), min_size=1, max_size=5, unique=True),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_another_parser_reads_the_same_moments(zone: str, hours: list[int]) -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    starts = [first + timedelta(minutes=15 * number) for number in hours]
    # An hour that comes twice cannot be told apart by the clock alone; no meeting lies there.
    own = ZoneInfo(zone)
    starts = [each for each in starts if _tellable(each, own)] or [first]
    entries = [_entry(each, uid=f"{place}@tenon") for place, each in enumerate(starts)]
    content = write_calendar(entries, zone=own, name="n", now=WRITTEN)
    found = {each.uid.value: each for each in _read(content).vevent_list}
    for entry in entries:
        assert found[entry.uid].dtstart.value == entry.starts
        assert found[entry.uid].dtend.value == entry.ends


def _tellable(moment: datetime, zone: ZoneInfo) -> bool:
    return all(
        local.utcoffset() == local.replace(fold=1 - local.fold).utcoffset()
        for local in ((moment + timedelta(minutes=minutes)).astimezone(zone) for minutes in (0, 20))
    )


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_parts_of_a_zone_begin_at_the_clock_before_the_change(zone: str) -> None:
    start = datetime(2027, 3, 1, 9, tzinfo=UTC)
    content = write_calendar([_entry(start)], zone=ZoneInfo(zone), name="n", now=WRITTEN)
    parts = [
        part
        for part in _read(content).vtimezone.getChildren()
        if part.name in ("STANDARD", "DAYLIGHT")
    ]
    text = content.decode()
    assert text.count("BEGIN:STANDARD") + text.count("BEGIN:DAYLIGHT") >= 4
    assert "RDATE" not in text
    assert parts


def test_the_first_meeting_after_the_clocks_change_is_right() -> None:
    zone = ZoneInfo("Europe/Berlin")
    starts = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)  # the very moment: 03:00 summer time
    content = write_calendar([_entry(starts)], zone=zone, name="n", now=WRITTEN)
    assert "DTSTART;TZID=Europe/Berlin:20270328T030000" in content.decode()
    assert "DTSTART:20270328T020000" in content.decode()
    assert _read(content).vevent.dtstart.value == starts


def test_words_with_commas_lines_and_chinese_come_through() -> None:
    words = "洽谈：甲, 乙; 丙\\丁"
    entry = _entry(
        datetime(2027, 3, 1, 1, tzinfo=UTC),
        summary=words,
        description="第一行\n第二行，" + "长" * 100,
        location="一号厅, A1",
    )
    content = write_calendar([entry], zone=ZoneInfo(ZONES[0]), name="议程", now=WRITTEN)
    found = _read(content).vevent
    assert found.summary.value == words
    assert found.description.value == entry.description
    assert found.location.value == entry.location
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))


def test_no_entries_make_a_calendar_all_the_same() -> None:
    content = write_calendar([], zone=ZoneInfo(ZONES[0]), name="n", now=WRITTEN)
    assert b"BEGIN:VCALENDAR" in content
    assert b"VEVENT" not in content


def _of_event(event: Any) -> Any:
    content = printing.event_calendar(event, language="zh", address="http://site/e", now=WRITTEN)
    return _read(content).vevent


def test_an_event_called_off_is_struck_out_with_a_higher_sequence(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = announced(session, cast, now)
    before = _of_event(event)
    assert (before.status.value, before.sequence.value) == ("CONFIRMED", "0")
    assert before.dtstart.value == event.starts_at
    assert before.dtend.value == event.ends_at
    assert before.summary.value == "光电子供需对接会"
    assert before.location.value == "示例会展中心"
    services.call_off(
        session, event, reason="台风", version=event.version, by=broker(cast), now=now
    )
    after = _of_event(event)
    assert after.uid.value == before.uid.value
    assert (after.status.value, after.sequence.value) == ("CANCELLED", "1")
