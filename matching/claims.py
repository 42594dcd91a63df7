"""What a sentence says of its figures: of which quantity, and at least, at most or exactly.

One reading serves both sides: a need's requirement and a result's statement are claims.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final

from matching.measures import Measure, Quantity, measures, plain, quantities
from matching.text import words
from matching.units import DIMENSIONLESS, Unit, parse_unit


class Comparison(StrEnum):
    """How a figure is meant."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    RANGE = "range"
    ABOUT = "about"
    EXACTLY = "exactly"


def _any(*words: str) -> str:
    return "(?:" + "|".join(words) + ")"


_LEAST_BEFORE: Final = _any(
    "≥|>=|≧|>|不低于|不少于|不小于|不短于|不得低于|不得少于|不能低于|不能少于|至少|最少|最低|起码",
    "高于|大于|多于|优于|超过|超出|突破|长于|高过",
    r"at least|no less than|not less than|no lower than|not lower than|minimum(?: of)?|min\.?",
    r"over|above|more than|greater than|higher than|longer than|better than|exceed(?:s|ing)?",
    "in excess of",
)
_MOST_BEFORE: Final = _any(
    "≤|<=|≦|<|不超过|不超出|不高于|不大于|不多于|不得超过|不得高于|不能超过|不能高于|别超过|至多|最多",
    "低于|小于|少于|短于|最高不超过|控制在|控制到|压到|降到|降至|降低到|降低至|缩短到|缩短至",
    r"at most|no more than|not more than|not exceeding|no greater than|no higher than",
    r"not to exceed|maximum(?: of)?|max\.?|below|under|less than|lower than|fewer than|within",
    "shorter than|smaller than|down to",
)
_REACH_BEFORE: Final = _any(
    "高达|可达|达到|达|最高|最大|最长|最多可|到|up to|as high as|as much as",
    "reach(?:es|ing)?|achiev(?:es|ed|ing)",
)
_ABOUT_BEFORE: Final = _any(
    "约|大概|约为|近|~|≈|about|around|approximately|approx\\.?|some|roughly|nearly"
)
_JOINT: Final = r"\s*(?:及|或|and |or )?\s*"
_BEFORE_LEAST = re.compile(rf"{_LEAST_BEFORE}\s*(?:约|about)?\s*[:=]?\s*$", re.IGNORECASE)
_BEFORE_MOST = re.compile(rf"{_MOST_BEFORE}\s*[:=]?\s*$", re.IGNORECASE)
_BEFORE_REACH = re.compile(rf"{_REACH_BEFORE}\s*(?:了|约|about)?\s*[:=]?\s*$", re.IGNORECASE)
_BEFORE_ABOUT = re.compile(rf"{_ABOUT_BEFORE}\s*$", re.IGNORECASE)
_AFTER_LEAST = re.compile(
    _JOINT + _any("以上|之上|起步|more|higher|above|better|longer|up|minimum", r"\+"),
    re.IGNORECASE,
)
_AFTER_MOST = re.compile(
    _JOINT + _any("以下|以内|之内|之下|内(?!部|外|径)|less|lower|below|fewer|maximum"),
    re.IGNORECASE,
)
_AFTER_ABOUT = re.compile(r"\s*(?:左右|上下|or so)", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[,，;；。!！?？、\n]|\.(?=\s|$)")
_BASELINE = re.compile(
    _any(
        "传统|现有|常规|以往|目前市场|普通|国外|原先|原来|同类|进口产品|而.{0,6}仅",
        "conventional|existing|traditional|state[- ]of[- ]the[- ]art|currently|today's",
        "compared (?:to|with)|previous(?:ly)?|competing",
    ),
    re.IGNORECASE,
)
_PER_BEFORE = re.compile(r"(?:每|\bper\s)\s*([^\d,，。;；]{1,10})$", re.IGNORECASE)
_WARM = re.compile("温|热|冷|冻|烧|烘|高于|低于")

ABOUT: Final = 0.1
"""'About' a figure means within a tenth of it."""

_REACH: Final = 40


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


def claims(text: str) -> list[Claim]:
    """Return what a sentence, or a short text, claims in figures, in order."""
    flat = plain(text)
    found = list(measures(text))
    return [_claim(flat, found, place) for place in range(len(found))]


def _claim(flat: str, found: Sequence[Measure], place: int) -> Claim:
    measure = found[place]
    start = _clause_start(flat, found, place)
    before = flat[max(start, measure.start - _REACH) : measure.start]
    stop = _CLAUSE_END.search(flat, measure.end)
    end = stop.start() if stop else len(flat)
    after = flat[measure.end : end]
    measure = _refine(measure, before)
    dimension = measure.unit.dimension
    cue = _cue(measure, before, after)
    # 不超过 or "less than" name no quantity: they are left out of the search for one
    quantity = _quantity(
        flat[start : measure.start - cue.before],
        flat[measure.end + cue.after : end],
        flat[max(0, start - _REACH) : start],
        dimension,
    )
    if quantity is not None and quantity.difference:
        measure = _as_difference(measure)
    low, high = _interval(measure, cue.comparison)
    return Claim(
        measure=measure,
        quantity=quantity.name if quantity else None,
        comparison=cue.comparison,
        low=low,
        high=high,
        dimension=dimension,
        explicit=cue.explicit,
        baseline=_BASELINE.search(flat, start, end) is not None,
        terms=_terms(flat[start : measure.start] + " " + after),
    )


def _clause_start(flat: str, found: Sequence[Measure], place: int) -> int:
    """Return where the clause of a figure starts: after the last stop or the figure before."""
    start = found[place - 1].end if place else 0
    for stop in _CLAUSE_END.finditer(flat, start, found[place].start):
        start = stop.end()
    return start


def _refine(measure: Measure, before: str) -> Measure:
    """Mend what only the context tells: 度 of temperature, money per something before it."""
    unit = measure.unit
    if unit.symbol == "度" and _WARM.search(before):
        celsius = parse_unit("℃")
        if celsius is not None:
            low, high = measure.low / unit.factor, measure.high / unit.factor
            return replace(
                measure, unit=celsius, low=celsius.to_base(low), high=celsius.to_base(high)
            )
    per = _PER_BEFORE.search(before)
    joint = _per(unit, per[1]) if per and unit.dimension in ("CNY", "USD") else None
    if joint is None:
        return measure
    scale = joint.factor / unit.factor
    return replace(measure, unit=joint, low=measure.low * scale, high=measure.high * scale)


def _per(money: Unit, words_after: str) -> Unit | None:
    """Return money per the longest unit that the words begin with (公斤 of 公斤成本)."""
    for length in range(min(4, len(words_after)), 0, -1):
        joint = parse_unit(f"{money.symbol}/{words_after[:length].strip()}")
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
    vague: Quantity | None = None
    for window, behind in ((before, False), (after, True), (earlier, False)):
        for _, quantity in _named(window.lower(), dimension, behind=behind):
            if not quantity.vague:
                return quantity
            vague = vague or quantity
        if vague is not None and behind:
            return vague
    return vague


def _named(window: str, dimension: str, *, behind: bool) -> list[tuple[int, Quantity]]:
    """Return the quantities named in a window, the nearest to the figure first.

    Of words that stand inside one another only the longest counts.
    """
    spans: list[tuple[int, int, Quantity]] = []
    for word, quantity in _by_dimension().get(dimension, ()):
        place = window.find(word) if behind else window.rfind(word)
        if place >= 0 and _starts_word(window, place):
            spans.append((place, place + len(word), quantity))
    kept = [
        span
        for span in spans
        if not any(
            other[0] <= span[0] and span[1] <= other[1] and other[1] - other[0] > span[1] - span[0]
            for other in spans
        )
    ]
    ranked = [(low if behind else len(window) - high, quantity) for low, high, quantity in kept]
    ranked.sort(key=lambda pair: pair[0])
    return ranked


def _starts_word(window: str, place: int) -> bool:
    """Say whether no Latin letter runs into the place from before."""
    if place == 0 or not (window[place].isascii() and window[place].isalpha()):
        return True
    return not (window[place - 1].isascii() and window[place - 1].isalpha())


@lru_cache(maxsize=1)
def _by_dimension() -> dict[str, list[tuple[str, Quantity]]]:
    table: dict[str, list[tuple[str, Quantity]]] = {}
    for quantity in quantities().values():
        for dimension in quantity.dimensions:
            table.setdefault(dimension, []).extend((word, quantity) for word in quantity.words)
    return table


@dataclass(frozen=True, slots=True)
class _Cue:
    """How a figure is meant, and how much of the text before and after it says so."""

    comparison: Comparison
    explicit: bool = True
    before: int = 0
    after: int = 0


def _cue(measure: Measure, before: str, after: str) -> _Cue:
    """Read the words and signs around a figure."""
    if found := _AFTER_LEAST.match(after):
        return _Cue(Comparison.AT_LEAST, after=found.end())
    if found := _AFTER_MOST.match(after):
        return _Cue(Comparison.AT_MOST, after=found.end())
    if measure.tolerance:
        return _Cue(Comparison.AT_MOST)
    least, most = _BEFORE_LEAST.search(before), _BEFORE_MOST.search(before)
    # 不超过 holds 超过, "no more than" holds "more than": the one that starts first counts
    if most is not None and (least is None or most.start() < least.start()):
        return _Cue(Comparison.AT_MOST, before=len(before) - most.start())
    if least is not None:
        return _Cue(Comparison.AT_LEAST, before=len(before) - least.start())
    if measure.spread:
        return _Cue(Comparison.RANGE)
    if found := _BEFORE_ABOUT.search(before):
        return _Cue(Comparison.ABOUT, before=len(before) - found.start())
    if found := _AFTER_ABOUT.match(after):
        return _Cue(Comparison.ABOUT, after=found.end())
    reach = _BEFORE_REACH.search(before)
    return _Cue(Comparison.EXACTLY, explicit=reach is not None)


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
