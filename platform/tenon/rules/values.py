"""Values of rules: what is typed, what is kept as JSON, what the software reckons with. Pure."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from tenon.errors import Invalid
from tenon.money import Money, exponent

TEXT_LENGTH = 500
Value = int | Decimal | str | dict[str, Any]


def is_value(kind: str, value: object) -> bool:
    """Whether ``value`` is a rule's value of this kind as files and the table keep it."""
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "decimal":
        return isinstance(value, str) and _decimal(value) is not None
    if kind == "money":
        return (
            isinstance(value, dict)
            and set(value) == {"minor", "currency"}
            and isinstance(value["minor"], int)
            and isinstance(value["currency"], str)
        )
    return isinstance(value, str)


def codes_in(kept: str) -> tuple[str, ...]:
    """Return the codes of a text that has commas between them."""
    return tuple(code for code in (each.strip() for each in kept.split(",")) if code)


def read(kind: str, kept: Any) -> Value:
    """Return the value to reckon with: int, Decimal, text, or minor units with their currency."""
    if kind == "decimal":
        return Decimal(kept)
    return dict(kept) if kind == "money" else kept


def parse(kind: str, typed: str, *, currency: str = "CNY") -> Any:
    """Return what is kept for what somebody typed; amounts are typed in whole units.

    Raises:
        Invalid: at ``value``: required, not_a_number, out_of_range, too_long.
    """
    text = typed.strip()
    if not text:
        raise Invalid({"value": "required"})
    if kind == "text":
        if len(text) > TEXT_LENGTH:
            raise Invalid({"value": "too_long"})
        return text
    number = _decimal(text.replace(",", "").replace(" ", ""))
    if number is None:
        raise Invalid({"value": "not_a_number"})
    if number < 0 or number > 10**13:
        raise Invalid({"value": "out_of_range"})
    if kind == "decimal":
        return f"{number:f}"
    if kind == "integer":
        if number != number.to_integral_value():
            raise Invalid({"value": "not_a_number"})
        return int(number)
    scaled = number.scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise Invalid({"value": "out_of_range"})
    return {"minor": int(scaled), "currency": currency}


def typed(kind: str, kept: Any) -> str:
    """Return a kept value as somebody would type it."""
    if kind == "money":
        amount = Money(kept["minor"], kept["currency"]).amount
        return f"{amount:.0f}" if amount == amount.to_integral_value() else f"{amount:f}"
    return str(kept)


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
