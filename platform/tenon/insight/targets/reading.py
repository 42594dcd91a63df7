"""Values and houses as somebody types them, in a form or in a file."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from sqlalchemy.orm import Session

from tenon.errors import Invalid
from tenon.money import Money
from tenon.network.services.tree_import import find_organisation


def parts_of(text: str, unit: str, currency: str | None) -> int:
    """Return a typed value in the measure's parts; raises Invalid at ``value``."""
    plain = text.replace(",", "").replace("，", "").rstrip("%％").strip()
    if not plain:
        raise Invalid({"value": "required"})
    try:
        number = Decimal(plain)
        if not number.is_finite() or abs(number) > Decimal(10) ** 15:
            raise Invalid({"value": "out_of_range"})
        if unit == "money":
            return Money.of(number, currency or "CNY").minor
        scaled = number * 100 if unit == "percent" else number
        if scaled != scaled.to_integral_value():
            raise Invalid({"value": "not_a_number"})
        return int(scaled)
    except (InvalidOperation, ValueError):
        raise Invalid({"value": "not_a_number"}) from None


def typed(value: int, unit: str, currency: str | None) -> str:
    """Return a value as somebody would type it."""
    if unit == "money":
        return f"{Money(value, currency or 'CNY').amount:f}"
    return f"{Decimal(value) / 100:f}" if unit == "percent" else str(value)


def houses_of(session: Session, text: str) -> tuple[int, ...]:
    """Return the houses named in lines (or between semicolons); raises Invalid."""
    names = [each.strip() for each in text.replace("；", "\n").replace(";", "\n").split("\n")]
    found = [find_organisation(session, name) for name in names if name]
    if any(each is None for each in found):
        raise Invalid({"responsible": "not_one_house"})
    return tuple(sorted({each.id for each in found if each is not None}))
