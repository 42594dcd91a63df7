"""Numbers as a reader of Chinese or of English writes them.

A unit is ``count``, ``percent``, ``days``, ``share`` (percent of what stands before) or
``money:`` with a currency, whose values are minor units. Nothing is said by rounding alone:
tables keep the exact value beside the words.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from babel import numbers

from tenon.messages import LOCALES
from tenon.money import Money

NOTHING = "–"
_WAN, _YI = 10_000, 100_000_000
_YUAN = "CNY"

Number = int | Decimal


def write(value: Number | None, unit: str, language: str) -> str:
    """Return a value in words of ``language`` (``zh`` or ``en``); a dash for None."""
    if value is None:
        return NOTHING
    if unit.startswith("money:"):
        return _money(value, unit.partition(":")[2], language)
    plain = _plain(Decimal(value), language, digits=1 if unit != "count" else 2)
    if unit in ("percent", "share"):
        return f"{plain}%"
    if unit == "days":
        return f"{plain} 天" if language == "zh" else f"{plain} d"
    return plain


def amount(value: Number | None, unit: str) -> float | None:
    """Return a value as a drawing takes it: money in whole units."""
    if value is None:
        return None
    if unit.startswith("money:"):
        return float(Money(int(value), unit.partition(":")[2]).amount)
    return float(value)


def _money(value: Number, currency: str, language: str) -> str:
    whole = Money(int(value), currency).amount
    if language == "zh" and abs(whole) >= _WAN:
        unit = "元" if currency == _YUAN else f" {currency}"
        scale, word = (_YI, "亿") if abs(whole) >= _YI else (_WAN, "万")
        return f"{_plain(whole / scale, language, digits=2)} {word}{unit}"
    pattern = "¤#,##0" if whole == whole.to_integral_value() else None
    return str(
        numbers.format_currency(
            whole,
            currency,
            format=pattern,
            locale=LOCALES[language],
            currency_digits=pattern is None,
        )
    )


def _plain(value: Decimal, language: str, *, digits: int) -> str:
    """Return a number with at most so many digits after the point."""
    rounded = value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    shown = rounded.normalize() if rounded else Decimal(0)
    return str(numbers.format_decimal(shown, format="#,##0.##", locale=LOCALES[language]))
