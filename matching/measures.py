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

from matching.numerals import (
    FIRST_CHARACTERS,
    SHARES,
    is_spelled,
    magnitude_of,
    number_pattern,
    plain,
    value_of,
)
from matching.units import DIMENSIONLESS, Unit, parse_dimension, parse_unit, unit_pattern

QUANTITIES_FILE: Final = Path(__file__).with_name("quantities.json")

_JOINT: Final = r"\s?(?P<joint>~|-{1,2}|\.\.\.?|…|至|到|和|与|to|and|±|\+/-)\s?"
_BETWEEN: Final = re.compile(r"(?:between|介于|在|之)\s*$", re.IGNORECASE)
_NEEDS_BETWEEN: Final = ("and", "和", "与")
_TOLERANCES: Final = ("±", "+/-")
# Symbols before a number that end in a letter and yet begin a figure (IP67, HRC58, RMB30).
_ATTACHED: Final = ("IP", "pH", "PH", "HRC", "HRA", "HRB", "HV", "HB", "TRL", "USD", "RMB", "CNY")


@lru_cache(maxsize=1)
def _figure() -> re.Pattern[str]:
    unit = unit_pattern()
    attached = "".join(rf"|(?<={symbol})" for symbol in _ATTACHED)
    share = "|".join(sorted(SHARES, key=len, reverse=True))
    return re.compile(
        rf"(?=[{FIRST_CHARACTERS}])(?:(?<![A-Za-z\d.]){attached})"
        rf"(?P<first>(?P<share>{share})?(?P<money>US\$|[¥￥$€£])?\s?(?P<pm>±|\+/-|正负)?\s?"
        rf"{number_pattern('a')}(?:[\s-]?(?P<aunit>{unit}))?)"
        rf"(?:{_JOINT}{number_pattern('b')}(?:[\s-]?(?P<bunit>{unit}))?)?"
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
        cover: ``whole`` where a range asked for must be covered, not met at one point
            (temperatures of use); ``either`` where both make sense (pH); else empty.
        difference: whether temperatures are differences.
        vague: whether it says no more than the dimension does.
    """

    name: str
    dimensions: frozenset[str]
    better: str
    words: tuple[str, ...]
    accepts: frozenset[str]
    cover: str
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
            cover=entry.get("cover", ""),
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


_NO_UNIT: Final = Unit("", 1.0, 0.0, "1")
_YEAR: Final = re.compile("(?:19|20)\\d\\d")
_CURRENCIES: Final = {"$": "USD", "US$": "USD", "¥": "元", "￥": "元", "€": "EUR", "£": "GBP"}


def measures(text: str) -> Iterator[Measure]:
    """Yield the figures of a text in order. Bare numbers come too, as shares without unit."""
    flat = plain(text)
    figure = _figure()
    place = 0
    while (match := figure.search(flat, place)) is not None:
        joined = _is_range(match, flat)
        end = match.end() if joined else match.end("first")
        measure = _measure(match, text, joined=joined, end=end)
        if measure is not None:
            yield measure
        place = end


def _is_range(match: re.Match[str], flat: str) -> bool:
    """Say whether what follows the first figure belongs to it: 30-50 μm, 120±5 ℃."""
    if match["joint"] is None:
        return False
    if match["joint"] in _NEEDS_BETWEEN and not (
        _BETWEEN.search(flat[max(0, match.start() - 8) : match.start()])
        or flat.startswith("之间", match.end())
    ):
        return False
    one, other = match["aunit"], match["bunit"]
    if not one or not other:
        return True
    a, b = parse_unit(one), parse_unit(other)
    same = a is not None and b is not None and a.dimension == b.dimension
    relative = match["joint"] in _TOLERANCES and b is not None and b.dimension == DIMENSIONLESS
    return same or relative


def _measure(match: re.Match[str], text: str, *, joined: bool, end: int) -> Measure | None:
    unit = _unit(match, joined=joined)
    if unit is None or (unit is _NO_UNIT and is_spelled(match, "a") and not match["share"]):
        return None  # 一 and "one" without a unit are no figures
    if _YEAR.fullmatch(match["an"] or "") and match["aunit"] == "年":
        return None  # 2017年 is a date
    bounds = _bounds(match, unit, joined=joined)
    if bounds is None or not all(map(math.isfinite, bounds)):
        return None
    spread = joined and not _is_power(match)
    return Measure(
        start=match.start(),
        end=end,
        text=text[match.start() : end].strip(),
        low=min(bounds),
        high=max(bounds),
        unit=unit,
        tolerance=bool(match["pm"]),
        spread=spread,
    )


def _unit(match: re.Match[str], *, joined: bool) -> Unit | None:
    """Return the figure's unit: of a range that of its end, unless only its start has one."""
    if match["share"]:
        return Unit(match["share"], SHARES[match["share"]], 0.0, DIMENSIONLESS)
    if match["money"]:
        return parse_unit(_CURRENCIES[match["money"]])
    one, other = match["aunit"], match["bunit"] if joined else None
    if joined and match["joint"] in _TOLERANCES:
        one, other = other, one  # 10 V ± 5 % is of volts
    return _NO_UNIT if not (one or other) else parse_unit(other or one)


def _bounds(match: re.Match[str], unit: Unit, *, joined: bool) -> tuple[float, float] | None:
    """Return both ends in base units; None if what stands there is no number."""
    first = value_of(match, "a")
    if first is None:
        return None
    difference = bool(match["pm"])
    if not joined:
        low = unit.to_base(first, difference=difference)
        return low, low
    second = value_of(match, "b")
    if second is None:
        return None
    if _is_power(match):
        low = unit.to_base(10.0**-second)
        return low, low
    if match["joint"] in _TOLERANCES:
        return _around(first, second, unit, match["bunit"])
    if not match["am"] and match["bm"]:
        first *= magnitude_of(match, "b")  # 3~5万元
    return (
        _own_unit(match["aunit"], unit).to_base(first, difference=difference),
        _own_unit(match["bunit"], unit).to_base(second, difference=difference),
    )


def _is_power(match: re.Match[str]) -> bool:
    """Say whether 10-6 Pa stands for a power, as lost superscripts leave it."""
    if match["an"] != "10" or match["joint"] != "-" or match["aunit"] or match["ae"]:
        return False
    return bool(re.fullmatch(r"[1-9]|1[0-2]", match["bn"] or "")) and not match["bm"]


def _around(centre: float, slack: float, unit: Unit, slack_unit: str | None) -> tuple[float, float]:
    """Return both ends of 120±5 ℃ or 10 V ± 5 %."""
    own = parse_unit(slack_unit) if slack_unit else unit
    middle = unit.to_base(centre)
    if own is not None and own.dimension == DIMENSIONLESS != unit.dimension:
        half = abs(centre * unit.factor) * slack * own.factor
    else:
        half = (own or unit).to_base(slack, difference=True)
    return middle - half, middle + half


def _own_unit(symbol: str | None, unit: Unit) -> Unit:
    """Return the unit of one end of a range; the other end's where it has none."""
    own = parse_unit(symbol) if symbol else None
    return own if own is not None and own.dimension == unit.dimension else unit
