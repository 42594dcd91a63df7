"""Days as rules count them: full days in the site's zone, the day of an event not among them.

Civil Code 201: the day on which a period begins is not counted. Knows no table; working days are
counted by the calendar (``network.queries.days``).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tenon.notices import delivery


def site_zone() -> ZoneInfo:
    """Return the zone by whose days the site counts."""
    return delivery.current().zone


def day_of(moment: datetime, zone: ZoneInfo | None = None) -> date:
    """Return the day of a moment in a zone, the site's unless told."""
    return moment.astimezone(zone or site_zone()).date()


def last_full_day(started_at: datetime, days: int, zone: ZoneInfo | None = None) -> date:
    """Return the last of ``days`` full days after the day of ``started_at``."""
    return day_of(started_at, zone) + timedelta(days=days)


def has_passed(last_on: date, now: datetime, zone: ZoneInfo | None = None) -> bool:
    """Whether the whole day ``last_on`` has passed."""
    return day_of(now, zone) > last_on
