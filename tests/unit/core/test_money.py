"""Amounts are exact and parts add up."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.money import Money, exponent, split

totals = st.integers(-(10**15), 10**15)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any)
decimals = st.lists(
    st.decimals("0", "1", places=6, allow_nan=False, allow_infinity=False), min_size=1, max_size=12
).filter(any)


@given(totals, weights)
def test_split_parts_add_up_and_stay_within_one_unit_of_exact(total: int, parts: list[int]) -> None:
    found = split(total, parts)
    assert sum(found) == total
    for part, weight in zip(found, parts, strict=True):
        assert abs(part - Fraction(total * weight, sum(parts))) < 1


@given(totals, decimals)
def test_split_adds_up_for_decimal_rates(total: int, parts: list[Decimal]) -> None:
    assert sum(split(total, parts)) == total


@given(st.integers(0, 10**12), weights)
def test_split_negative_total_mirrors_the_positive(total: int, parts: list[int]) -> None:
    assert split(-total, parts) == [-part for part in split(total, parts)]


@given(totals, weights)
def test_split_gives_equal_weights_equal_parts_but_for_one_unit(
    total: int, parts: list[int]
) -> None:
    found = split(total, parts)
    for weight in set(parts):
        alike = [part for part, own in zip(found, parts, strict=True) if own == weight]
        assert max(alike) - min(alike) <= 1


@pytest.mark.parametrize(
    ("total", "shares", "expected"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (5, [3, 3, 2], [2, 2, 1]),
        (1, [1, 1], [1, 0]),
        (0, [1, 2], [0, 0]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (1000, [Decimal("0.7"), Decimal("0.3")], [700, 300]),
        (10, [0, 5], [0, 10]),
    ],
)
def test_split_known_cases(total: int, shares: list[int], expected: list[int]) -> None:
    assert split(total, shares) == expected


@pytest.mark.parametrize("shares", [[], [0], [0, 0], [1, -1], [-1]])
def test_split_refuses_weights_that_share_nothing(shares: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(100, shares)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("12.34", "CNY", 1234), ("12", "JPY", 12), ("0.005", "KWD", 5), ("-3.10", "USD", -310)],
)
def test_money_of_a_decimal_and_back(amount: str, currency: str, minor: int) -> None:
    money = Money.of(Decimal(amount), currency)
    assert money.minor == minor
    assert money.amount == Decimal(amount)
    assert -money.amount.as_tuple().exponent == exponent(currency)  # type: ignore[operator]  # finite


@pytest.mark.parametrize(("amount", "currency"), [("0.001", "CNY"), ("0.5", "JPY")])
def test_money_refuses_what_is_finer_than_the_minor_unit(amount: str, currency: str) -> None:
    with pytest.raises(ValueError, match="finer"):
        Money.of(Decimal(amount), currency)


def test_money_adds_within_a_currency_alone() -> None:
    assert Money(5, "CNY") + Money(7, "CNY") == Money(12, "CNY")
    with pytest.raises(ValueError, match="cannot add USD to CNY"):
        Money(5, "CNY") + Money(7, "USD")
