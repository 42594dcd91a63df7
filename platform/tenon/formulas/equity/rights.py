"""Rights to subscribe units later at a price agreed now (认股协议).

A right is held as an amount of money and a strike, so that partial exercise, splits and cheaper
rounds are one arithmetic: the amount stays, the strike moves, and the units follow. Source:
domain-rules.md, sections 5 and 7. Knows no company.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import ceil, floor

ADJUSTMENTS = ("none", "full_ratchet", "weighted_average")


@dataclass(frozen=True, slots=True)
class Right:
    """One subscription right.

    Attributes:
        holder: who may subscribe.
        amount: minor units that may be subscribed in all.
        strike: minor units a unit, after all adjustments so far.
        vesting: dates and the part of the amount that vests on each; parts sum to 1. Empty means
            vested from the grant.
        expires_on: the last day on which it can be exercised.
        adjustment: what a cheaper round does to the strike; a split always moves it.
        exercised: amount used up so far, minor units.
    """

    holder: str
    amount: Fraction
    strike: Fraction
    granted_on: date
    expires_on: date
    vesting: tuple[tuple[date, Fraction], ...] = ()
    adjustment: str = "none"
    exercised: Fraction = Fraction(0)

    @property
    def open_units(self) -> int:
        """Units that it would still bring if exercised wholly."""
        return floor((self.amount - self.exercised) / self.strike)

    def vested_part(self, on: date) -> Fraction:
        """Return the part that has vested by the end of a day."""
        if not self.vesting:
            return Fraction(1) if on >= self.granted_on else Fraction(0)
        return sum((part for day, part in self.vesting if day <= on), Fraction(0))

    def exercisable_units(self, on: date) -> int:
        """Return the units that can be subscribed on a day: vested, not used up, not expired."""
        if not self.granted_on <= on <= self.expires_on:
            return 0
        return max(0, floor((self.amount * self.vested_part(on) - self.exercised) / self.strike))

    def payment(self, units: int) -> int:
        """Return what subscribing ``units`` costs: whole minor units, rounded up.

        Up, so that nothing is issued below the strike.
        """
        return ceil(units * self.strike)

    def intrinsic_value(self, price: Fraction, units: int | None = None) -> Fraction:
        """Return what the right is worth at a price a unit, in minor units, never below zero."""
        count = self.open_units if units is None else units
        return max(Fraction(0), (price - self.strike) * count)

    def used(self, units: int) -> Right:
        """Return the right after ``units`` of it were subscribed."""
        return replace(self, exercised=self.exercised + units * self.strike)

    def after_split(self, ratio: Fraction) -> Right:
        """Return the right after every unit became ``ratio`` units: the strike moves against it."""
        return replace(self, strike=self.strike / ratio)

    def after_round(
        self, *, price: Fraction, diluted_before: int, new_units: int, par: Fraction
    ) -> Right:
        """Return the right after units were issued at ``price``.

        Only a price below the strike moves it. Full ratchet: to that price. Weighted average,
        broad-based: (units before + units that the money would have bought at the strike)
        / (units before + units issued), times the strike. Never below par, at which no share is
        issued. The units that the rest of the amount buys grow accordingly.
        """
        if price >= self.strike or self.adjustment == "none" or not new_units:
            return self
        strike = price
        if self.adjustment == "weighted_average":
            bought = new_units * price / self.strike
            strike = self.strike * (diluted_before + bought) / (diluted_before + new_units)
        return replace(self, strike=max(strike, par))


def strike_at(valuation: int, units: int) -> Fraction:
    """Return the strike of a right that was agreed as a valuation over the units at the grant.

    Raises ValueError where there are no units or no valuation.
    """
    if valuation <= 0 or units <= 0:
        raise ValueError("a strike needs a positive valuation and units")
    return Fraction(valuation, units)
