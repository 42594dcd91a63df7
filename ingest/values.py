"""One cell to one value: dates, numbers, amounts, lists. Knows cells, not rows.

Every reader takes what stood in the cell (text from a CSV or workbook, any JSON value from JSON
Lines) and gives the value, or raises :class:`FaultError` with one of ``errors.ROW_CODES``.
Nothing is guessed: a date that could be read two ways is refused.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from ingest.cells import bad_character_at, tidy

MOST_VALUES = 200
# Below 2**63 minor units by a wide margin, and above any price of a technology.
_GREATEST = Decimal(10) ** 13
_MULTIPLES = {"": 1, "千": 1_000, "万": 10_000, "百万": 1_000_000, "千万": 10_000_000, "亿": 10**8}
_AMOUNT = re.compile(
    r"(-?[\d,]*\.?\d+|-?[\d,]+\.?)\s*(百万|千万|千|万|亿)?\s*(?:元|圆|人民币|美元)?"
)
_GROUPED = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d*)(?:\.\d*)?")
_DATE = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})"
    r"|年(\d{1,2})月(\d{1,2})日?|(\d\d)(\d\d))(?:[T ]00:00(?::00)?)?"
)
# Spelt out here because strptime would ask the machine's locale.
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_LEVEL = re.compile(r"(?:TRL)?\s*-?\s*(\d{1,6})(?:\.0+)?\s*级?", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s;,<>\"]{1,64}@(?:[^@\s;,.<>\"]+\.)+[^@\s;,.<>\"]{2,}")
_LISTED = re.compile(r"[;；\n]")
_ENUMERATED = re.compile(r"[;；,，、|\n]")
_YES = frozenset({"true", "yes", "y", "1", "是", "真", "√"})
_NO = frozenset({"false", "no", "n", "0", "否", "假", "×"})


class FaultError(Exception):
    """What is wrong with one cell: a code, the part to blame, and facts."""

    def __init__(self, code: str, value: object = None, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.value = value
        self.facts = facts


def text_of(raw: object, limit: int) -> str:
    """Return a tidied text of at most ``limit`` characters; JSON numbers are taken as written."""
    if isinstance(raw, bool) or raw is None or not isinstance(raw, (str, int, float)):
        raise FaultError("not_text", raw)
    text = raw if isinstance(raw, str) else str(raw)
    position = bad_character_at(text)
    if position is not None:
        raise FaultError("bad_character", text, position=position)
    text = tidy(text)
    if len(text) > limit:
        raise FaultError("too_long", text, limit=limit, length=len(text))
    return text


def parts_of(raw: object, limit: int, *, enumerated: bool = False) -> tuple[str, ...]:
    """Return the texts of a list: a JSON array, or a cell separated by semicolons.

    Args:
        raw: the cell.
        limit: longest part in characters.
        enumerated: whether commas and the Chinese enumeration comma separate as well (codes and
            names hold none; sentences do).
    """
    if isinstance(raw, (list, tuple)):
        pieces: list[object] = list(raw)
    elif isinstance(raw, (str, int)) and not isinstance(raw, bool):
        pieces = list((_ENUMERATED if enumerated else _LISTED).split(str(raw)))
    else:
        raise FaultError("not_a_list", raw)
    if len(pieces) > MOST_VALUES:
        raise FaultError("too_many_values", raw, limit=MOST_VALUES, count=len(pieces))
    return tuple(text for piece in pieces if (text := text_of(piece, limit)))


def date_of(raw: object) -> date:
    """Return a day: ISO first, and the other ways of writing year, month, day in that order."""
    text = unicodedata.normalize("NFKC", text_of(raw, 40))
    found = _DATE.fullmatch(text)
    if found is None:
        raise FaultError("not_a_date", raw)
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        raise FaultError("not_a_date", raw) from None


def english_date_of(text: str) -> date | None:
    """Return a day written like ``March 30, 2017``; None if it is not one."""
    found = re.fullmatch(r"([A-Za-z]+) +(\d{1,2}), *(\d{4})", text.strip())
    if found is None or found[1].lower() not in _MONTHS:
        return None
    try:
        return date(int(found[3]), _MONTHS.index(found[1].lower()) + 1, int(found[2]))
    except ValueError:
        return None


def whole_of(raw: object, low: int, high: int) -> int:
    """Return a whole number between two bounds; ``TRL 6`` is 6."""
    text = unicodedata.normalize("NFKC", text_of(raw, 40))
    found = _LEVEL.fullmatch(text)
    if found is None:
        raise FaultError("not_a_number", raw)
    number = int(found[1])
    if not low <= number <= high:
        raise FaultError("out_of_range", raw, low=low, high=high)
    return number


def amount_of(raw: object) -> int:
    """Return an amount of money in minor units (hundredths).

    Understands grouped digits, currency signs and the Chinese multiples: ``50万`` is 500,000.
    """
    if isinstance(raw, bool):
        raise FaultError("not_a_number", raw)
    text = unicodedata.normalize("NFKC", text_of(raw, 60)).strip().lstrip("¥$￥").strip()
    found = _AMOUNT.fullmatch(text)
    if found is None or not _GROUPED.fullmatch(found[1]):
        raise FaultError("not_a_number", raw)
    try:
        amount = Decimal(found[1].replace(",", "")) * _MULTIPLES[found[2] or ""]
    except InvalidOperation:
        raise FaultError("not_a_number", raw) from None
    if not 0 <= amount <= _GREATEST:
        raise FaultError("out_of_range", raw, low=0, high=int(_GREATEST))
    minor = amount * 100
    if minor != minor.to_integral_value():
        raise FaultError("too_precise", raw, digits=2)
    return int(minor)


def boolean_of(raw: object) -> bool:
    """Yes or no, in either language."""
    if isinstance(raw, bool):
        return raw
    word = unicodedata.normalize("NFKC", text_of(raw, 40)).casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise FaultError("not_a_boolean", raw)


def email_of(raw: object, limit: int) -> str:
    """Return an address for mail, in lower case after the @."""
    text = text_of(raw, limit)
    if not _EMAIL.fullmatch(text):
        raise FaultError("not_an_email", raw)
    name, _, host = text.rpartition("@")
    return f"{name}@{host.lower()}"


def url_of(raw: object, limit: int) -> str:
    """Return an address of the web; only http and https, so that no link can run a script."""
    text = text_of(raw, limit)
    try:
        parts = urlsplit(text)
    except ValueError:
        raise FaultError("not_a_url", raw) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"\s", text):
        raise FaultError("not_a_url", raw)
    return text
