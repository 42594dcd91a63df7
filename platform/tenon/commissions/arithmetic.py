"""Commission as arithmetic on integer minor units: what is earned, who pays, who gets what back.

Pure: knows no table. Whatever is split adds up again, by largest remainder.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tenon.money import split

SIDES = ("seller", "buyer")
UNITS = 1_000_000
"""A hundred per cent, in units of a ten-thousandth of one per cent."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is earned of what was received.

    Attributes:
        basis: ``percent``, ``tiers`` or ``fixed``.
        percent: of the whole base.
        tiers: (up to which base in minor units, None for the rest; percent of that slice).
        fixed_minor: the sum, once its event has happened.
        cap_minor: the most, net of VAT, or None.
        vat_rate: in percent, on top.
        seller_percent: the seller's part; the buyer pays the rest.
    """

    basis: str
    percent: Decimal = Decimal(0)
    tiers: Sequence[tuple[int | None, Decimal]] = ()
    fixed_minor: int = 0
    cap_minor: int | None = None
    vat_rate: Decimal = Decimal(0)
    seller_percent: Decimal = Decimal(50)


@dataclass(frozen=True, slots=True)
class Due:
    """What one side owes of commission: net, and VAT on top."""

    net: int = 0
    vat: int = 0

    @property
    def gross(self) -> int:
        """Both together."""
        return self.net + self.vat


def rounded(exact: Fraction) -> int:
    """Return a whole number of units; half a unit goes up."""
    return math.floor(exact + Fraction(1, 2))


def earned(terms: Terms, base: int, *, happened: bool) -> int:
    """Return the commission, net, on all that was received (``base``, not negative).

    ``happened``: whether the event of a fixed sum has come.
    """
    if terms.basis == "fixed":
        found = terms.fixed_minor if happened else 0
    elif terms.basis == "tiers":
        found = rounded(_of_tiers(terms.tiers, base))
    else:
        found = rounded(base * Fraction(terms.percent) / 100)
    return found if terms.cap_minor is None else min(found, terms.cap_minor)


def _of_tiers(tiers: Sequence[tuple[int | None, Decimal]], base: int) -> Fraction:
    found, below = Fraction(0), 0
    for up_to, percent in tiers:
        top = base if up_to is None else min(base, up_to)
        found += max(0, top - below) * Fraction(percent) / 100
        below = max(below, top)
    return found


def vat_on(net: int, rate: Decimal) -> int:
    """Return the VAT on a net amount, half a unit away from zero."""
    sign = -1 if net < 0 else 1
    return sign * rounded(abs(net) * Fraction(rate) / 100)


def by_side(net: int, seller_percent: Decimal) -> dict[str, int]:
    """Split a commission between the sides; the two sum to it, an odd unit is the seller's."""
    parts = split(net, [Fraction(seller_percent), 100 - Fraction(seller_percent)])
    return dict(zip(SIDES, parts, strict=True))


@dataclass(frozen=True, slots=True)
class Earning:
    """What a version of an agreement earns on.

    Attributes:
        terms: its terms.
        base: what was received while it held, less what of that went back.
        start: what had been received before it came into force, on which its tiers go on.
        happened: whether the event of a fixed sum has come.
    """

    terms: Terms
    base: int
    start: int = 0
    happened: bool = True

    def net(self) -> int:
        """Return the commission, net."""
        whole = earned(self.terms, self.start + self.base, happened=self.happened)
        if self.terms.basis == "fixed":
            return whole
        return whole - earned(self.terms, self.start, happened=self.happened)


def targets(versions: Iterable[Earning]) -> dict[str, Due]:
    """Return what each side owes in all by now, over the versions that count.

    Each version earns by its own terms on its own money, so that what goes back takes along what
    it had earned, and not what later terms would make of it. Never below nothing.
    """
    found = {side: Due() for side in SIDES}
    for each in versions:
        for side, net in by_side(each.net(), each.terms.seller_percent).items():
            vat = vat_on(net, each.terms.vat_rate)
            found[side] = Due(found[side].net + net, found[side].vat + vat)
    return found


def percentages(weights: Sequence[int | Decimal | Fraction]) -> list[Decimal]:
    """Return weights as percentages of four digits that sum to exactly 100.

    Raises ValueError where no weight is positive or one is negative.
    """
    return [Decimal(units).scaleb(-4) for units in split(UNITS, weights)]


def take(total: int, open_: Sequence[int], owed: Sequence[int]) -> list[int]:
    """Return what each of several gives back of ``total``, which they were granted before.

    First of what is still open to them (``open_``), in its proportion, then of what they were
    granted in all (``owed``), so that nobody gives back more than that. Raises ValueError where
    ``total`` is above the sum of ``owed``.
    """
    if total > sum(owed):
        raise ValueError("more is taken than was granted")
    free = [max(0, min(o, w)) for o, w in zip(open_, owed, strict=True)]
    first = min(total, sum(free))
    parts = split(first, free) if first else [0] * len(free)
    rest = total - first
    if rest:
        left = [w - part for w, part in zip(owed, parts, strict=True)]
        parts = [part + more for part, more in zip(parts, split(rest, left), strict=True)]
    return parts
