"""Slots out of days: where one meeting after another fits between breaks and sessions for all.

Pure: days, breaks and sessions in, spans of time out. Minutes count on the wall clock of the
event's zone, spans are moments in UTC, so a day on which the clocks change comes out right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60
_WHOLE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From one moment until another, both aware."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Hours:
    """One day: from when until when, and its breaks, in minutes after midnight on the clock."""

    day: date
    opens: int
    closes: int
    breaks: Sequence[Sequence[int]] = ()


def spans(
    days: Iterable[Hours],
    *,
    zone: ZoneInfo,
    minutes: int,
    walk: int,
    blocked: Sequence[Span] = (),
) -> list[Span]:
    """Return the slots of all days, ascending.

    Every slot lasts ``minutes`` and lies within its day, outside its breaks, and outside
    ``blocked`` (sessions for all) with ``walk`` minutes to go there and back; two slots have at
    least ``walk`` minutes between them. Raises ValueError where ``minutes`` is not positive.
    """
    if minutes <= 0 or walk < 0:
        raise ValueError("a slot lasts some minutes, and nobody walks back in time")
    length, way = timedelta(minutes=minutes), timedelta(minutes=walk)
    around = [Span(each.starts_at - way, each.ends_at + way) for each in blocked]
    found: list[Span] = []
    for hours in sorted(days, key=lambda each: (each.day, each.opens)):
        for free in _free(hours, zone, around):
            earliest = free.starts_at
            if found:
                earliest = max(earliest, found[-1].ends_at + way)
            while earliest + length <= free.ends_at:
                found.append(Span(earliest, earliest + length))
                earliest += length + way
    return found


def moment_at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return the moment at which the clock of a day shows a minute after midnight, in UTC.

    A minute that the clocks skip counts as they stood before; one that comes twice, the first.
    """
    return _readings(day, minute, zone)[0]


def minute_of(moment: datetime, zone: ZoneInfo) -> int:
    """Return what the zone's clock shows at a moment, in minutes after midnight."""
    local = moment.astimezone(zone)
    return local.hour * 60 + local.minute


def _readings(day: date, minute: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the moments of a clock's reading: they differ where the clocks change around it."""
    whole, rest = divmod(minute, DAY)
    on = day + whole * _WHOLE_DAY
    wall = datetime.combine(on, time(rest // 60, rest % 60), tzinfo=zone)
    return wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)


def _free(hours: Hours, zone: ZoneInfo, around: Sequence[Span]) -> Iterator[Span]:
    """Yield what is left of a day; where a reading is in doubt, the shorter day, the longer break.

    So nothing ever lies within a break, whichever of the two the clock's reading meant.
    """
    begin = max(_readings(hours.day, hours.opens, zone))
    end = min(_readings(hours.day, hours.closes, zone))
    taken = [
        Span(min(_readings(hours.day, first, zone)), max(_readings(hours.day, last, zone)))
        for first, last in hours.breaks
    ]
    for span in sorted([*taken, *around]):
        if span.ends_at <= begin or span.starts_at >= span.ends_at:
            continue
        if span.starts_at >= end:
            break
        if span.starts_at > begin:
            yield Span(begin, min(span.starts_at, end))
        begin = max(begin, span.ends_at)
    if begin < end:
        yield Span(begin, end)
