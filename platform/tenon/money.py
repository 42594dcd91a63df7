"""Amounts of money: integer minor units and a currency, with parts that always add up.

Knows nothing of exchange rates: amounts of different currencies never mix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

# Digits after the point, ISO 4217; two where not listed.
_EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3}


def exponent(currency: str) -> int:
    """Return the number of decimal digits of ``currency`` (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount.

    Attributes:
        minor: integer minor units (fen, cents); may be negative.
        currency: ISO 4217 code, upper case.
    """

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Money:
        """Make money of a decimal amount in whole units; raises ValueError for finer parts."""
        scaled = amount.scaleb(exponent(currency))
        whole = scaled.to_integral_value(rounding=ROUND_HALF_UP)
        if whole != scaled:
            raise ValueError(f"{amount} {currency} is finer than the currency's minor unit")
        return cls(int(whole), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in whole units, exact."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __add__(self, other: Money) -> Money:
        """Add two amounts of one currency; raises ValueError where currencies differ."""
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.minor + other.minor, self.currency)


def split(total: int, weights: Sequence[int | Decimal | Fraction]) -> list[int]:
    """Split ``total`` minor units in proportion to ``weights`` by largest remainder.

    The parts always sum to ``total``; of equal remainders the earlier part gets the unit.
    A negative total splits as its mirror image. Raises ValueError where no weight is positive or
    one is negative.
    """
    shares = [Fraction(weight) for weight in weights]
    whole = sum(shares, Fraction(0))
    if whole <= 0 or any(share < 0 for share in shares):
        raise ValueError("weights must be non-negative and not all zero")
    sign = -1 if total < 0 else 1
    exact = [abs(total) * share / whole for share in shares]
    parts = [int(value) for value in exact]
    left = abs(total) - sum(parts)
    order = sorted(range(len(exact)), key=lambda i: (parts[i] - exact[i], i))
    for index in order[:left]:
        parts[index] += 1
    return [sign * part for part in parts]
