"""Interest on what is paid late: simple, by a stated yearly rate and day count, rounded once.

The rate is a value of the rule table or of the contract and is given in; it may change by date
(a published prime rate does). Interest bears no interest. Knows nothing of deals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from tenon.formulas.royalty import rounded_half_up

DayCount = Literal["actual/365", "actual/360", "30/360"]
"""How days become a part of a year: real days over 365 or 360, or months of 30 days over 360."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days with one balance and one rate.

    Attributes:
        start: first day that bears interest.
        end: the day after the last one.
        days: as the day count counts them.
        balance: minor units owed on these days.
        rate: a year's, as a share.
        amount: exact minor units of interest.
    """

    start: date
    end: date
    days: int
    balance: int
    rate: Fraction
    amount: Fraction


@dataclass(frozen=True, slots=True)
class Interest:
    """What late payment costs.

    Attributes:
        amount: minor units, rounded half up once, after all spans are added.
        spans: in order of time.
        outstanding: of the principal, at the end.
    """

    amount: int
    spans: tuple[Span, ...]
    outstanding: int


Rate = Decimal | Fraction | Sequence[tuple[date, Decimal | Fraction]]
"""One yearly rate as a share (0.0525), or rates from a day on, the first not after the due day."""


def late(
    principal: int,
    *,
    due_on: date,
    until: date,
    rate: Rate,
    payments: Sequence[tuple[date, int]] = (),
    day_count: DayCount = "actual/365",
    grace_days: int = 0,
) -> Interest:
    """Return the interest on a sum that was due on a day, up to ``until``.

    The day of payment bears interest, the due day does not: paid a day late is one day. Payments
    lower the balance from the day after they came; those up to the due day do so from the start.
    ``grace_days``: nothing is owed where all was paid within so many days after the due day;
    where it was not, interest counts from the due day. Raises ValueError for a negative sum, rate
    or day count, and where no rate is known for the due day.
    """
    if principal < 0 or grace_days < 0 or any(paid < 0 for _, paid in payments):
        raise ValueError("sums and days are at least nothing")
    rates = _rates(rate, due_on)
    paid = sorted((day, amount) for day, amount in payments if day <= until)
    outstanding = max(0, principal - sum(amount for _, amount in paid))
    patience = due_on + timedelta(days=grace_days)
    in_time = sum(amount for day, amount in paid if day <= patience)
    if until <= due_on or in_time >= principal or until <= patience:
        return Interest(0, (), outstanding)
    spans = tuple(_spans(principal, due_on, until, rates, paid, day_count))
    exact = sum((span.amount for span in spans), Fraction(0))
    return Interest(rounded_half_up(exact), spans, outstanding)


def _rates(rate: Rate, due_on: date) -> list[tuple[date, Fraction]]:
    if isinstance(rate, (Decimal, Fraction)):
        rates = [(due_on, Fraction(rate))]
    else:
        rates = sorted((since, Fraction(value)) for since, value in rate)
    if not rates or rates[0][0] > due_on:
        raise ValueError("no rate is known for the day on which the sum was due")
    if any(value < 0 for _, value in rates):
        raise ValueError("a rate of interest is at least nothing")
    return rates


def _spans(
    principal: int,
    due_on: date,
    until: date,
    rates: list[tuple[date, Fraction]],
    paid: list[tuple[date, int]],
    day_count: DayCount,
) -> list[Span]:
    """Cut the time where the balance or the rate changes; boundaries are mornings."""
    morning = timedelta(days=1)
    begin, end = due_on + morning, until + morning
    cuts = {begin, end}
    cuts |= {day + morning for day, _ in paid if begin < day + morning < end}
    cuts |= {since for since, _ in rates if begin < since < end}
    found: list[Span] = []
    for start, stop in pairwise(sorted(cuts)):
        balance = principal - sum(amount for day, amount in paid if day < start)
        if balance <= 0:
            break
        yearly = next(value for since, value in reversed(rates) if since <= start)
        days, year = _days(start, stop, day_count)
        amount = balance * yearly * days / year
        found.append(Span(start, stop, days, balance, yearly, amount))
    return found


def _days(start: date, end: date, day_count: DayCount) -> tuple[int, int]:
    """Return the days from morning to morning, and the days of a year, as they are counted."""
    if day_count == "30/360":
        months = (end.year - start.year) * 12 + end.month - start.month
        return months * 30 + min(end.day, 30) - min(start.day, 30), 360
    return (end - start).days, 365 if day_count == "actual/365" else 360
