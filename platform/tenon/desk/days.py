"""Days of the desk: today in the site's zone, the next working day, the next of a series.

A working day is what the network's calendar says.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from tenon.network.queries.days import working_days_later
from tenon.notices import delivery


def today_of(now: datetime) -> date:
    """Return the day of a moment by the site's clock."""
    return now.astimezone(delivery.current().zone).date()


def next_working_day(session: Session, day: date) -> date:
    """Return the first working day after ``day``; one statement."""
    return working_days_later(session, day, 1)


def following(day: date, repeats: str, *, after: date) -> date:
    """Return the next day of a series (``weekly``, ``monthly``) that lies after ``after``.

    A monthly one keeps its day of the month, or takes the month's last where it is shorter.
    """
    found, months = day, 0
    while found <= after or found <= day:
        if repeats == "weekly":
            found += timedelta(days=7)
        else:
            months += 1
            number = day.month - 1 + months
            year, month = day.year + number // 12, number % 12 + 1
            found = date(year, month, min(day.day, monthrange(year, month)[1]))
    return found
