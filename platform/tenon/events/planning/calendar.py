"""Calendar files (RFC 5545) of anything with a start and an end, in a zone of its own.

General: agendas of one person are written with it as well. Every entry keeps its ``uid`` for good;
a calendar takes over a change that comes with a higher ``sequence``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Timezone, TimezoneDaylight, TimezoneStandard
from icalendar import Event as CalendarEvent

PRODUCT = "-//Tenon//Matchmaking events//EN"
CONTENT_TYPE = "text/calendar; charset=utf-8"
_MARGIN = timedelta(days=400)
_STEP = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry.

    Attributes:
        uid: the same for good, the world over.
        sequence: counts its changes from 0.
        starts, ends: aware; written in the calendar's zone.
        cancelled: it does not take place; calendars strike it out.
        url: the page to read on.
    """

    uid: str
    sequence: int
    starts: datetime
    ends: datetime
    summary: str
    location: str = ""
    description: str = ""
    cancelled: bool = False
    url: str = ""


def write_calendar(entries: Sequence[Entry], *, zone: ZoneInfo, name: str, now: datetime) -> bytes:
    """Return a calendar file with these entries, its zone described within it.

    ``now`` is when it was written (DTSTAMP). The same entries and moment give the same bytes.
    """
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", zone.key)
    if entries:
        first = min(each.starts for each in entries)
        last = max(each.ends for each in entries)
        calendar.add_component(_zone(zone, first - _MARGIN, last + _MARGIN))
    for each in entries:
        calendar.add_component(_event(each, zone, now))
    written: bytes = calendar.to_ical()
    return written


def _event(entry: Entry, zone: ZoneInfo, now: datetime) -> CalendarEvent:
    made = CalendarEvent()
    made.add("uid", entry.uid)
    made.add("sequence", entry.sequence)
    made.add("dtstamp", now.astimezone(UTC))
    made.add("last-modified", now.astimezone(UTC))
    made.add("dtstart", entry.starts.astimezone(zone))
    made.add("dtend", entry.ends.astimezone(zone))
    made.add("summary", entry.summary)
    made.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    made.add("transp", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    for part in ("location", "description", "url"):
        value = getattr(entry, part)
        if value:
            made.add(part, value)
    return made


def _zone(zone: ZoneInfo, first: datetime, last: datetime) -> Timezone:
    """Describe a zone from one moment to another: one part for each change of its clocks.

    A part begins at what the clock showed just before the change, as the standard wants it.
    """
    made = Timezone()
    made.add("tzid", zone.key)
    begin = first.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    for moment in (begin, *_changes(zone, begin, last)):
        before = (moment - timedelta(seconds=1)).astimezone(zone)
        after = moment.astimezone(zone)
        part = TimezoneDaylight() if after.dst() else TimezoneStandard()
        old = before.utcoffset() or timedelta()
        part.add("dtstart", (moment + old).replace(tzinfo=None))
        part.add("tzoffsetfrom", old)
        part.add("tzoffsetto", after.utcoffset() or timedelta())
        part.add("tzname", after.tzname() or zone.key)
        made.add_component(part)
    return made


def _changes(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield the moments at which the zone's clocks change, to the second."""
    moment = first
    while moment < last:
        following = moment + _STEP
        if _offset(zone, moment) != _offset(zone, following):
            low, high = moment, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                if _offset(zone, middle) == _offset(zone, low):
                    low = middle
                else:
                    high = middle
            yield high
        moment = following


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()
