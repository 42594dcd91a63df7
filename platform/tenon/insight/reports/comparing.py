"""A report computed again beside what it said: equal, or which figures differ, and why they may.

Rows recorded since the end of the period count in neither, so totals move only where something
recorded before was changed or removed. Parts move also where a thing was put elsewhere since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from tenon.insight.reports.content import COUNTED_ANEW, content_of, hash_of
from tenon.insight.reports.models import Report
from tenon.insight.reports.periods import Period

REASONS = (
    "rows_changed", "moved_elsewhere", "of_past_periods", "new_measure", "measure_gone",
    "counted_anew",
)  # fmt: skip
"""Why a figure may differ: recorded rows were changed or erased; the total is the same and things
were assigned elsewhere; only earlier periods moved; the site counts something it did not, or no
longer counts it, or counts it in another way."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that is another now.

    Attributes:
        part: ``figures``, ``parts``, ``series``, ``funnel`` or ``targets``.
        code: the measure, the measure and dimension, the stage, or the target's public id.
        then, now: what it said and what it is, as JSON.
        reason: of REASONS.
    """

    part: str
    code: str
    then: Any
    now: Any
    reason: str


@dataclass(frozen=True, slots=True)
class Check:
    """What computing a report again came to.

    Attributes:
        sha256: of the content as it is now.
        intact: whether the stored content has the hash stored beside it.
        differences: the figures that differ; empty where the hashes are the same.
    """

    sha256: str
    intact: bool
    differences: tuple[Difference, ...]

    @property
    def equal(self) -> bool:
        """Whether the report says today what it said when it was made."""
        return self.intact and not self.differences


def check(session: Session, report: Report) -> Check:
    """Compute a report again as of its day, over the places that it was of, and compare."""
    period = Period(report.kind, report.first, report.last)
    said = report.content
    aims = said.get("targets", {}).get("aims", ())
    now = content_of(
        session,
        period,
        places=said.get("places"),
        home=said.get("home"),
        form=said.get("form", 1),
        placed={each["target"]: each["places"] for each in aims if each["places"] is not None},
    )
    return Check(
        hash_of(now),
        hash_of(report.content) == report.sha256,
        tuple(_differences(report.content, now)),
    )


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    for part in ("figures", "parts", "series"):
        old, new = then.get(part, {}), now.get(part, {})
        for code in sorted({*old, *new}):
            if old.get(code) != new.get(code):
                reason = _reason(part, code, then, now)
                yield Difference(part, code, old.get(code), new.get(code), reason)
    stages = {each["stage"]: each for each in then.get("funnel", [])}
    for each in now.get("funnel", []):
        if stages.get(each["stage"]) != each:
            said = stages.get(each["stage"])
            yield Difference("funnel", each["stage"], said, each, "rows_changed")
    aims, again = (
        {each["target"]: each for each in content.get("targets", {}).get("aims", [])}
        for content in (then, now)
    )
    for code in sorted({*aims, *again}):
        if aims.get(code) != again.get(code):
            reason = _aim_reason(aims.get(code) or again[code], then)
            yield Difference("targets", code, aims.get(code), again.get(code), reason)


def _reason(part: str, code: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    if code not in now.get(part, {}):
        return "measure_gone"
    if code not in then.get(part, {}):
        return "new_measure"
    measure = code.partition(".")[0]
    if then.get("form", 1) < COUNTED_ANEW.get(measure, 0):
        return "counted_anew"
    old, new = (each.get("figures", {}).get(measure, {}) for each in (then, now))
    same = old.get("now") == new.get("now")
    if part == "figures":
        return "of_past_periods" if same else "rows_changed"
    if part == "parts" and same:
        return "moved_elsewhere"
    return "rows_changed"


def _aim_reason(aim: Mapping[str, Any], then: Mapping[str, Any]) -> str:
    anew = then.get("form", 1) < COUNTED_ANEW.get(aim["measure"], 0)
    return "counted_anew" if anew else "rows_changed"
