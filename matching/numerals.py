"""Numbers as people write them: digits, powers of ten, Chinese and English words.

One regular expression for a number in running text, and what was matched as a float. Knows no
units and no sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from matching.script import simplify

# One character for one, so that places stay the same.
_PLAIN = str.maketrans(
    "０１２３４５６７８９．％＋－—–−～〜∼∽＞＜＝（）：µ／﹪≧≦⩾⩽\u00a0\u2009\u202f\u3000",
    "0123456789.%+----~~~~><=():μ/%≥≤≥≤    ",
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")

_CHINESE_DIGITS: Final = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_CHINESE_PLACES: Final = {"十": 10, "百": 100, "千": 1000}
_CHINESE_MYRIADS: Final = {"万": 1e4, "亿": 1e8}
_ONES: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9,
}  # fmt: skip
_TEENS: Final = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_ENGLISH_NUMBERS: Final = _ONES | _TEENS | _TENS | {"a": 1, "an": 1, "half a": 0.5, "half an": 0.5}
_MAGNITUDES: Final = {
    "万亿": 1e12, "亿": 1e8, "千万": 1e7, "百万": 1e6, "十万": 1e5, "万": 1e4, "千": 1e3,
    "百": 1e2, "dozen": 12.0, "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9,
    "trillion": 1e12,
}  # fmt: skip
SHARES: Final = {"百分之": 1e-2, "千分之": 1e-3, "万分之": 1e-4, "十万分之": 1e-5, "百万分之": 1e-6}

_DIGITS: Final = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?|\.\d+)"
_CHINESE: Final = (
    r"(?>[零〇一二两三四五六七八九十百千半]+(?:[万亿][零〇一二两三四五六七八九十百千]*)*)(?!分之)"
)


def _any(words: Iterable[str]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


_GREAT: Final = r"(?:hundred|thousand|million|billion|trillion|dozen)"
_ENGLISH: Final = (
    rf"(?i:\b(?:{_any(_TENS)}(?:[-\s]{_any(_ONES)})?|{_any(_TEENS)}|{_any(_ONES)}"
    rf"|half\san?|an?(?=\s{_GREAT}\b))(?=[-\s][a-zμ%]))"
)
LARGEST_POWER: Final = 99

FIRST_CHARACTERS: Final = r"\d.+\-±¥￥$€£零〇一二两三四五六七八九十百千万半正负UuMmOoTtFfSsEeNnAaHh"
"""Class of the characters that a figure may begin with."""


def plain(text: str) -> str:
    """Bring full-width digits and signs to half width and Chinese to simplified, place by place."""
    return simplify(text).translate(_PLAIN)


def number_pattern(name: str) -> str:
    """Return a regular expression for one number; its groups begin with the letter ``name``."""
    sign = rf"(?P<{name}sign>零下|负|(?i:\bminus\s)|[+-])?"
    exponent = (
        rf"(?:\s?[×xX*·]\s?10(?:\^?(?P<{name}e>[+-]?\d{{1,2}})|(?P<{name}es>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))(?!\d)"
        rf"|[eE](?P<{name}ee>[+-]?\d{{1,2}})(?![A-Za-z\d]))?"
    )
    ten = rf"10(?:\^(?P<{name}t>-?\d{{1,2}})|(?P<{name}u>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))"
    magnitude = (
        rf"(?P<{name}m>\s?(?:千万|百万|十万|万亿|万|亿|千|百)(?!分之)"
        rf"|(?:\s(?i:{_GREAT}))+(?![A-Za-z]))?"
    )
    return (
        rf"(?:{sign}(?:{ten}|(?P<{name}n>{_DIGITS}){exponent}|(?P<{name}c>{_CHINESE}))"
        rf"|(?P<{name}w>{_ENGLISH})){magnitude}"
    )


def is_spelled(match: re.Match[str], name: str) -> bool:
    """Say whether the number stands in words, not digits."""
    return bool(match[f"{name}c"] or match[f"{name}w"])


def magnitude_of(match: re.Match[str], name: str) -> float:
    """Return the factor of the words behind the digits (万, thousand); 1 without any."""
    written = match[f"{name}m"]
    if not written:
        return 1.0
    if (found := _MAGNITUDES.get(written.strip())) is not None:
        return found
    factor = 1.0
    for word in written.lower().split():
        factor *= _MAGNITUDES[word]
    return factor


def value_of(match: re.Match[str], name: str) -> float | None:
    """Return the number matched by ``number_pattern(name)``; None if the words are none."""
    found = _bare_value(match, name)
    if found is None:
        return None
    negative = match[f"{name}sign"] not in (None, "+")
    return (-found if negative else found) * magnitude_of(match, name)


def _bare_value(match: re.Match[str], name: str) -> float | None:
    if match[f"{name}t"]:
        return 10.0 ** int(match[f"{name}t"])
    if match[f"{name}u"]:
        return _power(match[f"{name}u"])
    if match[f"{name}n"]:
        written = match[f"{name}e"] or match[f"{name}es"] or match[f"{name}ee"]
        power = _power(written) if written else 1.0
        return None if power is None else float(match[f"{name}n"].replace(",", "")) * power
    if match[f"{name}w"]:
        return _english_number(match[f"{name}w"])
    return chinese_number(match[f"{name}c"])


def _power(written: str) -> float | None:
    """Return ten to the power written in figures or superscripts; None if no figure has it."""
    try:
        power = int(written.translate(_SUPERSCRIPTS)[:5])
    except ValueError:
        return None
    return 10.0**power if abs(power) <= LARGEST_POWER else None


def _english_number(written: str) -> float:
    folded = re.sub(r"\s+", " ", written.lower())
    if folded in _ENGLISH_NUMBERS:
        return float(_ENGLISH_NUMBERS[folded])
    return float(sum(_ENGLISH_NUMBERS[part] for part in re.split(r"[-\s]", folded)))


def chinese_number(text: str) -> float | None:
    """Read a Chinese number (两, 十五, 两万五千, 三百五, 半); None if it is none."""
    if text == "半":
        return 0.5
    total = section = 0.0
    digit: int | None = None
    last_place = 1.0
    for character in text:
        if character in _CHINESE_DIGITS:
            if digit not in (None, 0):
                return None
            digit = _CHINESE_DIGITS[character]
            last_place = 1.0 if digit == 0 else last_place
        elif character in _CHINESE_PLACES:
            last_place = float(_CHINESE_PLACES[character])
            section += (1 if digit is None else digit) * last_place
            digit = None
        elif character in _CHINESE_MYRIADS:
            last_place = _CHINESE_MYRIADS[character]
            total = (total + section + (digit or 0)) * last_place
            section, digit = 0.0, None
        else:
            return None
    # 三百五 is 350: a digit right after a place stands for the next lower one
    short = last_place / 10 if digit and last_place > 10 else 1.0
    return total + section + (digit or 0) * short
