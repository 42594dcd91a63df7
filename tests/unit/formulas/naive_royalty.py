"""A second, plain way to a royalty statement, written only to be compared with the first.

It keeps a table of rows, one a period, and takes every figure from sums over the rows before;
no standing, no steps, no lines. Slow on purpose: each row walks all of them again.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tenon.formulas.royalty import Terms, Use


@dataclass(frozen=True, slots=True)
class Row:
    """A period's figures; all but ``third`` are whole numbers."""

    year: int
    net: int
    third: Fraction
    negative: int
    royalty: int
    earned: int
    ahead: int
    top_up: int
    overpaid: int
    maintenance: int
    upfront: int
    payable: int


def naive(terms: Terms, uses: list[Use]) -> list[Row]:
    """Return a row for each period."""
    rows: list[Row] = []
    for use in uses:
        rows.append(_row(terms, use, rows))
    return rows


def _row(terms: Terms, use: Use, rows: list[Row]) -> Row:
    year = use.start.year - (use.start.month < terms.year_starts)
    raw = use.amount - use.already + (rows[-1].negative if rows else 0)
    net = max(raw, 0)
    royalty = _nearest(
        _running(terms, rows, year, net, use.third_party)
        + use.sublicence_income * terms.sublicence_share
    )
    same_year = [row for row in rows if row.year == year]
    closed = sum(row.earned + row.top_up for row in rows if row.year != year)
    if terms.minimum is not None and terms.minimum.advance:
        closed += _short_years(terms, rows, year)
    so_far = _within(terms, closed, sum(row.royalty for row in same_year))
    now = _within(terms, closed, sum(row.royalty for row in same_year) + royalty)
    earned = now - so_far
    ahead = top_up = 0
    if terms.minimum is not None and terms.minimum.advance:
        paid = _minimum(terms, year, None)
        ahead = max(0, min(now, paid)) - max(0, min(so_far, paid))
    elif terms.minimum is not None and _is_last(terms, use, year):
        least = _within(terms, closed, _minimum(terms, year, use if use.last else None))
        top_up = max(0, least - max(0, now))
    due = earned - ahead
    owing = sum(row.overpaid for row in rows)
    if due < 0:
        overpaid, rest = -due, 0
    else:
        overpaid = -min(owing, due)
        rest = due + overpaid
    most = int(rest * terms.credit_limit)
    maintenance = min(most, terms.maintenance - sum(row.maintenance for row in same_year))
    upfront = min(most - maintenance, terms.creditable - sum(row.upfront for row in rows))
    payable = rest - maintenance - upfront + top_up
    return Row(
        year, net, use.third_party, min(raw, 0) if terms.carry else 0, royalty, earned, ahead,
        top_up, overpaid, maintenance, upfront, payable,
    )  # fmt: skip


def _short_years(terms: Terms, rows: list[Row], year: int) -> int:
    """Return what minimums paid ahead in earlier years were more than earned."""
    short, closed = 0, 0
    for earlier in sorted({row.year for row in rows if row.year < year}):
        earned = sum(row.earned for row in rows if row.year == earlier)
        least = _within(terms, closed, _minimum(terms, earlier, None))
        lacking = max(0, least - max(0, earned))
        short += lacking
        closed += earned + lacking
    return short


def _running(terms: Terms, rows: list[Row], year: int, net: int, third: Fraction) -> Fraction:
    window = {
        "period": [],
        "year": [row for row in rows if row.year == year],
        "licence": rows,
        None: [],
    }[terms.window]
    before = sum(row.net for row in window)
    if terms.mode == "whole":
        old, new = _rate_at(terms, before), _rate_at(terms, before + net)
        was = sum((row.net * _less(terms, old, row.third) for row in window), Fraction(0))
        will = sum((row.net * _less(terms, new, row.third) for row in window), Fraction(0))
        return will + net * _less(terms, new, third) - was
    found = Fraction(0)
    for number, tier in enumerate(terms.tiers):
        plain = (
            terms.by_year[min(_number(terms, year), len(terms.by_year) - 1)]
            if (terms.by_year)
            else tier.rate
        )
        rate = _less(terms, plain, third)
        upper = terms.tiers[number + 1].start if number + 1 < len(terms.tiers) else None
        found += rate * (_part(before + net, tier.start, upper) - _part(before, tier.start, upper))
    return found


def _part(amount: int, lower: int, upper: int | None) -> int:
    """Return how much of an amount lies between two marks."""
    cut = amount if upper is None else min(amount, upper)
    return max(0, cut - lower)


def _rate_at(terms: Terms, amount: int) -> Fraction:
    rate = terms.tiers[0].rate
    for tier in terms.tiers:
        if amount >= tier.start:
            rate = tier.rate
    return rate


def _less(terms: Terms, rate: Fraction, third: Fraction) -> Fraction:
    if terms.stacking is None or third == 0:
        return rate
    wanted = rate - third * terms.stacking.deductible
    if wanted < terms.stacking.floor:
        wanted = terms.stacking.floor
    return min(rate, wanted)


def _within(terms: Terms, closed: int, amount: int) -> int:
    if terms.cap_year is not None and amount > terms.cap_year:
        amount = terms.cap_year
    if terms.cap_total is not None and closed + amount > terms.cap_total:
        amount = min(amount, max(0, terms.cap_total - closed))
    return amount


def _bounds(terms: Terms, year: int, use: Use | None) -> tuple[date, date]:
    first = date(year, terms.year_starts, 1)
    last = date(year + 1, terms.year_starts, 1) - timedelta(days=1)
    ends = [last] + ([terms.ends] if terms.ends else []) + ([use.end] if use else [])
    return max(first, terms.starts), min(ends)


def _is_last(terms: Terms, use: Use, year: int) -> bool:
    return use.last or use.end == _bounds(terms, year, None)[1]


def _minimum(terms: Terms, year: int, use: Use | None) -> int:
    assert terms.minimum is not None
    number = _number(terms, year)
    amounts = terms.minimum.amounts
    whole = amounts[number] if number < len(amounts) else amounts[-1]
    start, end = _bounds(terms, year, use)
    if terms.minimum.starts is not None:
        start = max(start, terms.minimum.starts)
    if start > end:
        return 0
    if terms.minimum.prorate == "none":
        return whole
    if terms.minimum.prorate == "days":
        long = date(year + 1, terms.year_starts, 1) - date(year, terms.year_starts, 1)
        return _nearest(Fraction(whole * ((end - start).days + 1), long.days))
    return _nearest(whole * _months(start, end) / 12)


def _number(terms: Terms, year: int) -> int:
    """Return how many royalty years came before in the licence."""
    return year - (terms.starts.year - (terms.starts.month < terms.year_starts))


def _months(start: date, end: date) -> Fraction:
    """Count months one by one, each by the share of its days that lies between two days."""
    found, month = Fraction(0), date(start.year, start.month, 1)
    while month <= end:
        length = monthrange(month.year, month.month)[1]
        closing = month.replace(day=length)
        days = (min(end, closing) - max(start, month)).days + 1
        found += Fraction(days, length)
        month = closing + timedelta(days=1)
    return found


def _nearest(exact: Fraction) -> int:
    """Round half up, away from nothing, by way of decimals where they hold the number exactly."""
    doubled = exact * 2
    if doubled.denominator == 1:
        half = Decimal(doubled.numerator) / 2
        return int(half.to_integral_value(rounding=ROUND_HALF_UP))
    return round(exact)
