"""Words and signs around a figure that say how it is meant: at least, at most, about, exactly.

Read from the text next to the figure alone. Knows no quantities and no units.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from matching.measures import Measure


class Comparison(StrEnum):
    """How a figure is meant."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    RANGE = "range"
    ABOUT = "about"
    EXACTLY = "exactly"


@dataclass(frozen=True, slots=True)
class Cue:
    """How a figure is meant, and how much of the text before and after it says so.

    Attributes:
        comparison: as far as the words tell.
        explicit: whether words or signs tell at all.
        better: whether they only say "better than": which way that is, the quantity knows.
        before, after: how many characters on either side say it.
    """

    comparison: Comparison
    explicit: bool = True
    better: bool = False
    before: int = 0
    after: int = 0


def _any(*words: str) -> str:
    return "(?:" + "|".join(words) + ")"


_NOT: Final = "不(?:得|能|可|应|要|许|宜|应当|可以)?"
_LEAST_BEFORE: Final = _any(
    rf"≥|>=|>|≮|{_NOT}(?:低于|少于|小于|短于|弱于|差于|窄于|亚于)|至少|最少|最低|起码|下限",
    "(?:大于|高于|多于|不小于)(?:或)?等于|高于|大于|多于|长于|高过|宽于|超过|超出|突破",
    r"at least|(?:no|not) (?:less|lower|fewer|shorter|smaller|worse) than|not (?:below|under)",
    r"minimum(?: of)?|min\.?|(?:greater|more|higher) than or equal to|at or above|upwards of",
    r"over|above|more than|greater than|higher than|longer than|larger than|exceed(?:s|ing)?",
    "in excess of|beyond",
)
_MOST_BEFORE: Final = _any(
    rf"≤|<=|<|≯|{_NOT}(?:超过|超出|超|高于|大于|多于|长于|晚于|宽于)|别超过|勿超过|至多|最多|上限",
    "(?:小于|低于|少于|短于)(?:或)?等于|低于|小于|少于|短于|不足|最高不超过|最大不超过",
    "控制(?:在|到)|限制在|压(?:缩|低)?(?:到|至)|降(?:低)?(?:到|至|为)|缩(?:短|小)(?:到|至|为)|减(?:少|小)?(?:到|至)",
    r"at most|(?:no|not) (?:more|greater|higher|larger|longer|later|heavier|thicker|bigger) than",
    r"not (?:exceeding|above|over)|not to exceed|(?:must|should|may|can) ?not exceed|cannot exceed",
    r"maximum(?: of)?|max\.?|(?:less|lower|fewer) than or equal to|at or below|in under",
    r"below|under|less than|lower than|fewer than|within|shorter than|smaller than|down to",
    r"lighter than|capped at|limited to|(?:reduced?|cut) to",
)
_REACH_BEFORE: Final = _any(
    "高达|可达|达到|达|最高|最大|最长|最多可|做到|到|至|up to|as high as|as much as",
    "reach(?:es|ing)?|achiev(?:es|ed|ing)|attain(?:s|ed|ing)?",
)
_ABOUT_BEFORE: Final = _any(
    "约|大概|大约|约为|近|~|≈|about|around|approximately|approx\\.?|some|roughly|nearly"
)
_SIGN: Final = r"\s*(?:为|是|在|of|is|be)?\s*[:=]?\s*$"
_BEFORE_LEAST = re.compile(rf"{_LEAST_BEFORE}\s*(?:约|about)?{_SIGN}", re.IGNORECASE)
_BEFORE_MOST = re.compile(rf"{_MOST_BEFORE}{_SIGN}", re.IGNORECASE)
_BEFORE_BETTER = re.compile(
    rf"(?:{_NOT}劣于|优于|好于|better than|superior to){_SIGN}", re.IGNORECASE
)
_BEFORE_REACH = re.compile(rf"{_REACH_BEFORE}\s*(?:了|约|about)?\s*[:=]?\s*$", re.IGNORECASE)
_BEFORE_ABOUT = re.compile(rf"{_ABOUT_BEFORE}\s*$", re.IGNORECASE)
_JOINT: Final = r"\s*(?:及|或|和|and\s|or\s)?\s*"
_AFTER_LEAST = re.compile(
    _JOINT
    + _any("以上|之上|起步|及更高|more|higher|above|longer|larger|up\\b|minimum|min\\b", r"\+"),
    re.IGNORECASE,
)
_AFTER_MOST = re.compile(
    _JOINT
    + _any("以下|以内|之内|之下|内(?!部|外|径)|less|lower|below|fewer|under\\b|maximum|max\\b"),
    re.IGNORECASE,
)
_AFTER_BETTER = re.compile(r"\s*(?:及以优|或更优|或更好|or better|better)", re.IGNORECASE)
_AFTER_ABOUT = re.compile(r"\s*(?:左右|上下|or so)", re.IGNORECASE)

LONGEST_CUE: Final = 40
"""Characters before a figure in which its cue is looked for."""


def read_cue(measure: Measure, before: str, after: str) -> Cue:
    """Read the words and signs around a figure.

    Args:
        measure: the figure.
        before: the text of its clause before it.
        after: the text of its clause behind it.
    """
    before = before[-LONGEST_CUE:]
    after = after[:LONGEST_CUE]
    return _behind(after) or _in_front(measure, before) or _loose(measure, before, after)


def _behind(after: str) -> Cue | None:
    if found := _AFTER_LEAST.match(after):
        return Cue(Comparison.AT_LEAST, after=found.end())
    if found := _AFTER_MOST.match(after):
        return Cue(Comparison.AT_MOST, after=found.end())
    if found := _AFTER_BETTER.match(after):
        return Cue(Comparison.AT_LEAST, better=True, after=found.end())
    return None


def _in_front(measure: Measure, before: str) -> Cue | None:
    if measure.tolerance:
        return Cue(Comparison.AT_MOST)
    found = [
        (match.start(), Cue(comparison, better=better, before=len(before) - match.start()))
        for pattern, comparison, better in (
            (_BEFORE_MOST, Comparison.AT_MOST, False),
            (_BEFORE_LEAST, Comparison.AT_LEAST, False),
            (_BEFORE_BETTER, Comparison.AT_LEAST, True),
        )
        if (match := pattern.search(before))
    ]
    # 不超过 holds 超过, "no more than" holds "more than": the one that starts first counts
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _loose(measure: Measure, before: str, after: str) -> Cue:
    """Return what is meant where nothing says at least or at most."""
    if measure.spread:
        return Cue(Comparison.RANGE)
    if found := _BEFORE_ABOUT.search(before):
        return Cue(Comparison.ABOUT, before=len(before) - found.start())
    if found := _AFTER_ABOUT.match(after):
        return Cue(Comparison.ABOUT, after=found.end())
    return Cue(Comparison.EXACTLY, explicit=_BEFORE_REACH.search(before) is not None)
