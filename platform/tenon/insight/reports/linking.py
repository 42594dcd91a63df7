"""Where a report's figures lead: the lists behind them, over the report's days and places.

A list is as known at the report's end as well. Only for pages: it needs a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import url_for

from tenon.insight.naming import Name
from tenon.insight.reports.content import FUNNEL_DAYS
from tenon.insight.reports.models import Report
from tenon.insight.reports.periods import Period


def figure_link(report: Report, measure: str, first: date, last: date, **narrowed: str) -> str:
    """Return the address of the list behind a figure of some days of a report."""
    kept = {**_kept(report), "first": first.isoformat(), "last": last.isoformat()}
    return url_for("insight_figures.behind", measure=measure, **(kept | narrowed))


def period_link(report: Report, measure: str, period: Period) -> str:
    """Return the address of the list of a whole period."""
    return figure_link(report, measure, period.first, period.last)


def part_link(report: Report, measure: str, dimension: str, name: Name) -> str | None:
    """Return the address of the list of a part; None for one that no address names.

    What lies in the home region and in none of its parts has none: its list would hold them all.
    """
    if name.address is None:
        return None
    if dimension == "region" and name.address == report.content["home"]:
        return None
    parameter = "place" if dimension == "station" else dimension
    narrowed = {parameter: name.address}
    return figure_link(report, measure, report.first, report.last, **narrowed)


def stage_link(report: Report, stage: str) -> str:
    """Return the address of the listings of a stage of the report's funnel."""
    first = report.last - timedelta(days=FUNNEL_DAYS - 1)
    days: Mapping[str, Any] = {"first": first.isoformat(), "last": report.last.isoformat()}
    return url_for("insight_funnel.behind", stage=stage, **_kept(report), **days)


def _kept(report: Report) -> Mapping[str, Any]:
    place = None if report.station is None else report.station.public_id
    return {"as_of": report.as_of.isoformat(), "place": place}
