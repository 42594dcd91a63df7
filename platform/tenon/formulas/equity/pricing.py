"""The price of a round: pre-money valuation, new money, pool and conversions, solved exactly.

Everything that depends on the price and is part of the pre-money (a pool made before the round,
grants whose conversion the pre-money includes) is solved for together rather than by repeated
rounding. Knows no company.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

BASES = ("issued", "fully_diluted")
"""The units that a pre-money valuation is spread on."""
TIMINGS = ("pre_money", "post_money")
"""Who a new pool dilutes: only those before the round, or everybody after it."""


@dataclass(frozen=True, slots=True)
class PoolTerms:
    """A pool wanted after the round: its part of all units fully diluted, and whom it dilutes."""

    percent: Fraction
    timing: str


@dataclass(frozen=True, slots=True)
class Converting:
    """A grant that converts with the round; amounts in minor units, see ``Grant``."""

    key: str
    amount: int
    discount: Fraction
    cap: Fraction | None
    includes: bool


@dataclass(frozen=True, slots=True)
class Price:
    """What the equation gives.

    Attributes:
        price: minor units a unit, exact.
        conversions: grant's key -> its own price a unit.
        pool: units that the pool has after the round, rounded down.
    """

    price: Fraction
    conversions: dict[str, Fraction]
    pool: int


def price_round(
    *,
    pre_money: int,
    new_money: int,
    base_units: int,
    converting: Sequence[Converting] = (),
    pool: PoolTerms | None = None,
    pool_before: int = 0,
    outside_units: int = 0,
) -> Price:
    """Return price, conversion prices and pool of a round.

    With P the price, V the pre-money, A the new money, N the units of the base and, for each
    grant G with discount d and capped price c, P*U = max(G/(1-d), P*G/c) the value at P of its
    units U: excluded from the pre-money, V = P*N; included, V = P*(N + U). A pool of part p of
    all units T made before the round belongs to the base: pool = p*T and, as P*T = V + A +
    sum of P*U excluded, P*pool = p*(V + A + sum of P*U excluded).

    ``pool_before`` is part of ``base_units`` where the base is fully diluted; ``outside_units``
    are units fully diluted that the base leaves out. Raises ValueError where no positive price
    fulfils it.
    """
    plain = _solve(pre_money, Fraction(0), Fraction(0), base_units, base_units, converting)
    after = base_units + outside_units + _new_units(plain, new_money, base_units, converting)
    if pool is None or pool_before >= pool.percent * after:
        return _priced(plain, converting, base_units, pool_before)
    part = pool.percent
    if pool.timing == "post_money":
        others = after - pool_before
        return _priced(plain, converting, base_units, floor(part * others / (1 - part)))
    fixed = part * (pre_money + new_money)
    rest = base_units - pool_before
    solved = _solve(pre_money, fixed, part, rest, base_units, converting)
    others = rest + _new_units(solved, new_money, base_units, converting)
    return _priced(solved, converting, base_units, floor(part * others / (1 - part)))


def conversion_price(price: Fraction, grant: Converting, base_units: int) -> Fraction:
    """Return what a grant pays a unit: the lower of the discounted and the capped price."""
    discounted = price * (1 - grant.discount)
    if grant.cap is None:
        return discounted
    return min(discounted, grant.cap / base_units)


def _solve(
    pre_money: int,
    fixed: Fraction,
    excluded_weight: Fraction,
    units: int,
    cap_units: int,
    converting: Sequence[Converting],
) -> Fraction:
    """Solve P*units + fixed + sum of weight * max(G/(1-d), P*G/c) = pre_money for P.

    The left side only rises with P and is straight between the points at which a cap begins to
    bind, so trying the caps from the lowest such point on finds the one solution.
    """
    capped = sorted(
        (g for g in converting if g.cap is not None),
        key=lambda g: _binds_from(g, cap_units),
    )
    free = [g for g in converting if g.cap is None]
    for count in range(len(capped) + 1):
        bound, loose = capped[:count], [*capped[count:], *free]
        slope = units + sum(
            (_weight(g, excluded_weight) * g.amount * cap_units / (g.cap or Fraction(1)))
            for g in bound
        )
        constant = fixed + sum(
            _weight(g, excluded_weight) * g.amount / (1 - g.discount) for g in loose
        )
        price = (pre_money - constant) / slope
        following = capped[count] if count < len(capped) else None
        if following is None or price <= _binds_from(following, cap_units):
            break
    if price <= 0:
        raise ValueError("the pre-money valuation does not cover what it includes")
    return Fraction(price)


def _weight(grant: Converting, excluded_weight: Fraction) -> Fraction:
    return Fraction(1) if grant.includes else excluded_weight


def _binds_from(grant: Converting, cap_units: int) -> Fraction:
    return (grant.cap or Fraction(0)) / cap_units / (1 - grant.discount)


def _new_units(
    price: Fraction, new_money: int, base_units: int, converting: Sequence[Converting]
) -> Fraction:
    """Return the units that money and conversions bring at a price, before rounding."""
    converted = (g.amount / conversion_price(price, g, base_units) for g in converting)
    return new_money / price + sum(converted, Fraction(0))


def _priced(price: Fraction, converting: Sequence[Converting], base_units: int, pool: int) -> Price:
    prices = {g.key: conversion_price(price, g, base_units) for g in converting}
    return Price(price=price, conversions=prices, pool=pool)
