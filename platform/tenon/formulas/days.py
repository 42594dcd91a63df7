"""Days counted as contracts and statutes count them: so many months or years later.

Civil Code 202: a period of months or years ends on the day of the month on which it began, or, in a
month without such a day, on that month's last.
"""

from __future__ import annotations

import calendar
from datetime import date


def months_later(day: date, months: int) -> date:
    """Return the day ``months`` later (earlier where negative)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def years_later(day: date, years: int) -> date:
    """Return the day ``years`` later; 29 February becomes the 28th in a common year."""
    return months_later(day, 12 * years)
