"""What a contract says about royalties, and what a period's use was: values, checked when made.

Rates are exact: a share of money (5 % is 1/20) or minor units for one unit sold. Amounts are
integer minor units of one currency. Knows nothing of deals.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from tenon.formulas.periods import Prorate, year_of

Base = Literal[
    "net_sales", "gross_sales", "product_price", "new_output", "new_profit", "units", "none"
]
"""What the rate is multiplied with: Civil Code 846 names price, output value, profit and sales.

``units``: sold, with an amount for each; ``none``: nothing but sublicence income is shared.
"""
Mode = Literal["marginal", "whole"]
"""``marginal``: each tier's rate for the part inside it; ``whole``: the rate reached, for all."""
Window = Literal["period", "year", "licence"]
"""What is added up to find the tier: one period, a royalty year, or the licence's whole life."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A rate that holds from an amount on.

    Attributes:
        start: of the base, inclusive; minor units, or units sold.
        rate: share of money, or minor units for one unit sold.
    """

    start: int
    rate: Fraction


@dataclass(frozen=True, slots=True)
class Stacking:
    """What the licensee may take off where it pays others for the same product.

    Attributes:
        deductible: share of the others' rate that comes off (half of it is 1/2).
        floor: the rate below which nothing is taken off.
    """

    deductible: Fraction
    floor: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Minimum:
    """A minimum annual royalty; what was earned in the same year counts towards it.

    Attributes:
        amounts: one for each royalty year from the first on; the last one repeats.
        starts: day from which it counts, such as the first sale; None for the licence's first.
        prorate: how the first and the last year are cut, where they are not whole.
        advance: paid at the year's beginning: what is earned is then set off against it.
        waived: royalty years whose minimum the licensor gave up.
    """

    amounts: tuple[int, ...]
    prorate: Prorate = "months"
    advance: bool = False
    starts: date | None = None
    waived: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a minimum without an amount or below nothing."""
        if not self.amounts or min(self.amounts) < 0:
            raise ValueError("a minimum needs amounts of at least nothing")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract says about running royalties.

    Attributes:
        tiers: rising starts, the first at 0; one tier is a plain rate. Rates may fall or rise.
        by_year: rates of the royalty years from the licence's first on, the last one repeats
            (Civil Code 846: rising or falling year by year); in place of the one tier's rate.
        base: what rates are multiplied with.
        mode: how tiers work; must be stated where there are several.
        window: what is added up to find the tier; must be stated where there are several.
        stacking: reduction for royalties to others; only of shares of money.
        sublicence_share: share of what sublicensees pay that is passed on.
        minimum: minimum annual royalty.
        cap_year: most that a royalty year can earn, minimum included.
        cap_total: most that the licence can earn, minimum included.
        creditable: of the up-front fee, what is set off against royalties earned.
        credit_limit: share of a period's royalty that credits may take.
        maintenance: yearly fee of which that year's royalties are relieved; 0 where it is not.
        carry: a base below nothing (returns, a loss) lowers the next period's.
        starts, ends: the licence's first and last day; ``ends`` None where open.
        year_starts: month in which a royalty year begins.
    """

    tiers: tuple[Tier, ...]
    starts: date
    ends: date | None = None
    by_year: tuple[Fraction, ...] = ()
    base: Base = "net_sales"
    mode: Mode | None = None
    window: Window | None = None
    stacking: Stacking | None = None
    sublicence_share: Fraction = Fraction(0)
    minimum: Minimum | None = None
    cap_year: int | None = None
    cap_total: int | None = None
    creditable: int = 0
    credit_limit: Fraction = Fraction(1)
    maintenance: int = 0
    carry: bool = True
    year_starts: int = 1

    def __post_init__(self) -> None:
        """Refuse terms that do not say how to compute."""
        self._check_rates()
        if self.stacking is not None and self.base == "units":
            raise ValueError("stacking reduces shares of money, not amounts per unit")
        if self.ends is not None and self.ends < self.starts:
            raise ValueError("a licence ends before it begins")
        if min(self.creditable, self.maintenance, self.cap_year or 0, self.cap_total or 0) < 0:
            raise ValueError("amounts of a contract are at least nothing")
        if not 1 <= self.year_starts <= 12:
            raise ValueError("a year begins with one of twelve months")
        if not 0 <= self.credit_limit <= 1 or not 0 <= self.sublicence_share <= 1:
            raise ValueError("a share lies between 0 and 1")

    def _check_rates(self) -> None:
        if not self.tiers or self.tiers[0].start != 0:
            raise ValueError("the first tier starts at 0")
        if any(later.start <= tier.start for tier, later in pairwise(self.tiers)):
            raise ValueError("tiers start one above the other")
        if self.by_year and len(self.tiers) > 1:
            raise ValueError("rates by year and tiers exclude each other")
        if any(rate < 0 for rate in (*self.by_year, *(tier.rate for tier in self.tiers))):
            raise ValueError("a rate is at least 0")
        if len(self.tiers) > 1 and (self.mode is None or self.window is None):
            raise ValueError("several tiers need a mode and a window: neither is guessed")

    def tiers_of(self, year: int) -> tuple[Tier, ...]:
        """Return the tiers that hold in a royalty year."""
        if not self.by_year:
            return self.tiers
        number = max(year - year_of(self.starts, starts=self.year_starts), 0)
        return (Tier(0, self.by_year[min(number, len(self.by_year) - 1)]),)


@dataclass(frozen=True, slots=True)
class Use:
    """What a licensee did in a period.

    Attributes:
        start, end: the period, both inclusive; inside one royalty year.
        amount: net sales or profit in minor units, or units sold, as the terms' base says; may
            be negative.
        already: of it, what has borne its royalty before (one royalty per unit).
        sublicence_income: received from sublicensees.
        third_party: the rate that is paid to others for the same product.
        last: settle the year's minimum here, though the year goes on (the licence ended).
    """

    start: date
    end: date
    amount: int
    already: int = 0
    sublicence_income: int = 0
    third_party: Fraction = field(default=Fraction(0))
    last: bool = False


def percent(value: str | Decimal | int) -> Fraction:
    """Return the rate that a number of per cent names, exact: ``5.25`` is 21/400."""
    return Fraction(value) / 100


def reduced(rate: Fraction, third_party: Fraction, stacking: Stacking | None) -> Fraction:
    """Return a rate less what may come off for royalties to others, never below the floor.

    A rate that lies below the floor of itself stays as it is.
    """
    if stacking is None or not third_party:
        return rate
    return min(rate, max(stacking.floor, rate - stacking.deductible * third_party))
