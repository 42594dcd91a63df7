"""The sum of a royalty statement, period by period, exact until one stated rounding.

The order: base (less what bore its royalty before, less what was carried) -> tiers, each rate
reduced for royalties to others -> sublicence share -> ROUNDING, half up, to the minor unit, the
only place where running royalties are rounded -> caps -> minimum paid ahead -> what was overpaid
-> creditable fees -> top-up to the minimum annual royalty in the year's last statement (its
pro-rated amount is rounded half up too). Credits are not taken from the top-up.
Source: domain-rules section 6; Civil Code 846 for rates fixed, rising and falling.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction

from tenon.formulas import periods
from tenon.formulas.royalty import tiers
from tenon.formulas.royalty.steps import Standing, Statement, Step
from tenon.formulas.royalty.terms import Minimum, Terms, Tier, Use


def opening(terms: Terms) -> Standing:
    """Return where a licence stands before its first report."""
    year = periods.year_of(terms.starts, starts=terms.year_starts)
    return Standing(None, year, 0, tiers.EMPTY, 0, 0, terms.maintenance, terms.creditable, 0)


def statements(terms: Terms, uses: Iterable[Use]) -> list[Statement]:
    """State one period after the other; raises ValueError as :func:`state` does."""
    found: list[Statement] = []
    standing = opening(terms)
    for use in uses:
        found.append(state(terms, use, standing))
        standing = found[-1].after
    return found


def state(terms: Terms, use: Use, standing: Standing) -> Statement:
    """Return a period's statement.

    Raises ValueError where the period does not follow the one before without a gap (cumulative
    tiers, minimum and caps need every period in order) or reaches over a royalty year's end.
    """
    year = _checked_year(terms, use, standing)
    if year != standing.year:
        standing = _new_year(terms, standing, year)
    steps, net, carried = _base(terms, use, standing)
    adds_up = len(terms.tiers) > 1 and terms.window != "period"
    bases = standing.bases if adds_up else tiers.EMPTY
    steps += _running(terms, terms.tiers_of(year), use, net, bases)
    exact = Fraction(sum(step.amount for step in steps if step.amount is not None))
    rounded = rounded_half_up(exact)
    if rounded != exact:
        steps.append(Step("rounding", None, None, rounded - exact, "rounding"))
    earned, cap_steps = _capped(terms, standing, rounded)
    steps += cap_steps
    running = standing.running + rounded
    due = earned - _set_off_ahead(terms, standing, running, steps)
    payable, overpaid, maintenance, upfront = _credited(terms, standing, due, steps)
    top_up = _top_up(terms, use, standing, running, steps)
    after = Standing(
        until=use.end,
        year=year,
        carried=carried,
        bases=tiers.with_more(bases, use.third_party, net) if adds_up else bases,
        running=running,
        closed=standing.closed,
        maintenance_left=maintenance,
        upfront_left=upfront,
        overpaid=overpaid,
    )
    return Statement(use, tuple(steps), net, earned, top_up, payable + top_up, after)


def rounded_half_up(exact: Fraction) -> int:
    """Return the nearest whole minor unit; halves go away from nothing, as in bookkeeping."""
    twice = 2 * abs(exact.numerator) + exact.denominator
    whole = twice // (2 * exact.denominator)
    return whole if exact.numerator >= 0 else -whole


def _checked_year(terms: Terms, use: Use, standing: Standing) -> int:
    expected = terms.starts if standing.until is None else standing.until + timedelta(days=1)
    if use.start != expected:
        raise ValueError(f"the next period begins on {expected}, not on {use.start}")
    if use.end < use.start or (terms.ends is not None and use.end > terms.ends):
        raise ValueError("a period ends within the licence and after it begins")
    year = periods.year_of(use.start, starts=terms.year_starts)
    if periods.year_of(use.end, starts=terms.year_starts) != year:
        raise ValueError("a period reaches over the end of a royalty year")
    return year


def _new_year(terms: Terms, old: Standing, year: int) -> Standing:
    """Close a royalty year: what it earned is added up, yearly credits begin anew."""
    earned = _counted(terms, old.closed, old.running)
    minimum = _counted(terms, old.closed, minimum_of(terms, old.year))
    return Standing(
        until=old.until,
        year=year,
        carried=old.carried,
        bases=old.bases if terms.window == "licence" else tiers.EMPTY,
        running=0,
        closed=old.closed + earned + max(0, minimum - max(0, earned)),
        maintenance_left=terms.maintenance,
        upfront_left=old.upfront_left,
        overpaid=old.overpaid,
    )


def _base(terms: Terms, use: Use, standing: Standing) -> tuple[list[Step], int, int]:
    """Return the lines that lead to the base, the base, and what is carried on."""
    steps = [Step("reported", use.amount, None, None, terms.base)]
    if use.already:
        steps.append(Step("already", -use.already, None, None, "once_per_unit"))
    if standing.carried:
        steps.append(Step("carried_in", standing.carried, None, None, terms.base))
    amount = use.amount - use.already + standing.carried
    if amount >= 0:
        return steps, amount, 0
    steps.append(Step("carried_on", -amount, None, None, terms.base))
    return steps, 0, amount if terms.carry else 0


def _running(
    terms: Terms, found: tuple[Tier, ...], use: Use, net: int, bases: tiers.Bases
) -> list[Step]:
    """Return the lines of the running royalty, the sublicence share among them."""
    if terms.mode == "whole":
        steps = tiers.whole(terms, bases, net, use.third_party)
    else:
        steps = tiers.marginal(terms, found, tiers.total(bases), net, use.third_party)
    if use.sublicence_income and terms.sublicence_share:
        share = terms.sublicence_share
        amount = use.sublicence_income * share
        steps.append(Step("sublicence", use.sublicence_income, share, amount, "sublicence_share"))
    return steps


def _counted(terms: Terms, closed: int, running: int) -> int:
    """Return what a year has earned within the caps, of ``running`` without them."""
    counted = running
    if terms.cap_year is not None:
        counted = min(counted, terms.cap_year)
    if terms.cap_total is not None:
        counted = min(counted, max(terms.cap_total - closed, 0))
    return counted


def _capped(terms: Terms, standing: Standing, rounded: int) -> tuple[int, list[Step]]:
    """Return what the period earned within the caps, and the line of what they cut."""
    if terms.cap_year is None and terms.cap_total is None:
        return rounded, []
    before = _counted(terms, standing.closed, standing.running)
    earned = _counted(terms, standing.closed, standing.running + rounded) - before
    if earned == rounded:
        return earned, []
    left = None if terms.cap_total is None else max(terms.cap_total - standing.closed, 0)
    by_total = left is not None and (terms.cap_year is None or left < terms.cap_year)
    what, cap = ("cap_total", terms.cap_total) if by_total else ("cap_year", terms.cap_year)
    return earned, [Step(what, cap, None, earned - rounded, what)]


def minimum_of(terms: Terms, year: int, use: Use | None = None) -> int:
    """Return the minimum of a royalty year in minor units, pro-rated, rounded half up; 0 if none.

    ``use`` cuts the year at its end where it says that the licence ended with it.
    """
    if terms.minimum is None or year in terms.minimum.waived:
        return 0
    return _agreed_minimum(terms, terms.minimum, year, use)


def _agreed_minimum(terms: Terms, minimum: Minimum, year: int, use: Use | None) -> int:
    """Return the minimum of a royalty year as it was agreed, pro-rated, whether waived or not."""
    first = periods.year_of(terms.starts, starts=terms.year_starts)
    amounts = minimum.amounts
    whole = amounts[min(max(year - first, 0), len(amounts) - 1)]
    return rounded_half_up(whole * _share_of_minimum(terms, year, use))


def _share_of_minimum(terms: Terms, year: int, use: Use | None) -> Fraction:
    if terms.minimum is None:
        return Fraction(0)
    start, end = periods.year_span(year, starts=terms.year_starts)
    end = min(end, terms.ends or end)
    if use is not None and use.last:
        end = min(end, use.end)
    start = max(start, terms.starts, terms.minimum.starts or terms.starts)
    return periods.share_of_year(
        year, start, end, by=terms.minimum.prorate, starts=terms.year_starts
    )


def _top_up(terms: Terms, use: Use, standing: Standing, running: int, steps: list[Step]) -> int:
    """Return what the year lacks to its minimum, where this is the year's last statement."""
    if terms.minimum is None or terms.minimum.advance:
        return 0
    _, year_end = periods.year_span(standing.year, starts=terms.year_starts)
    if not (use.last or use.end in (year_end, terms.ends)):
        return 0
    share = _share_of_minimum(terms, standing.year, use)
    rate = share if share != 1 else None
    if standing.year in terms.minimum.waived:
        given_up = _agreed_minimum(terms, terms.minimum, standing.year, use)
        steps.append(Step("minimum_waived", given_up, rate, 0, "minimum"))
        return 0
    minimum = _counted(terms, standing.closed, minimum_of(terms, standing.year, use))
    top_up = max(0, minimum - max(0, _counted(terms, standing.closed, running)))
    steps.append(Step("minimum", minimum, rate, top_up, "minimum"))
    return top_up


def _set_off_ahead(terms: Terms, standing: Standing, running: int, steps: list[Step]) -> int:
    """Return what of this period's royalty the minimum paid at the year's beginning covers."""
    if terms.minimum is None or not terms.minimum.advance:
        return 0
    paid = minimum_of(terms, standing.year)
    before, after = (
        min(max(_counted(terms, standing.closed, earned), 0), paid)
        for earned in (standing.running, running)
    )
    if after != before:
        steps.append(Step("minimum_ahead", paid, None, before - after, "minimum"))
    return after - before


def _credited(
    terms: Terms, standing: Standing, due: int, steps: list[Step]
) -> tuple[int, int, int, int]:
    """Set credits off; return payable, overpaid, maintenance left and up-front fee left."""
    overpaid = standing.overpaid
    if due < 0:
        steps.append(Step("overpaid_on", None, None, -due, "tiers"))
        return 0, overpaid - due, standing.maintenance_left, standing.upfront_left
    taken = min(overpaid, due)
    if taken:
        steps.append(Step("overpaid_in", overpaid, None, -taken, "tiers"))
        due -= taken
        overpaid -= taken
    room = due * terms.credit_limit.numerator // terms.credit_limit.denominator
    left: list[int] = []
    for what, credit in (
        ("maintenance", standing.maintenance_left),
        ("upfront", standing.upfront_left),
    ):
        part = min(credit, room)
        if part:
            steps.append(Step(what, credit, None, -part, what))
        room, due = room - part, due - part
        left.append(credit - part)
    return due, overpaid, left[0], left[1]
