"""The rule by which listings are judged: criteria, thresholds and ready remarks, held as data.

Reads ``rubric.toml``; knows no database and no page. Source of the thresholds: the profile review
of the Enterprise Europe Network (four criteria of 0 to 5 points).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

CRITERIA = ("substance", "clarity", "expectations", "wording")
HIGHEST = 5


@dataclass(frozen=True, slots=True)
class Scores:
    """What a reviewer gave: 0 to 5 points on each of the four criteria."""

    substance: int
    clarity: int
    expectations: int
    wording: int

    @property
    def points(self) -> tuple[int, int, int, int]:
        """The four figures in the order of ``CRITERIA``."""
        return (self.substance, self.clarity, self.expectations, self.wording)

    @property
    def total(self) -> int:
        """The sum, 0 to 20."""
        return sum(self.points)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion as a reviewer reads it; all words are language -> text.

    Attributes:
        levels: points -> what they stand for; points not listed lie between their neighbours.
    """

    code: str
    side: str
    name: Mapping[str, str]
    question: Mapping[str, str]
    levels: Mapping[int, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Remark:
    """A ready sentence for reviewers; language -> text."""

    code: str
    side: str
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rubric:
    """The whole rule of one edition."""

    edition: str
    publish_from: int
    hold_from: int
    zero_outcome: str
    criteria: tuple[Criterion, ...]
    remarks: tuple[Remark, ...]

    def by_total(self, scores: Scores) -> str:
        """Return the outcome that the sum alone leads to."""
        if scores.total >= self.publish_from:
            return "publish"
        return "hold" if scores.total >= self.hold_from else "reject"

    def proposed(self, scores: Scores) -> str:
        """Return the outcome that the thresholds lead to: publish, hold or reject."""
        return self.zero_outcome if 0 in scores.points else self.by_total(scores)

    def allowed(self, scores: Scores) -> tuple[str, ...]:
        """Return the outcomes that a reviewer may choose, the proposed one first.

        Returning for revision is always among them. Where a single 0 holds what the sum would
        reject, rejecting is allowed too; publishing against the thresholds never is.
        """
        choices = [self.proposed(scores)]
        if self.by_total(scores) == "reject":
            choices.append("reject")
        return tuple(dict.fromkeys([*choices, "return"]))

    def criteria_for(self, side: str) -> tuple[Criterion, ...]:
        """Return the four criteria as worded for a side, in the order of ``CRITERIA``."""
        fitting = {each.code: each for each in self.criteria if each.side in {"", side}}
        return tuple(fitting[code] for code in CRITERIA)

    def remarks_for(self, side: str) -> tuple[Remark, ...]:
        """Return the ready remarks that suit a side."""
        return tuple(each for each in self.remarks if each.side in {"", side})


@cache
def rubric() -> Rubric:
    """Return the rule in force; raises KeyError where the file lacks a part."""
    text = files(__package__).joinpath("rubric.toml").read_text(encoding="utf-8")
    held = tomllib.loads(text)
    return Rubric(
        edition=held["edition"],
        publish_from=held["publish_from"],
        hold_from=held["hold_from"],
        zero_outcome=held["zero_outcome"],
        criteria=tuple(_criterion(row) for row in held["criteria"]),
        remarks=tuple(Remark(row["code"], row["side"], _both(row)) for row in held["remarks"]),
    )


def _both(row: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    return {language: row[prefix + language] for language in ("zh", "en")}


def _criterion(row: Mapping[str, Any]) -> Criterion:
    return Criterion(
        code=row["code"],
        side=row["side"],
        name=_both(row),
        question=_both(row, "question_"),
        levels={int(points): _both(words) for points, words in row["levels"].items()},
    )
