"""Amounts and percentages as people type them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tenon.errors import Invalid
from tenon.sharing.forms import minor_of, percent_of


@pytest.mark.parametrize(
    ("typed", "minor"), [("60,000.00", 6_000_000), ("0.01", 1), ("1 200", 120_000), ("１2", 1200)]
)
def test_amounts_to_the_fen(typed: str, minor: int) -> None:
    assert minor_of(typed, "CNY") == minor


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "required"),
        ("zehn", "not_a_number"),
        ("1.001", "not_a_number"),
        ("NaN", "not_a_number"),
        ("1e999999999", "out_of_range"),
    ],
)
def test_what_is_no_amount(typed: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        minor_of(typed, "CNY")
    assert refused.value.fields == {"amount": code}


@pytest.mark.parametrize(
    ("typed", "percent"),
    [("33.3334 %", Decimal("33.3334")), ("", Decimal(0)), ("5O", None), ("inf", None)],
)
def test_percentages(typed: str, percent: Decimal | None) -> None:
    assert percent_of(typed) == percent
