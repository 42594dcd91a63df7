"""What a report says, computed: codes, keys and whole numbers, and the hash over them.

Everything is as recorded at the end of the period, so that computing it again gives the same.
What makes it differ all the same is named in ``comparing``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.history.services import canonical
from tenon.insight import funnel
from tenon.insight.measures import Measure, Scope, Value, every
from tenon.insight.reports.aims import aims_of
from tenon.insight.reports.periods import Period, period_of

FORM = 3
"""Of the content; a later form is told apart by it. From 2 on a report holds targets."""

COUNTED_ANEW: Mapping[str, int] = {"needs_answered_in_time": 3}
"""Measure -> the form from which on it is counted as it is now. Answers in time went by the last
deadline alone; since 3 every deadline counts that passed at a place."""

FUNNEL_DAYS = 365
"""A report's funnel is of what came in during the year up to the end of the period."""

MOST_PARTS = 20
PARTS: Mapping[str, tuple[str, ...]] = {
    "needs_collected": ("region", "field", "broker"),
    "achievements_published": ("institution",),
    "introductions_accepted": ("broker",),
    "events_held": ("region",),
    "deals_signed": ("region", "field"),
    "contract_value": ("institution",),
}
"""Measure -> by what a report takes it apart; the rest is on the page of figures."""

SERIES: tuple[str, ...] = ("needs_collected", "introductions_accepted", "deals_signed")
_STEPS = 12


def content_of(
    session: Session,
    period: Period,
    *,
    places: Collection[int] | None,
    home: str | None,
    form: int = FORM,
    placed: Mapping[str, Collection[int]] | None = None,
) -> dict[str, Any]:
    """Return what the report of a period says.

    ``places`` are the keys of the places whose figures they are; None: of the whole site.
    ``home`` is the province by whose cities figures are taken apart; None: by provinces.
    ``form`` and ``placed`` (target -> the places below its own) are those of an earlier report,
    to compute it again.
    """
    scope = Scope(
        first=period.first,
        last=period.last,
        as_of=period.last,
        station_ids=None if places is None else frozenset(places),
    )
    known = [each for each in every() if each.fits(scope)]
    found: dict[str, Any] = {
        "form": form,
        "places": None if places is None else sorted(places),
        "home": home,
        "figures": {each.code: _compared(session, each, scope, period) for each in known},
        "parts": _parts(session, known, scope, home),
        "series": _series(session, known, scope, period),
        "funnel": _funnel(session, scope),
    }
    if form > 1:
        found["targets"] = aims_of(session, period, places=places, placed=placed)
    return found


def hash_of(content: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, over a content's canonical JSON."""
    text = json.dumps(canonical(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def packed(value: Value) -> dict[str, Any]:
    """Return a figure as JSON; what it does not have is left out."""
    found: dict[str, Any] = {"number": value.number}
    if value.whole is not None:
        found["whole"] = value.whole
    if value.sums:
        found["sums"] = dict(sorted(value.sums.items()))
    if value.whole_sums:
        found["whole_sums"] = dict(sorted(value.whole_sums.items()))
    return found


def unpacked(said: Mapping[str, Any]) -> Value:
    """Return the figure that ``packed`` wrote."""
    return Value(
        said.get("number", 0), said.get("whole"), said.get("sums", {}), said.get("whole_sums", {})
    )


def _compared(session: Session, measure: Measure, scope: Scope, period: Period) -> dict[str, Any]:
    """Return the figure now, of the period before and of the same one a year ago."""
    before, year = period.before, period.last_year
    return {
        "now": packed(measure.count(session, scope)),
        "before": packed(measure.count(session, scope.between(before.first, before.last))),
        "year": packed(measure.count(session, scope.between(year.first, year.last))),
    }


def _parts(
    session: Session, known: list[Measure], scope: Scope, home: str | None
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    at_home = replace(scope, region=home)
    for measure in known:
        for dimension in PARTS.get(measure.code, ()):
            if dimension not in measure.dimensions:
                continue
            chosen = at_home if dimension == "region" else scope
            parts = measure.by(session, chosen, dimension)
            shown = [{"key": each.key, **packed(each.value)} for each in parts[:MOST_PARTS]]
            found[f"{measure.code}.{dimension}"] = {
                "parts": shown,
                "more": max(len(parts) - MOST_PARTS, 0),
            }
    return found


def _series(session: Session, known: list[Measure], scope: Scope, period: Period) -> dict[str, Any]:
    """Return the last twelve weeks of a weekly report, else the last twelve months."""
    step = "week" if period.kind == "week" else "month"
    first = period_of(step, period.last)
    for _ in range(_STEPS - 1):
        first = first.before
    longer = scope.between(first.first, period.last)
    return {
        each.code: [
            {"first": one.first.isoformat(), **packed(one.value)}
            for one in each.series(session, longer, step)
        ]
        for each in known
        if each.code in SERIES
    }


def _funnel(session: Session, scope: Scope) -> list[dict[str, Any]]:
    longer = scope.between(scope.last - timedelta(days=FUNNEL_DAYS - 1), scope.last)
    found = funnel.paths(session, longer, by=SYSTEM)
    return [
        {
            "stage": each.code,
            "number": each.number,
            "passed": each.passed,
            "before": each.before,
            "entered": each.entered,
            "median": each.median,
            "ninety": each.ninety,
        }
        for each in funnel.stages(found)
    ]
