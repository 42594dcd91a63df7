"""A report's targets in words, as far as its reader may know of each.

The same for the page, the PDF and the workbook. Labels are in the page's language, which must be
``language``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.actors import Actor
from tenon.insight import labels, measures, words
from tenon.insight.measures import Scope, Value
from tenon.insight.models import Target
from tenon.insight.naming import names_of
from tenon.insight.permissions import visible_to
from tenon.insight.reports.models import Report
from tenon.insight.targets.drawing import about_words, amount_words, verdict_words
from tenon.insight.targets.forecasting import Forecast, Verdict
from tenon.insight.targets.progress import Progress
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

_RANGE = N_("%(middle)s (between %(low)s and %(high)s)")
_DIMENSIONS = ("region", "station", "institution", "field")


@dataclass(frozen=True, slots=True)
class Aim:
    """One target of a report.

    Attributes:
        public_id: of the target, for its page.
        name: what is measured.
        of: for whom or where, in words.
        first, last: its days.
        value: what is to be reached, in words.
        reached: what was there at the end of the report's last day, in words.
        expected: where an even pace would have been; empty for shares and head-counts.
        forecast: where its period was going to end; empty where nothing could be said.
        verdict: how it stood, in words.
        tone: of the badge.
        share: how much was reached, 0 to 1.
        due: where on the bar an even pace would have been; None where nothing is expected.
    """

    public_id: str
    name: str
    of: str
    first: date
    last: date
    value: str
    reached: str
    expected: str
    forecast: str
    verdict: str
    tone: str
    share: float
    due: float | None


def held(report: Report) -> tuple[list[Mapping[str, Any]], int]:
    """Return the targets that a report holds, as it holds them, and how many it left out."""
    said = report.content.get("targets", {})
    return list(said.get("aims", ())), int(said.get("more", 0))


def seen(session: Session, report: Report, *, by: Actor) -> dict[str, Target]:
    """Return public id -> row of those of a report's targets that the reader may know of."""
    keys = [each["target"] for each in held(report)[0]]
    if not keys:
        return {}
    rows = session.scalars(
        sa.select(Target)
        .where(Target.public_id.in_(keys), visible_to(by))
        .options(joinedload(Target.broker).lazyload("*"))
    )
    return {each.public_id: each for each in rows}


def aims(session: Session, report: Report, *, by: Actor, language: str) -> list[Aim]:
    """Return the targets of a report that the reader may know of, in its order."""
    rows = seen(session, report, by=by)
    shown = [
        each
        for each in held(report)[0]
        if each["target"] in rows and each["measure"] in labels.MEASURES
    ]
    named = _names(session, shown, rows, by, language)
    return [_aim(each, named[each["target"]], report.last, language) for each in shown]


def _names(
    session: Session,
    shown: list[Mapping[str, Any]],
    rows: Mapping[str, Target],
    by: Actor,
    language: str,
) -> dict[str, str]:
    found = {each["target"]: str(labels.SCOPES["site"]) for each in shown}
    for dimension in _DIMENSIONS:
        of = {each["target"]: each["of"] for each in shown if each["scope"] == dimension}
        names = names_of(session, dimension, of.values(), language=language, by=by)
        found |= {target: names[key].text for target, key in of.items()}
    for each in shown:
        if each["scope"] == "broker":
            broker = rows[each["target"]].broker
            former = words.said(words.FORMER_PERSON, language)
            found[each["target"]] = former if broker is None else broker.name
    return found


def progress_of(said: Mapping[str, Any], day: date) -> Progress:
    """Return how far a target was, from what a report holds of it; its row is of no session."""
    target = Target(
        public_id=said["target"],
        measure=said["measure"],
        currency=said["currency"],
        scope=said["scope"],
        first=date.fromisoformat(said["first"]),
        last=date.fromisoformat(said["last"]),
        value=said["value"],
    )
    return Progress(
        target=target,
        day=day,
        scope=Scope(first=target.first, last=target.last, as_of=day),
        value=said["value"],
        figure=Value(),
        reached=said["reached"],
        expected=said["expected"],
        forecast=None if said["forecast"] is None else Forecast(*said["forecast"]),
        verdict=Verdict(*said["verdict"]),
        passed=said["days"][0],
        whole=said["days"][1],
    )


def _aim(said: Mapping[str, Any], of: str, day: date, language: str) -> Aim:
    found = progress_of(said, day)
    target = found.target
    expected = "" if found.expected is None else about_words(found.expected, target, language)
    return Aim(
        public_id=target.public_id,
        name=str(labels.MEASURES[target.measure]),
        of=of,
        first=target.first,
        last=target.last,
        value=amount_words(found.value, target, language),
        reached=amount_words(found.reached, target, language),
        expected=expected,
        forecast=_forecast(found, language),
        verdict=verdict_words(found, language),
        tone=labels.TONES[found.verdict.code],
        share=found.share,
        due=found.expected_share,
    )


def _forecast(found: Progress, language: str) -> str:
    """Return where the period was going to end; nothing where it had ended by then."""
    coming, target = found.forecast, found.target
    if coming is None or found.day >= target.last:
        return ""
    low, middle, high = (
        about_words(each, target, language) for each in (coming.low, coming.middle, coming.high)
    )
    return words.said(_RANGE, language) % {"low": low, "middle": middle, "high": high}


def amount_said(said: Mapping[str, Any] | None, language: str) -> str:
    """Return what was reached of how much, for the table of differences; a dash for nothing."""
    if said is None or said["measure"] not in {each.code for each in measures.every()}:
        return "–"
    target = progress_of(said, date.max).target
    reached, value = (amount_words(said[each], target, language) for each in ("reached", "value"))
    return f"{reached} / {value}"
