"""Working days: Mondays to Fridays, but for public holidays, and the weekends that are worked.

The table of days is kept by operators; where it says nothing, the weekday decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.network.models import CalendarDay

_SATURDAY = 5


def is_working_day(session: Session, day: date) -> bool:
    """Whether a day is worked."""
    kind = session.scalar(sa.select(CalendarDay.kind).where(CalendarDay.day == day))
    return _is_worked(day, {} if kind is None else {day: kind})


def working_days_later(session: Session, day: date, n: int) -> date:
    """Return the day that is ``n`` working days after ``day``, which itself is not counted.

    With 0 it is ``day`` itself, worked or not. Asks for the special days once as a rule, again
    only where there are more of them than of others.
    """
    if n < 0:
        raise ValueError("working days are counted forwards")
    found = until = day
    known: Mapping[date, str] = {}
    while n:
        found += timedelta(days=1)
        if found > until:
            until = found + timedelta(days=2 * n + 31)
            known = _special(session, found, until)
        n -= _is_worked(found, known)
    return found


def working_days_between(session: Session, first: date, last: date) -> int:
    """Return how many working days lie after ``first`` up to and with ``last``; 0 if it is before.

    So that ``working_days_between(day, working_days_later(day, n)) == n``.
    """
    known = _special(session, first, last)
    days = (first + timedelta(days=each) for each in range(1, (last - first).days + 1))
    return sum(_is_worked(each, known) for each in days)


def special_days(session: Session, year: int) -> Sequence[CalendarDay]:
    """Return the days of a year that are not what their weekday says, in order."""
    return session.scalars(
        sa.select(CalendarDay)
        .where(CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31)))
        .order_by(CalendarDay.day)
    ).all()


def _special(session: Session, first: date, last: date) -> Mapping[date, str]:
    rows = session.execute(
        sa.select(CalendarDay.day, CalendarDay.kind).where(CalendarDay.day.between(first, last))
    )
    return dict(rows.all())


def _is_worked(day: date, known: Mapping[date, str]) -> bool:
    kind = known.get(day)
    return day.weekday() < _SATURDAY if kind is None else kind == "working"
