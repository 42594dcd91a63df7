"""Amounts as people type them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import pytest

from tenon.listings.forms.base import parse_amount, write_amount


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("", None),
        (None, None),
        ("300000", Decimal(300000)),
        ("300,000.50", Decimal("300000.50")),
        ("３０万", Decimal(300000)),
        ("1.5 亿", Decimal(150_000_000)),
    ],
)
def test_parse_amount(typed: str | None, amount: Decimal | None) -> None:
    assert parse_amount(typed) == amount


@pytest.mark.parametrize("typed", ["much", "万", "1e99", "NaN", "Infinity", "1..2"])
def test_parse_amount_refuses_what_is_none(typed: str) -> None:
    with pytest.raises(InvalidOperation):
        parse_amount(typed)


@pytest.mark.parametrize(
    ("minor", "written"), [(None, ""), (30_000_000, "300000"), (150, "1.50"), (0, "0")]
)
def test_write_amount_is_what_can_be_typed(minor: int | None, written: str) -> None:
    assert write_amount(minor, "CNY") == written
