"""What an event of each kind begins with, and when its phases lie; read from ``kinds.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from tenon.events.models.event import KINDS

REQUESTS_BEFORE = timedelta(days=14)
FOLLOW_UP = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind's beginnings.

    Attributes:
        opens, closes, breaks: minutes after midnight.
        groups: (code, Chinese name, English name).
        may: pairs of codes.
        sessions: as the file has them.
    """

    opens: int
    closes: int
    breaks: tuple[tuple[int, int], ...]
    slot_minutes: int
    walk_minutes: int
    tables: int
    most_meetings: int
    groups: tuple[tuple[str, str, str], ...]
    may: tuple[tuple[str, str], ...]
    sessions: tuple[Mapping[str, Any], ...]


@cache
def kinds() -> Mapping[str, Kind]:
    """Return every kind by its code; raises KeyError where the file lacks one."""
    text = files(__package__).joinpath("kinds.toml").read_text(encoding="utf-8")
    told = tomllib.loads(text)
    return {code: _read(told[code]) for code in KINDS}


def _read(told: Mapping[str, Any]) -> Kind:
    return Kind(
        opens=_minutes(told["opens"]),
        closes=_minutes(told["closes"]),
        breaks=tuple((_minutes(first), _minutes(last)) for first, last in told["breaks"]),
        slot_minutes=told["slot_minutes"],
        walk_minutes=told["walk_minutes"],
        tables=told["tables"],
        most_meetings=told["most_meetings"],
        groups=tuple((each["code"], each["zh"], each["en"]) for each in told["groups"]),
        may=tuple((first, second) for first, second in told["may"]),
        sessions=tuple(told["sessions"]),
    )


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def usual_phases(
    starts_at: datetime, ends_at: datetime, *, zone: ZoneInfo, now: datetime
) -> dict[str, datetime | None]:
    """Return the moments of the phases as they usually lie around an event.

    Registration is open at once and until two days before, requests from a fortnight before until
    noon of the day before, the timetable is released by six that evening, follow-up lasts for a
    fortnight. An event that is nearer than that leaves registration and requests open until it
    begins, and has its timetable by then; one that has begun has no such deadline.
    """
    day = starts_at.astimezone(zone).date()

    def before(days: int, hour: int) -> datetime:
        wanted = datetime.combine(day - timedelta(days=days), time(hour), tzinfo=zone)
        moment = wanted.astimezone(UTC)
        return moment if moment > now else max(starts_at, now)

    requests_until = before(1, 12)
    return {
        "registration_from": now,
        "registration_until": min(before(2, 18), requests_until),
        "requests_from": min(max(now, starts_at - REQUESTS_BEFORE), requests_until),
        "requests_until": requests_until,
        "schedule_until": (
            max(before(1, 18), requests_until) if requests_until <= starts_at else None
        ),
        "follow_up_until": ends_at + FOLLOW_UP,
    }
