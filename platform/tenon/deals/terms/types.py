"""What a value of each type of term looks like, as JSON, and the check of one.

A check returns the value in its one canonical shape, so that equal terms have equal hashes, or
raises ``Fault`` with an error code. An empty value is None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from tenon.deals.forms.schema import Term
from tenon.taxonomy import queries as taxonomy

TEXT_LIMIT = 4000
TITLE_LIMIT = 200
MOST_ROWS = 60
EVERYTHING = "*"
_BIGGEST = 10**15
"""Minor units: ten thousand thousand million yuan, far below what a column holds."""
_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Fault(ValueError):
    """A value that the term does not take; ``args[0]`` is the error code."""


def _whole(value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value.strip()):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Fault("not_a_number")
    return value


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise Fault("not_a_number")
    text = str(value).strip().removesuffix("%").strip()
    if not _DECIMAL.fullmatch(text):
        raise Fault("not_a_number")
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise Fault("not_a_number") from error


def _plain(value: Decimal) -> str:
    """Return a decimal without an exponent or zeros that say nothing: 5.50 -> 5.5."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _bounded(term: Term, value: int | Decimal, low: int | None, high: int | None) -> None:
    least = term.low if term.low is not None else low
    most = term.high if term.high is not None else high
    if (least is not None and value < least) or (most is not None and value > most):
        raise Fault("out_of_range")


def _amount(value: Any) -> int:
    minor = _whole(value)
    if not 0 <= minor <= _BIGGEST:
        raise Fault("out_of_range")
    return minor


def _rate(value: Any) -> str:
    rate = _decimal(value)
    if not 0 <= rate <= 100:
        raise Fault("out_of_range")
    return _plain(rate)


def _day(value: Any) -> str:
    if isinstance(value, date):
        value = value.isoformat()
    if not isinstance(value, str) or not _DATE.fullmatch(value.strip()):
        raise Fault("not_a_date")
    try:
        return date.fromisoformat(value.strip()).isoformat()
    except ValueError as error:
        raise Fault("not_a_date") from error


def _text(value: Any, limit: int) -> str:
    if not isinstance(value, str):
        raise Fault("not_a_text")
    text = value.replace("\r\n", "\n").strip()
    if len(text) > limit:
        raise Fault("too_long")
    return text


def _title(row: Mapping[str, Any], key: str = "title", limit: int = TITLE_LIMIT) -> str:
    text = _text(row.get(key) or "", limit)
    if not text:
        raise Fault("required")
    return text


def _rows(value: Any) -> list[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Fault("not_a_list")
    if len(value) > MOST_ROWS:
        raise Fault("too_many")
    return list(value)


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    rows = _rows(value)
    if any(not isinstance(row, Mapping) for row in rows):
        raise Fault("not_a_list")
    return rows


def money(term: Term, value: Any) -> Any:
    """Check ``{"minor": int, "currency": "CNY"}``."""
    if not isinstance(value, Mapping) or not _CURRENCY.fullmatch(str(value.get("currency") or "")):
        raise Fault("not_a_number")
    minor = _amount(value.get("minor"))
    _bounded(term, minor, 0, None)
    return {"minor": minor, "currency": value["currency"]}


def percent(term: Term, value: Any) -> Any:
    """Check a decimal string; 0 to 100 unless the term says otherwise."""
    rate = _decimal(value)
    _bounded(term, rate, 0, 100)
    return _plain(rate)


def number(term: Term, value: Any) -> Any:
    """Check a decimal string."""
    found = _decimal(value)
    _bounded(term, found, None, None)
    return _plain(found)


def whole(term: Term, value: Any) -> Any:
    """Check an integer, not below nought unless the term says so."""
    found = _whole(value)
    _bounded(term, found, 0, None)
    return found


def day(term: Term, value: Any) -> Any:  # noqa: ARG001  # one signature for all
    """Check an ISO date."""
    return _day(value)


def text(term: Term, value: Any) -> Any:
    """Check a text; ``high`` is the most characters."""
    return _text(value, term.high or TEXT_LIMIT) or None


def choice(term: Term, value: Any) -> Any:
    """Check a code of the term's choices."""
    if value not in term.choices:
        raise Fault("unknown_code")
    return value


def many(term: Term, value: Any) -> Any:
    """Check codes of the term's choices; they come in the choices' order."""
    chosen = _rows(value)
    if any(each not in term.choices for each in chosen):
        raise Fault("unknown_code")
    return [code for code in term.choices if code in chosen] or None


def boolean(term: Term, value: Any) -> Any:  # noqa: ARG001  # one signature for all
    """Check true or false."""
    if not isinstance(value, bool):
        raise Fault("unknown_code")
    return value


def territory(term: Term, value: Any) -> Any:  # noqa: ARG001  # one signature for all
    """Check codes of countries and regions; ``["*"]`` is worldwide."""
    codes = [str(each).strip() for each in _rows(value)]
    if EVERYTHING in codes:
        return [EVERYTHING]
    for code in codes:
        if not any(taxonomy.find(scheme, code) for scheme in ("country", "region")):
            raise Fault("unknown_code")
    return sorted(set(codes)) or None


def fields_of_use(term: Term, value: Any) -> Any:  # noqa: ARG001  # one signature for all
    """Check texts, one for each field; ``["*"]`` is all fields."""
    texts = [_text(each, TITLE_LIMIT) for each in _rows(value)]
    if EVERYTHING in texts:
        return [EVERYTHING]
    return list(dict.fromkeys(each for each in texts if each)) or None


def tiers(term: Term, value: Any) -> Any:  # noqa: ARG001  # one signature for all
    """Check ``[{"from": minor, "rate": "5"}]``: rising, the first from nought."""
    rows = [
        {"from": _amount(row.get("from")), "rate": _rate(row.get("rate"))}
        for row in _mappings(value)
    ]
    starts = [_amount(row["from"]) for row in rows]
    if rows and (starts[0] != 0 or starts != sorted(set(starts))):
        raise Fault("not_rising")
    return rows or None


def rates(term: Term, value: Any) -> Any:  # noqa: ARG001  # one signature for all
    """Check percents, one a year."""
    return [_rate(each) for each in _rows(value)] or None


def instalments(term: Term, value: Any) -> Any:
    """Check ``[{"title", "minor", "on" | "after", "days"}]``: each has a day or an event."""
    found = []
    for row in _mappings(value):
        on, after = row.get("on") or None, row.get("after") or None
        if (on is None) == (after is None):
            raise Fault("day_or_event")
        if after is not None and after not in term.events:
            raise Fault("unknown_code")
        days = _whole(row.get("days") or 0)
        if not 0 <= days <= 3650 or (on is not None and days):
            raise Fault("out_of_range")
        found.append(
            {
                "title": _title(row),
                "minor": _amount(row.get("minor")),
                "on": None if on is None else _day(on),
                "after": after,
                "days": days,
            }
        )
    return found or None


def milestones(term: Term, value: Any) -> Any:  # noqa: ARG001  # one signature for all
    """Check ``[{"title", "criterion", "minor", "due"}]``."""
    return [
        {
            "title": _title(row),
            "criterion": _title(row, "criterion", 1000),
            "minor": _amount(row.get("minor")),
            "due": _day(row["due"]) if row.get("due") else None,
        }
        for row in _mappings(value)
    ] or None


def vesting(term: Term, value: Any) -> Any:  # noqa: ARG001  # one signature for all
    """Check ``[{"on": date, "percent": "25"}]``: days rise, the parts make 100."""
    rows = [
        {"on": _day(row.get("on")), "percent": _rate(row.get("percent"))}
        for row in _mappings(value)
    ]
    days = [row["on"] for row in rows]
    if days != sorted(set(days)):
        raise Fault("not_rising")
    if rows and sum(Decimal(row["percent"]) for row in rows) != 100:
        raise Fault("not_a_whole")
    return rows or None


CHECKS: Mapping[str, Callable[[Term, Any], Any]] = {
    "money": money,
    "percent": percent,
    "number": number,
    "integer": whole,
    "months": whole,
    "days": whole,
    "date": day,
    "text": text,
    "choice": choice,
    "many": many,
    "boolean": boolean,
    "territory": territory,
    "fields_of_use": fields_of_use,
    "tiers": tiers,
    "rates": rates,
    "instalments": instalments,
    "milestones": milestones,
    "vesting": vesting,
}
