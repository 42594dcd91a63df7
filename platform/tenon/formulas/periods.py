"""Royalty years and the periods that use is reported for, with the share of a year that one covers.

A royalty year begins on the first of a month, January unless the contract says otherwise, and is
named after the calendar year in which it begins. Dates are inclusive at both ends. Knows nothing
of money.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, Literal

Prorate = Literal["months", "days", "none"]
"""How a part of a year is counted.

``months``: by calendar months, a broken month by its days; ``days``: by days of that year;
``none``: a begun year counts in full.
"""

MONTHS: Final = {3: "Q", 6: "H", 12: ""}
"""Months of a period -> the letter in its key."""


@dataclass(frozen=True, slots=True)
class Period:
    """A time for which use is reported.

    Attributes:
        key: ``2027Q1``, ``2027H2`` or ``2027``, by royalty year.
        year: the royalty year's name.
        start: first day, inclusive.
        end: last day, inclusive; a contract that begins or ends inside cuts the period.
    """

    key: str
    year: int
    start: date
    end: date


def year_of(day: date, *, starts: int = 1) -> int:
    """Return the royalty year that ``day`` is in; ``starts`` is the month it begins with."""
    return day.year if day.month >= starts else day.year - 1


def year_span(year: int, *, starts: int = 1) -> tuple[date, date]:
    """Return first and last day of a royalty year."""
    return date(year, starts, 1), date(year + 1, starts, 1) - timedelta(days=1)


def periods(start: date, end: date, *, months: int, starts: int = 1) -> tuple[Period, ...]:
    """Cut the time from ``start`` to ``end`` into the periods of royalty years.

    Raises ValueError where ``months`` is none of 3, 6, 12 or ``end`` lies before ``start``.
    """
    if months not in MONTHS:
        raise ValueError(f"periods have 3, 6 or 12 months, not {months}")
    if end < start:
        raise ValueError("a time ends before it begins")
    found: list[Period] = []
    for year in range(year_of(start, starts=starts), year_of(end, starts=starts) + 1):
        for number in range(12 // months):
            first = _months_after(date(year, starts, 1), number * months)
            last = _months_after(first, months) - timedelta(days=1)
            if last < start or first > end:
                continue
            key = f"{year}{MONTHS[months]}{number + 1}" if months < 12 else str(year)
            found.append(Period(key, year, max(first, start), min(last, end)))
    return tuple(found)


def _months_after(first: date, months: int) -> date:
    """Return the first of the month so many months after the first of a month."""
    ahead = first.month - 1 + months
    return date(first.year + ahead // 12, ahead % 12 + 1, 1)


def share_of_year(year: int, start: date, end: date, *, by: Prorate, starts: int = 1) -> Fraction:
    """Return which share of a royalty year lies between ``start`` and ``end``, both inclusive.

    1 October to 31 December is 3/12 by months and 92/365 by days; nothing in common is 0. Shares
    of times that follow each other add up, save with ``none``, where a begun year is 1.
    """
    first, last = year_span(year, starts=starts)
    start, end = max(start, first), min(end, last)
    if end < start:
        return Fraction(0)
    if by == "none":
        return Fraction(1)
    if by == "days":
        return Fraction((end - start).days + 1, (last - first).days + 1)
    return (_months_to(end + timedelta(days=1), first) - _months_to(start, first)) / 12


def _months_to(day: date, first: date) -> Fraction:
    """Return the months from ``first`` (of a month) to the morning of ``day``."""
    whole = (day.year - first.year) * 12 + day.month - first.month
    return whole + Fraction(day.day - 1, monthrange(day.year, day.month)[1])
