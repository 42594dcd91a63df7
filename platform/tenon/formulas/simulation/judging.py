"""What a form is worth to a party: net present value, worst case, break-even, indifference."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

from tenon.formulas.simulation.flows import Cash, cash_of
from tenon.formulas.simulation.holdings import Stage, stages
from tenon.formulas.simulation.inputs import PARTIES, Setting

_REACH = 1000  # how far above the sales that were set indifference is looked for
_MIDDLE = 2  # roots tried before the middle
_STEPS = 24  # of the grid on which it is looked for; a factor of about 1.33 each


def npv(flow: Sequence[Fraction], rate: Fraction) -> Fraction:
    """Return the net present value of cash by year; year 0 is not discounted."""
    return sum((cash / (1 + rate) ** year for year, cash in enumerate(flow)), Fraction(0))


def cumulative(flow: Sequence[Fraction]) -> list[Fraction]:
    """Return the sum of all cash up to each year."""
    found, so_far = [], Fraction(0)
    for cash in flow:
        so_far += cash
        found.append(so_far)
    return found


def stays_positive_from(flow: Sequence[Fraction]) -> int | None:
    """Return the first year from which on the cumulative cash is never negative; None if none."""
    year = None
    for number, cash in enumerate(cumulative(flow)):
        if cash < 0:
            year = None
        elif year is None:
            year = number
    return year


@dataclass(frozen=True, slots=True)
class Outcome:
    """One form under a setting, exact, in minor units.

    Attributes:
        form: which one.
        success: cash by party where the project succeeds.
        failure: cash by party where it fails.
        expected: cash by party, weighted with the chance of success.
        held: the holders of the company, stage by stage, where it succeeds.
        npv: party -> net present value of the expected cash.
        worst: party -> the lower net present value of success and failure.
        deepest: party -> the lowest cumulative cash of both; what must be at hand.
        break_even: party -> first year from which expected cumulative cash stays non-negative.
    """

    form: str
    success: Cash
    failure: Cash
    expected: Mapping[str, list[Fraction]]
    held: Sequence[Stage]
    npv: Mapping[str, Fraction]
    worst: Mapping[str, Fraction]
    deepest: Mapping[str, Fraction]
    break_even: Mapping[str, int | None]


def simulate(form: str, setting: Setting) -> Outcome:
    """Return what a form gives each party."""
    good = cash_of(form, setting, succeeds=True)
    bad = cash_of(form, setting, succeeds=False)
    expected = {party: _weighed(good, bad, party, setting.success) for party in PARTIES}
    rate = setting.discount_rate
    both = {party: (good.by_party[party], bad.by_party[party]) for party in PARTIES}
    held = stages(form, setting)
    if held[-1].name == "exercise" and not good.exercised:
        held.pop()
    return Outcome(
        form=form,
        success=good,
        failure=bad,
        expected=expected,
        held=held,
        npv={party: npv(expected[party], rate) for party in PARTIES},
        worst={party: min(npv(flow, rate) for flow in both[party]) for party in PARTIES},
        deepest={party: min(min(cumulative(flow)) for flow in both[party]) for party in PARTIES},
        break_even={party: stays_positive_from(expected[party]) for party in PARTIES},
    )


def _weighed(good: Cash, bad: Cash, party: str, chance: Fraction) -> list[Fraction]:
    return [
        chance * well + (1 - chance) * ill
        for well, ill in zip(good.by_party[party], bad.by_party[party], strict=True)
    ]


def _worth(form: str, setting: Setting, party: str, *, succeeds: bool) -> Fraction:
    """Return the present value of a party's cash in one of the two cases."""
    return npv(cash_of(form, setting, succeeds=succeeds).by_party[party], setting.discount_rate)


def indifferent_sales(setting: Setting, party: str, one: str, other: str) -> int | None:
    """Return the first-year sales at which the better of two forms for a party changes.

    In whole minor units: the least at which the form that was better below is so no longer. None
    where it does not change up to a thousand times the sales set. Looked for on a grid, then by
    bisection: two changes between neighbouring points of the grid are not seen.
    """

    def gap(changed: Setting, *, succeeds: bool) -> Fraction:
        return _worth(one, changed, party, succeeds=succeeds) - _worth(
            other, changed, party, succeeds=succeeds
        )

    failed = (1 - setting.success) * gap(setting, succeeds=False)  # whatever the sales would be

    @cache
    def differs(sales: int) -> Fraction:
        changed = replace(setting, units=Fraction(sales), price=Fraction(1))
        return setting.success * gap(changed, succeeds=True) + failed

    ceiling = max(int(setting.units * setting.price) * _REACH, 1)
    grid = sorted({int(ceiling ** (step / _STEPS)) for step in range(1, _STEPS + 1)} | {0, ceiling})
    low, before = grid[0], _sign(differs(grid[0]))
    for high in grid[1:]:
        here = _sign(differs(high))
        if before and here != before:
            return _first_change(differs, low, high)
        low, before = high, here or before
    return None


def _first_change(differs: Callable[[int], Fraction], low: int, high: int) -> int:
    """Return the first whole number at which the sign is no longer that of ``low``.

    Between two kinks the difference is a straight line, whose root is tried, from above and from
    below; where that is not the end of it, the middle is.
    """
    before, turn = _sign(differs(low)), 0
    while high - low > 1:
        one, other = differs(low), differs(high)
        root = low + math.ceil((high - low) * one / (one - other))
        tried = (low + high) // 2 if turn == _MIDDLE else min(max(root, low + 1), high - 1)
        if _sign(differs(tried)) == before:
            low = tried
        else:
            high = tried
        turn = (turn + 1) % (_MIDDLE + 1)
    return high


def _sign(number: Fraction) -> int:
    return (number > 0) - (number < 0)
