"""A term's value in words, in Chinese or English: for pages, differences and papers.

Sums are written out to the last digit of their currency, since these words enter contracts. Rows
of a list stand on a line each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel import Locale, dates, numbers

from tenon.deals.forms.schema import Term
from tenon.deals.terms.types import EVERYTHING
from tenon.money import Money, exponent
from tenon.taxonomy import queries as taxonomy

_CHINESE = {"CNY": "元", "USD": "美元", "EUR": "欧元", "HKD": "港元", "JPY": "日元", "GBP": "英镑"}
"""What an amount is counted in after the number; other currencies keep their code."""


def words(term: Term, value: Any, language: str, *, currency: str = "CNY") -> str:
    """Return a value in words in ``zh`` or ``en``; empty for None.

    ``currency`` is that of sums that carry none of their own: tiers, instalments, milestones.
    """
    if value is None:
        return ""
    return _WRITERS[term.type](_Pen(language.startswith("zh"), currency), term, value)


def amount(minor: int, currency: str, language: str) -> str:
    """Write an amount of money: ``1,234.50 元`` or ``CNY 1,234.50``."""
    return _Pen(language.startswith("zh"), currency).amount(minor)


def day(value: date, language: str) -> str:
    """Write a date in full."""
    return _Pen(language.startswith("zh"), "").day(value.isoformat())


@dataclass(frozen=True, slots=True)
class _Pen:
    """Writes in one language."""

    chinese: bool
    currency: str

    def either(self, zh: str, en: str) -> str:
        """Return the text of the language."""
        return zh if self.chinese else en

    def amount(self, minor: int, currency: str | None = None) -> str:
        """Write an amount of money."""
        own = currency or self.currency
        number = f"{Money(minor, own).amount:,.{exponent(own)}f}"
        return self.either(f"{number} {_CHINESE.get(own, own)}", f"{own} {number}")

    def day(self, value: str) -> str:
        """Write an ISO date."""
        locale = Locale.parse("zh_Hans_CN" if self.chinese else "en_GB")
        return dates.format_date(date.fromisoformat(value), format="long", locale=locale)

    def counted(self, number: int | str, zh: str, one: str, several: str) -> str:
        """Write a number of things."""
        unit = one if number in (1, "1") else several
        return self.either(f"{number} {zh}", f"{number} {unit}")


def _money(pen: _Pen, term: Term, value: Any) -> str:  # noqa: ARG001  # one signature for all
    return pen.amount(value["minor"], value["currency"])


def _percent(pen: _Pen, term: Term, value: Any) -> str:
    if term.unit is None:
        return f"{value}%"
    return pen.either(f"{term.unit.zh} {value}%", f"{value}% {term.unit.en}")


def _number(pen: _Pen, term: Term, value: Any) -> str:
    written = numbers.format_decimal(value, locale="en_GB", format="#,##0.######")
    if term.unit is None:
        return str(written)
    return pen.counted(written, term.unit.zh, term.unit.en, term.unit.en)


def _months(pen: _Pen, term: Term, value: Any) -> str:
    return _number(pen, term, value) if term.unit else pen.counted(value, "个月", "month", "months")


def _days(pen: _Pen, term: Term, value: Any) -> str:
    return _number(pen, term, value) if term.unit else pen.counted(value, "日", "day", "days")


def _date(pen: _Pen, term: Term, value: Any) -> str:  # noqa: ARG001  # one signature for all
    return pen.day(value)


def _text(pen: _Pen, term: Term, value: Any) -> str:  # noqa: ARG001  # one signature for all
    return str(value)


def _choice(pen: _Pen, term: Term, value: Any) -> str:
    chosen = term.choices.get(value)
    if chosen is None:  # of a choice that the form no longer offers
        return str(value)
    return pen.either(chosen.zh, chosen.en)


def _many(pen: _Pen, term: Term, value: Any) -> str:
    return pen.either("、", "; ").join(_choice(pen, term, each) for each in value)


def _boolean(pen: _Pen, term: Term, value: Any) -> str:  # noqa: ARG001  # one signature for all
    return pen.either("是", "Yes") if value else pen.either("否", "No")


def _territory(pen: _Pen, term: Term, value: Any) -> str:  # noqa: ARG001  # one signature
    if EVERYTHING in value:
        return pen.either("全球", "Worldwide")
    return pen.either("、", "; ").join(_place(pen, code) for code in value)


def _place(pen: _Pen, code: str) -> str:
    scheme = "region" if taxonomy.find("region", code) else "country"
    return taxonomy.path_label(scheme, code, pen.either("zh", "en"))


def _fields(pen: _Pen, term: Term, value: Any) -> str:  # noqa: ARG001  # one signature for all
    if EVERYTHING in value:
        return pen.either("全部领域", "All fields")
    return pen.either("；", "; ").join(value)


def _tiers(pen: _Pen, term: Term, value: Any) -> str:  # noqa: ARG001  # one signature for all
    lines = []
    for row, later in zip(value, [*value[1:], None], strict=True):
        start = pen.amount(row["from"])
        if later is None:
            span = pen.either(f"{start}以上", f"above {start}")
        else:
            end = pen.amount(later["from"])
            span = pen.either(f"{start}至 {end}", f"{start} to {end}")
        lines.append(pen.either(f"{span}：{row['rate']}%", f"{span}: {row['rate']}%"))
    return "\n".join(lines)


def _rates(pen: _Pen, term: Term, value: Any) -> str:  # noqa: ARG001  # one signature for all
    lines = []
    for year, rate in enumerate(value, start=1):
        last = year == len(value)
        zh = f"第 {year} 个日历年{'及以后' if last else ''}：{rate}%"
        lines.append(pen.either(zh, f"calendar year {year}{' and later' if last else ''}: {rate}%"))
    return "\n".join(lines)


def _instalments(pen: _Pen, term: Term, value: Any) -> str:
    lines = []
    for number, row in enumerate(value, start=1):
        sum_, when = pen.amount(row["minor"]), _when(pen, term, row)
        zh = f"{number}. {row['title']}：{sum_}，{when}"
        lines.append(pen.either(zh, f"{number}. {row['title']}: {sum_}, {when}"))
    return "\n".join(lines)


def _when(pen: _Pen, term: Term, row: Mapping[str, Any]) -> str:
    if row["on"]:
        on = pen.day(row["on"])
        return pen.either(f"{on}前", f"by {on}")
    event, days = term.events.get(row["after"]), row["days"]
    name = row["after"] if event is None else pen.either(event.zh, event.en)
    if not days:
        return pen.either(f"“{name}”之日", f"on the day of “{name}”")
    within = pen.counted(days, "日", "day", "days")
    return pen.either(f"“{name}”后 {within}内", f"within {within} after “{name}”")


def _milestones(pen: _Pen, term: Term, value: Any) -> str:  # noqa: ARG001  # one signature
    lines = []
    for number, row in enumerate(value, start=1):
        sum_ = pen.amount(row["minor"])
        due = pen.day(row["due"]) if row.get("due") else ""
        until = pen.either(f"，{due}前", f", by {due}") if due else ""
        zh = f"{number}. {row['title']}：{sum_}{until}；验收标准：{row['criterion']}"
        en = f"{number}. {row['title']}: {sum_}{until}; criterion: {row['criterion']}"
        lines.append(pen.either(zh, en))
    return "\n".join(lines)


def _vesting(pen: _Pen, term: Term, value: Any) -> str:  # noqa: ARG001  # one signature for all
    return "\n".join(
        pen.either(f"{pen.day(row['on'])}起：", f"from {pen.day(row['on'])}: ")
        + f"{row['percent']}%"
        for row in value
    )


_WRITERS: Mapping[str, Callable[[_Pen, Term, Any], str]] = {
    "money": _money,
    "percent": _percent,
    "number": _number,
    "integer": _number,
    "months": _months,
    "days": _days,
    "date": _date,
    "text": _text,
    "choice": _choice,
    "many": _many,
    "boolean": _boolean,
    "territory": _territory,
    "fields_of_use": _fields,
    "tiers": _tiers,
    "rates": _rates,
    "instalments": _instalments,
    "milestones": _milestones,
    "vesting": _vesting,
}
