"""What a sentence says of its figures: of which quantity, and at least, at most or exactly.

One reading serves both sides: a need's requirement and a result's statement are claims.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from matching.cues import LONGEST_CUE, Comparison, Cue, read_cue
from matching.measures import Measure, Quantity, measures, quantities
from matching.numerals import plain
from matching.text import words
from matching.units import DIMENSIONLESS, Unit, parse_unit

_CLAUSE_END = re.compile(r"[,，;；。!！?？、\n]|\.(?=\s|$)")
_BASELINE = re.compile(
    r"传统|现有|常规|以往|目前市场|普通|国外|原先|原来|同类|进口产品|而.{0,6}仅"
    r"|conventional|existing|traditional|state[- ]of[- ]the[- ]art|currently|today's"
    r"|compared (?:to|with)|previous(?:ly)?|competing",
    re.IGNORECASE,
)
_PER_BEFORE = re.compile(
    r"(?:每|\bper\s|单(?=[台套件只片块枚支个辆次张瓶箱])"
    r"|(?<![\d.\w])(?=度电|亩(?:用|产|均|施|成|投)|吨(?:水|钢|煤|矿|粮|泥|纸|料|产品|污泥)))"
    r"\s*([^\d,，。;；]{1,16})$",
    re.IGNORECASE,
)
_PER_AFTER = re.compile(r"\s?(?:/|per\s|每)\s?([A-Za-z\u3400-\u9fff²³]{1,12})", re.IGNORECASE)
_RATE_BEFORE = re.compile(
    r"(?:每(天|日|小时|年|月|分钟|秒)|(?<![\d一二两三四五六七八九十百千万])"
    r"([日年月时])(?=处理|加工|生产|产|供|消纳|运|输|捕|销|发))[^\d,，。;；]{0,12}$"
)
_FRONT = re.compile(
    r"(?<![A-Za-z])(?:(USD|US\$|RMB|CNY|EUR|GBP|IP|TRL)\s?"
    r"|(pH|PH|HRC|HRA|HRB|HV|HBW|HB)(?:\s?值)?([^\d,，。;；]{0,16}))$"
)
_WARM = re.compile("温|热|冷|冻|烧|烘|高于|低于|零下|零上")

ABOUT: Final = 0.1
"""'About' a figure means within a tenth of it."""

LONGEST_CLAUSE: Final = 240
"""Characters on either side of a figure that may belong to its clause."""

MONEY: Final = frozenset({"CNY", "USD", "EUR", "GBP", "JPY", "HKD"})
_AMOUNTS: Final = frozenset({"M", "L^2", "L^3", "piece", "cycle"})
_TIMES: Final = {
    "天": "天", "日": "天", "小时": "小时", "时": "小时", "年": "年", "月": "月", "分钟": "分钟",
    "秒": "秒",
}  # fmt: skip
_ENERGY: Final = "M·L^2·T^-2"
_ANY_DIMENSION: Final = "*"
_OWN_SCALES: Final = {
    "pH": "ph", "HRC": "hardness", "HRA": "hardness", "HRB": "hardness", "HV": "hardness",
    "HB": "hardness", "ShoreA": "hardness", "ShoreD": "hardness", "IP": "protection",
    "TRL": "readiness", "NTU": "turbidity",
}  # fmt: skip
"""Units that name their quantity by themselves."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One figure with its meaning.

    Attributes:
        measure: the figure and its place.
        quantity: code of the quantity; None where no word of the table is near.
        comparison: how the figure is meant.
        low, high: the interval claimed, base units; infinite on an open side.
        explicit: whether words or signs say how it is meant.
        baseline: whether it is said of something else (conventional practice).
        terms: words of the clause, for quantities that the table does not know.
        named: quantities that the clause names although the figure is of none of their
            dimensions; only where ``quantity`` is None.
    """

    measure: Measure
    quantity: str | None
    comparison: Comparison
    low: float
    high: float
    dimension: str
    explicit: bool
    baseline: bool
    terms: frozenset[str]
    named: frozenset[str]


def claims(text: str) -> list[Claim]:
    """Return what a sentence, or a short text, claims in figures, in order."""
    flat = plain(text)
    found = list(measures(text))
    return [_claim(text, flat, found, place) for place in range(len(found))]


def _claim(text: str, flat: str, found: Sequence[Measure], place: int) -> Claim:
    start = _clause_start(flat, found, place)
    measure, before = _with_unit_in_front(found[place], flat[start : found[place].start], text)
    limit = found[place + 1].start if place + 1 < len(found) else len(flat)
    end = _clause_end(flat, found[place].end)
    after = flat[found[place].end : end]
    measure, after = _joined(measure, before, after)
    cue = read_cue(measure, before, after)
    # 不超过 or "less than" name no quantity: they are left out of the search for one
    quantity = _quantity(
        before[: len(before) - cue.before],
        after[cue.after :],
        flat[max(0, start - LONGEST_CUE) : start],
        measure.unit.dimension,
    )
    comparison = _direction(cue, quantity)
    if quantity is not None and quantity.difference:
        measure = _as_difference(measure)
    low, high = _interval(measure, comparison)
    return Claim(
        measure=measure,
        quantity=quantity.name if quantity else None,
        comparison=comparison,
        low=low,
        high=high,
        dimension=measure.unit.dimension,
        explicit=cue.explicit,
        baseline=_BASELINE.search(flat, start, end) is not None,
        terms=_terms(before + " " + flat[found[place].end : max(end, found[place].end)]),
        named=frozenset() if quantity else _named_at_all(flat[start : min(end, limit)].lower()),
    )


def _direction(cue: Cue, quantity: Quantity | None) -> Comparison:
    """Turn "better than" into at least or at most, as the quantity improves."""
    if cue.better and quantity is not None and quantity.better == "lower":
        return Comparison.AT_MOST
    return cue.comparison


def _clause_start(flat: str, found: Sequence[Measure], place: int) -> int:
    """Return where the clause of a figure starts: after the last stop or the figure before."""
    end = found[place].start
    start = max(found[place - 1].end if place else 0, end - LONGEST_CLAUSE)
    for stop in _CLAUSE_END.finditer(flat, start, end):
        start = stop.end()
    return start


def _clause_end(flat: str, start: int) -> int:
    """Return where the clause of a figure that ends at ``start`` ends."""
    limit = min(len(flat), start + LONGEST_CLAUSE)
    stop = _CLAUSE_END.search(flat, start, limit)
    return stop.start() if stop else limit


def _with_unit_in_front(measure: Measure, before: str, text: str) -> tuple[Measure, str]:
    """Return a figure with the unit that stands before it (pH 6-9, HRC58, USD 5), and the rest."""
    front = _FRONT.search(before[-LONGEST_CUE:]) if measure.unit.symbol == "" else None
    unit = parse_unit(front[1] or front[2]) if front else None
    if front is None or unit is None:
        return measure, before
    between = front[3] or ""
    if not between.strip():
        start = measure.start - (front.end() - front.start())
        measure = replace(measure, start=start, text=text[start : measure.end].strip(), unit=unit)
        return measure, before[: len(before) - (front.end() - front.start())]
    return replace(measure, unit=unit), before


def _joined(measure: Measure, before: str, after: str) -> tuple[Measure, str]:
    """Mend what only the context tells: 度 of temperature, per what, in what time."""
    unit = measure.unit
    if unit.symbol == "度" and _WARM.search(before):
        return _in_celsius(measure), after
    if unit.dimension in MONEY and (behind := _PER_AFTER.match(after)):
        joint = _per(unit, behind[1])
        if joint is not None:
            return _scaled(measure, joint), after[behind.end() :]
    joint = _from_before(unit, before)
    return (measure if joint is None else _scaled(measure, joint)), after


def _from_before(unit: Unit, before: str) -> Unit | None:
    """Return the unit that words before a figure complete: 每吨800元, 日处理500吨, 亩产600公斤."""
    before = before[-LONGEST_CUE:]
    rate = _RATE_BEFORE.search(before) if unit.dimension in _AMOUNTS else None
    if rate:
        return parse_unit(f"{unit.symbol}/{_TIMES[rate[1] or rate[2]]}")
    per = _PER_BEFORE.search(before)
    if per and (unit.dimension in MONEY or unit.dimension in ("M", "L^3", _ENERGY)):
        joint = _per(unit, per[1])
        time = joint is not None and joint.dimension.endswith("T^-1")
        return None if time and unit.dimension not in MONEY else joint
    return None


def _in_celsius(measure: Measure) -> Measure:
    celsius = parse_unit("℃")
    if celsius is None:
        return measure
    low, high = measure.low / measure.unit.factor, measure.high / measure.unit.factor
    return replace(measure, unit=celsius, low=celsius.to_base(low), high=celsius.to_base(high))


def _scaled(measure: Measure, joint: Unit) -> Measure:
    scale = joint.factor / measure.unit.factor
    return replace(measure, unit=joint, low=measure.low * scale, high=measure.high * scale)


def _per(unit: Unit, words_after: str) -> Unit | None:
    """Return a unit per the longest one that the words begin with (公斤 of 公斤成本)."""
    words_after = words_after.strip()
    for length in range(min(12 if words_after.isascii() else 4, len(words_after)), 0, -1):
        joint = parse_unit(f"{unit.symbol}/{words_after[:length].strip()}")
        if joint is not None:
            return joint
    return None


def _as_difference(measure: Measure) -> Measure:
    """Take the zero of the scale out again: a difference of 2 ℃ is 2 K."""
    shift = 0.0 if measure.tolerance else measure.unit.offset
    return replace(measure, low=measure.low - shift, high=measure.high - shift)


def _quantity(before: str, after: str, earlier: str, dimension: str) -> Quantity | None:
    """Return the quantity whose word stands nearest: in the clause before, after, then earlier.

    A word that only says the dimension (温度) gives way to any of its clause that says more.
    """
    if dimension in _OWN_SCALES:
        return quantities()[_OWN_SCALES[dimension]]
    vague: Quantity | None = None
    for window, behind in ((before, False), (after, True), (earlier, False)):
        for quantity in _named(window.lower(), dimension, behind=behind):
            if not quantity.vague:
                return quantity
            vague = vague or quantity
        if vague is not None and behind:
            return vague
    return vague


def _named(window: str, dimension: str, *, behind: bool) -> Iterator[Quantity]:
    """Yield the quantities named in a window, the nearest to the figure first."""
    names = _names_of(dimension)
    found = _names_in(window, _by_first_character(dimension)) if names and window else []
    for word in found if behind else reversed(found):
        yield from names[word]


@lru_cache(maxsize=512)
def _names_of(dimension: str) -> Mapping[str, Sequence[Quantity]]:
    """Return the quantities of a dimension by their names; of all that say something for ``*``."""
    names: dict[str, list[Quantity]] = {}
    for quantity in quantities().values():
        for word in quantity.words:
            if dimension in quantity.dimensions or (
                dimension == _ANY_DIMENSION and len(word) > 1 and not quantity.vague
            ):
                names.setdefault(word, []).append(quantity)
    return names


@lru_cache(maxsize=512)
def _by_first_character(dimension: str) -> Mapping[str, Sequence[str]]:
    """Return the names of a dimension's quantities by their first character, longest first."""
    index: dict[str, list[str]] = {}
    for word in sorted(_names_of(dimension), key=lambda word: (-len(word), word)):
        index.setdefault(word[0], []).append(word)
    return index


def _names_in(window: str, index: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the names found in a window, in order; of words inside one another the longest."""
    found: list[str] = []
    place, within = 0, False
    while place < len(window):
        character = window[place]
        latin = character.isascii() and character.isalpha()
        step = 1
        if not (latin and within):  # a Latin name is looked for only where a word begins
            for word in index.get(character, ()):
                if window.startswith(word, place):
                    found.append(word)
                    step = len(word)
                    break
        place += step
        within = latin
    return found


def _named_at_all(clause: str) -> frozenset[str]:
    """Return the codes of the quantities that a clause names, whatever they are measured in."""
    names = _names_of(_ANY_DIMENSION)
    found = _names_in(clause, _by_first_character(_ANY_DIMENSION))
    return frozenset(quantity.name for word in found for quantity in names[word])


def _interval(measure: Measure, comparison: Comparison) -> tuple[float, float]:
    if comparison is Comparison.AT_LEAST:
        return measure.low, math.inf
    if comparison is Comparison.AT_MOST:
        return -math.inf, measure.high
    if comparison is Comparison.ABOUT:
        slack = abs(measure.low - measure.unit.offset) * ABOUT
        return measure.low - slack, measure.high + slack
    return measure.low, measure.high


def _terms(clause: str) -> frozenset[str]:
    return frozenset(word for word in words(clause) if len(word) > 1 and not word[0].isdigit())


def is_figure(claim: Claim) -> bool:
    """Say whether a claim can be compared: a bare number without any sign of a share is not."""
    return claim.dimension != DIMENSIONLESS or bool(claim.measure.unit.symbol)
