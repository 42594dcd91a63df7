"""Income sharing among those who made a result: net income, the team's pot, each one's part.

Pure arithmetic on integer minor units (or on whole units of equity). What a floor is, whom it
binds and where it is written are given in: this module knows no rule table and no room.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tenon.money import split

Rate = Decimal | Fraction
"""A rate as a part of one: 70 % is ``Decimal("0.7")``."""

COST_KINDS = ("appraisal", "travel", "tax", "agency", "other")
"""Costs that belong directly to the deal (Zhejiang's regulation on promoting the transformation
of scientific and technological achievements, 18: net income is the price less them)."""


@dataclass(frozen=True, slots=True)
class Floor:
    """The least part of something that a rule gives to somebody.

    Attributes:
        rate: the part of one.
        binding: whether it holds even against another agreement; else it is what applies where
            nothing was agreed.
        source: where the rule is written.
    """

    rate: Fraction
    binding: bool
    source: str = ""

    @classmethod
    def of_percent(cls, percent: Decimal | int, *, binding: bool, source: str = "") -> Floor:
        """Make a floor of a percentage; raises ValueError outside of 0 to 100."""
        rate = Fraction(percent) / 100
        if not 0 <= rate <= 1:
            raise ValueError(f"a floor of {percent} % cannot be")
        return cls(rate, binding, source)

    def least(self, total: int) -> int:
        """Return the least whole number of units that is not below the floor."""
        return math.ceil(self.rate * total)

    def allows(self, rate: Rate) -> bool:
        """Whether a part is not below a floor that binds."""
        return not self.binding or Fraction(rate) >= self.rate


class BelowFloor(ValueError):
    """A part is below a floor that binds.

    Attributes:
        floor: which one.
        rate: what was asked for.
    """

    def __init__(self, floor: Floor, rate: Fraction) -> None:
        self.floor, self.rate = floor, rate
        super().__init__(f"{rate} is below the binding floor of {floor.rate} ({floor.source})")


@dataclass(frozen=True, slots=True)
class Net:
    """Income less direct costs, in minor units.

    Attributes:
        income: what was received.
        costs: kind -> amount.
        net: what is left to share; never negative.
        uncovered: the costs that the income did not cover.
    """

    income: int
    costs: Mapping[str, int]
    net: int
    uncovered: int


def net_income(income: int, costs: Mapping[str, int]) -> Net:
    """Take direct costs off an income (minor units).

    Costs above the income leave nothing to share, and what they exceed it by is told. Raises
    ValueError for a negative amount.
    """
    if income < 0 or any(amount < 0 for amount in costs.values()):
        raise ValueError("income and costs cannot be negative")
    left = income - sum(costs.values())
    return Net(income, dict(costs), max(left, 0), max(-left, 0))


def pot_of(net: int, rate: Rate, floor: Floor | None = None) -> int:
    """Return the team's part of a net income, in minor units.

    Rounded by largest remainder between the team and its institution (of equal remainders the
    team gets the unit), and up where rounding would go below a floor that binds. Raises BelowFloor
    where the rate itself does, ValueError where it is not between 0 and 1.
    """
    part = Fraction(rate)
    if not 0 <= part <= 1:
        raise ValueError(f"{rate} is not a part of one")
    if floor is not None and not floor.allows(part):
        raise BelowFloor(floor, part)
    pot = split(net, [part, 1 - part])[0]
    return max(pot, floor.least(net)) if floor is not None and floor.binding else pot


@dataclass(frozen=True, slots=True)
class Share:
    """One contributor's claim on the pot.

    Attributes:
        percent: of the pot; the claims of all sum to 100.
        main: whether a main contributor, for whom a rule may name a floor of their own.
    """

    percent: Decimal
    main: bool = False


def sum_of(shares: Sequence[Share]) -> Decimal:
    """Return the sum of the percentages."""
    return sum((share.percent for share in shares), Decimal(0))


def main_part(shares: Sequence[Share]) -> Fraction:
    """Return the main contributors' part of the pot, as a part of one."""
    return sum((Fraction(s.percent) for s in shares if s.main), Fraction(0)) / 100


def split_pot(pot: int, shares: Sequence[Share], main_floor: Floor | None = None) -> list[int]:
    """Split the pot among contributors, by largest remainder, so that the parts sum to it.

    Where a floor for the main contributors binds and rounding goes below it, the main ones
    together get the units that are missing. Raises ValueError where the percentages do not sum to
    100 or one is negative, BelowFloor where the main contributors are granted too little.
    """
    if any(share.percent < 0 for share in shares) or sum_of(shares) != 100:
        raise ValueError("the shares must not be negative and must sum to 100 %")
    parts = split(pot, [share.percent for share in shares])
    if main_floor is None or not main_floor.binding:
        return parts
    if not main_floor.allows(main_part(shares)):
        raise BelowFloor(main_floor, main_part(shares))
    main = [index for index, share in enumerate(shares) if share.main]
    rest = [index for index, share in enumerate(shares) if not share.main]
    least = main_floor.least(pot)
    if not rest or sum(parts[index] for index in main) >= least:
        return parts
    for group, total in ((main, least), (rest, pot - least)):
        for index, part in zip(
            group, split(total, [shares[index].percent for index in group]), strict=True
        ):
            parts[index] = part
    return parts


@dataclass(frozen=True, slots=True)
class Distribution:
    """How an income is shared, in minor units: net = pot + institution, pot = sum of parts."""

    net: Net
    pot: int
    institution: int
    parts: tuple[int, ...]


def distribute(
    income: int,
    costs: Mapping[str, int],
    rate: Rate,
    shares: Sequence[Share],
    *,
    floor: Floor | None = None,
    main_floor: Floor | None = None,
) -> Distribution:
    """Share an income: costs off, the team's pot, each contributor's part.

    Raises what the three steps raise.
    """
    net = net_income(income, costs)
    pot = pot_of(net.net, rate, floor)
    return Distribution(net, pot, net.net - pot, tuple(split_pot(pot, shares, main_floor)))


def own_use_reward(
    profits: Sequence[int], rate: Rate, *, years: int, floor: Floor | None = None
) -> list[int]:
    """Return the contributors' reward of each year in which an institution uses a result itself.

    ``profits`` are operating profits by year, from the first year of use, in minor units; a year
    with a loss gives nothing and takes nothing from others. ``years`` is for how long it is paid
    (the Act on promoting the transformation of scientific and technological achievements, 45:
    at least 5 % a year for 3 to 5 years); later years give nothing. Raises BelowFloor and
    ValueError as ``pot_of`` does.
    """
    if years < 0:
        raise ValueError("years cannot be negative")
    return [
        pot_of(max(profit, 0), rate, floor) if number < years else 0
        for number, profit in enumerate(profits)
    ]


@dataclass(frozen=True, slots=True)
class TransferTax:
    """The corporate income tax on a year's income from technology transfers, as information.

    Attributes:
        exempt: the part of the income on which none is due.
        reduced: the part taxed at the reduced rate.
        tax: what is due, in minor units, half a unit rounded up.
    """

    exempt: int
    reduced: int
    tax: int


def transfer_tax(
    income: int, *, exempt: int, rate: Rate, reduction: Rate = Fraction(1, 2)
) -> TransferTax:
    """Return the tax on a year's income from technology transfers (minor units).

    The first ``exempt`` of the income is free and ``reduction`` of the ``rate`` is due on the
    rest: which figures hold where, and since when, is the caller's rule table's business. Raises
    ValueError for a negative amount.
    """
    if income < 0 or exempt < 0:
        raise ValueError("amounts cannot be negative")
    free = min(income, exempt)
    due = (income - free) * Fraction(rate) * Fraction(reduction)
    return TransferTax(free, income - free, math.floor(due + Fraction(1, 2)))
