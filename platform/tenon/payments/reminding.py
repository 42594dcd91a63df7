"""On which days people are reminded of a payment: before it is due, and while it is late."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "reminders.toml"


@cache
def offsets() -> tuple[int, ...]:
    """Return days from the due day on which to remind, ascending; before it is negative."""
    kept = tomllib.loads(_FILE.read_text("utf-8"))
    return tuple(sorted({-day for day in kept["before"]} | set(kept["after"])))


def first_reminder(due_on: date, today: date) -> date | None:
    """Return the first day from today on to remind of something due; None where all are over."""
    days = (due_on + timedelta(days=offset) for offset in offsets())
    return next((day for day in days if day >= today), None)


def next_reminder(due_on: date, today: date) -> date | None:
    """Return the next such day after today."""
    return first_reminder(due_on, today + timedelta(days=1))
