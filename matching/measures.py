"""Figures in running text: numbers, ranges and units with what they are figures of.

Chinese and English, half- and full-width. Everything found keeps its place in the text,
so that what is shown is what was written. Knows nothing of needs and results.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from matching.units import Unit, parse_dimension, parse_unit, unit_pattern

QUANTITIES_FILE: Final = Path(__file__).with_name("quantities.json")

INFINITE: Final = math.inf

# One character for one, so that places stay the same.
_PLAIN = str.maketrans(
    "０１２３４５６７８９．％＋－—–−～〜∼＞＜＝（）：µ／﹪",
    "0123456789.%+----~~~><=():μ/%",
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_MAGNITUDES: Final = {
    "千万": 1e7, "百万": 1e6, "十万": 1e5, "万": 1e4, "亿": 1e8, "万亿": 1e12, "千": 1e3, "百": 1e2,
    "thousand": 1e3, "million": 1e6, "billion": 1e9, "k": 1e3,
}  # fmt: skip
_CHINESE_DIGITS: Final = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_CHINESE_PLACES: Final = {"十": 10, "百": 100, "千": 1000}
_ENGLISH_NUMBERS: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip

_DIGITS: Final = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_POWER: Final = r"(?:\s?[×xX*]\s?10(?:\^?(?P<{0}>-?\d{{1,2}})|(?P<{0}s>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)))?"
_TEN: Final = r"10(?:\^(?P<{0}t>-?\d{{1,2}})|(?P<{0}u>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))"
_CHINESE: Final = r"[零一二两三四五六七八九十百千半]+(?!分之)"
_ENGLISH: Final = rf"\b(?:{'|'.join(_ENGLISH_NUMBERS)})(?=[\s-][a-zμ%])"


def _number(name: str) -> str:
    plain = rf"(?P<{name}n>[+-]?{_DIGITS}){_POWER.format(name + 'e')}"
    return rf"(?:{_TEN.format(name)}|{plain}|(?P<{name}c>{_CHINESE})|(?P<{name}w>{_ENGLISH}))"


@lru_cache(maxsize=1)
def _figure() -> re.Pattern[str]:
    magnitude = (
        r"(?P<{0}m>\s?(?:千万|百万|十万|万亿|万|亿|千|百)(?!分)|\s(?:thousand|million|billion)\b)?"
    )
    unit = unit_pattern()
    joint = r"\s?(?:~|-{1,2}|至|到|to|and|/-)\s?"
    money = r"(?P<money>[¥￥$])?\s?"
    return re.compile(
        rf"(?<![A-Za-z\d.])(?P<share>百分之)?{money}(?P<pm>±|\+/-|正负)?\s?{_number('a')}{magnitude.format('a')}"
        rf"(?:[\s-]?(?P<aunit>{unit}))?"
        rf"(?:{joint}{_number('b')}{magnitude.format('b')}(?:[\s-]?(?P<bunit>{unit}))?)?"
    )


@dataclass(frozen=True, slots=True)
class Quantity:
    """A kind of quantity from the table (``quantities.json``).

    Attributes:
        name: its code.
        dimensions: canonical dimensions in which it is measured.
        better: ``higher``, ``lower`` or empty: which way a figure improves.
        words: how it is called, lower case, Chinese and English stems.
        accepts: other kinds whose figures answer for it.
        cover: whether a range asked for must be covered, not met at one point.
        difference: whether temperatures are differences.
        vague: whether it says no more than the dimension does.
    """

    name: str
    dimensions: frozenset[str]
    better: str
    words: tuple[str, ...]
    accepts: frozenset[str]
    cover: bool
    difference: bool
    vague: bool


@lru_cache(maxsize=1)
def quantities() -> dict[str, Quantity]:
    """Return the table of quantities by name."""
    raw = json.loads(QUANTITIES_FILE.read_text(encoding="utf-8"))["quantities"]
    return {
        entry["name"]: Quantity(
            name=entry["name"],
            dimensions=frozenset(map(parse_dimension, entry["dimensions"])),
            better=entry["better"],
            words=tuple(word.lower() for word in (*entry["zh"], *entry["en"])),
            accepts=frozenset(entry.get("accepts", ())),
            cover=entry.get("cover", False),
            difference=entry.get("difference", False),
            vague=entry.get("vague", False),
        )
        for entry in raw
    }


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure in a text.

    Attributes:
        start, end: its place, with unit.
        text: verbatim.
        low, high: in base units; equal where one figure stands.
        unit: of the figure.
        tolerance: whether it is written with ±.
        spread: whether it is written as a range.
    """

    start: int
    end: int
    text: str
    low: float
    high: float
    unit: Unit
    tolerance: bool
    spread: bool


def plain(text: str) -> str:
    """Bring full-width digits and signs to half width, place by place."""
    return text.translate(_PLAIN)


_NO_UNIT: Final = Unit("", 1.0, 0.0, "1")
_SHARE: Final = Unit("百分之", 0.01, 0.0, "1")
_YEAR: Final = re.compile("(?:19|20)\\d\\d")


def measures(text: str) -> Iterator[Measure]:
    """Yield the figures of a text in order. Bare numbers come too, as shares without unit."""
    for match in _figure().finditer(plain(text)):
        measure = _measure(match, text)
        if measure is not None:
            yield measure


def _measure(match: re.Match[str], text: str) -> Measure | None:
    unit = _unit(match)
    if unit is None:
        return None
    spelled = match["ac"] or match["aw"]
    if match["share"] and unit is _NO_UNIT:
        unit = _SHARE
    if spelled and unit is _NO_UNIT:
        return None  # 一 and "one" without a unit are no figures
    if _YEAR.fullmatch(match["an"] or "") and match["aunit"] == "年":
        return None  # 2017年 is a date
    first = _value(match, "a")
    second = _value(match, "b") if _has(match, "b") else None
    if first is None:
        return None
    end = match.end()
    if (
        second is not None
        and first == 10
        and (match["an"] == "10")
        and -12 <= -second < 0
        and second < 10
    ):
        # 10-6 Pa is a power, not a range
        first, second = 10.0**-second, None
    if second is not None and not match["am"] and match["bm"]:
        first *= _MAGNITUDES[match["bm"].strip()]
    low = _base(first, match["aunit"] or unit.symbol, unit, tolerance=bool(match["pm"]))
    high = low if second is None else _base(second, unit.symbol, unit, tolerance=bool(match["pm"]))
    if low is None or high is None:
        return None
    return Measure(
        start=match.start(),
        end=end,
        text=text[match.start() : end].strip(),
        low=min(low, high),
        high=max(low, high),
        unit=unit,
        tolerance=bool(match["pm"]),
        spread=second is not None,
    )


def _unit(match: re.Match[str]) -> Unit | None:
    """Return the figure's unit: of a range that of its end, unless only its start has one."""
    if match["money"]:
        return parse_unit("USD" if match["money"] == "$" else "元")
    written = match["bunit"] or match["aunit"]
    return _NO_UNIT if not written else parse_unit(written)


def _has(match: re.Match[str], name: str) -> bool:
    return any(match[f"{name}{part}"] for part in ("n", "t", "u", "c", "w"))


def _base(value: float, symbol: str, unit: Unit, *, tolerance: bool) -> float | None:
    own = parse_unit(symbol) if symbol and symbol != unit.symbol else unit
    if own is None or own.dimension != unit.dimension:
        own = unit
    return own.to_base(value, difference=tolerance)


def _value(match: re.Match[str], name: str) -> float | None:
    magnitude = match[f"{name}m"]
    scale = _MAGNITUDES[magnitude.strip()] if magnitude else 1.0
    if match[f"{name}t"]:
        return scale * 10.0 ** int(match[f"{name}t"])
    if match[f"{name}u"]:
        return scale * 10.0 ** int(match[f"{name}u"].translate(_SUPERSCRIPTS))
    if match[f"{name}n"]:
        power = match[f"{name}e"] or (match[f"{name}es"] or "0").translate(_SUPERSCRIPTS)
        return scale * float(match[f"{name}n"].replace(",", "")) * 10.0 ** int(power)
    if match[f"{name}w"]:
        return scale * float(_ENGLISH_NUMBERS[match[f"{name}w"]])
    spelled = chinese_number(match[f"{name}c"])
    return None if spelled is None else scale * spelled


def chinese_number(text: str) -> float | None:
    """Read a Chinese number below ten thousand (两, 十五, 一百二十, 半); None if it is none."""
    if text == "半":
        return 0.5
    total = 0
    digit: int | None = None
    for character in text:
        if character in _CHINESE_DIGITS:
            if digit not in (None, 0):
                return None
            digit = _CHINESE_DIGITS[character]
        elif character in _CHINESE_PLACES:
            total += (1 if digit is None else digit) * _CHINESE_PLACES[character]
            digit = None
        else:
            return None
    return float(total + (digit or 0))
