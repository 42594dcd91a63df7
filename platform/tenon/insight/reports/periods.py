"""Periods that reports are of: weeks from Monday, months, quarters, years; knows no database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A week, month, quarter or year.

    Attributes:
        kind: of the names above.
        first, last: its days, inclusive.
    """

    kind: str
    first: date
    last: date

    @property
    def before(self) -> Period:
        """The one before."""
        return period_of(self.kind, self.first - _DAY)

    @property
    def after(self) -> Period:
        """The next one."""
        return period_of(self.kind, self.last + _DAY)

    @property
    def last_year(self) -> Period:
        """The same one of the year before: of a week, the one 52 weeks earlier."""
        if self.kind == "week":
            return period_of("week", self.first - 52 * _WEEK)
        return period_of(self.kind, date(self.first.year - 1, self.first.month, 1))


def period_of(kind: str, day: date) -> Period:
    """Return the period of a kind that a day lies in."""
    if kind == "week":
        first = day - timedelta(days=day.weekday())
        return Period(kind, first, first + _WEEK - _DAY)
    months = _MONTHS[kind]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    after = first.replace(day=1)
    for _ in range(months):
        after = (after + timedelta(days=32)).replace(day=1)
    return Period(kind, first, after - _DAY)


def ended(kind: str, since: date, today: date, *, most: int) -> Iterator[Period]:
    """Yield the periods that begin on or after ``since`` and have ended, at most the last few."""
    newest = period_of(kind, today).before
    found: list[Period] = []
    while len(found) < most and newest.first >= since:
        found.append(newest)
        newest = newest.before
    yield from reversed(found)
