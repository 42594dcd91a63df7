"""A report in words: its figures beside those of earlier periods, and its charts.

The same for the page, the PDF and the workbook; on the page each figure leads to its list. Labels
are in the page's language, which must be ``language``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.insight import labels, measures, words
from tenon.insight.charts import Chart, region_chart, write
from tenon.insight.funnel.charts import stages_chart
from tenon.insight.funnel.counting import Stage
from tenon.insight.measures import Measure, Value
from tenon.insight.naming import names_of
from tenon.insight.overview.tables import columns, headline
from tenon.insight.reports.content import unpacked
from tenon.insight.reports.linking import figure_link, part_link, period_link, stage_link
from tenon.insight.reports.models import Report
from tenon.insight.reports.periods import Period, period_of
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

_BY = N_("%(measure)s by %(dimension)s")
_TIME = N_("%(measure)s over time")
_FUNNEL = N_("What came in during the year up to %(day)s, from listing to payment")


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a report.

    Attributes:
        code: the measure's.
        name, definition: in words.
        now, before, year: the figure, that of the period before, of the same a year ago.
        links: where those three lead, by their names.
        change: against the period before: a signed difference in words; a dash where either is
            unknown.
        of: of how many it is a share, in words; empty where it is none.
    """

    code: str
    name: str
    definition: str
    now: str
    before: str
    year: str
    change: str
    of: str
    links: Mapping[str, str]


def lines(report: Report, language: str) -> list[Line]:
    """Return the figures of a report in the measures' order; of money a line each currency."""
    return list(_lines(report, language))


def _lines(report: Report, language: str) -> Iterator[Line]:
    figures: Mapping[str, Any] = report.content["figures"]
    period = Period(report.kind, report.first, report.last)
    periods = {"now": period, "before": period.before, "year": period.last_year}
    for measure in measures.every():
        said = figures.get(measure.code)
        if said is None:
            continue
        now, before, year = (unpacked(said[each]) for each in ("now", "before", "year"))
        name = str(labels.MEASURES[measure.code])
        definition = str(labels.DEFINITIONS[measure.code])
        code = measure.code
        links = {each: period_link(report, code, days) for each, days in periods.items()}
        currencies = sorted({*now.sums, *before.sums, *year.sums}) or [""]
        for currency in currencies if measure.unit == "money" else [""]:
            values = [_amount(measure, each, currency) for each in (now, before, year)]
            unit = f"money:{currency}" if currency else measure.unit
            unit = "count" if unit == "money" else unit
            told = tuple(write(value, unit, language) for value in values)
            of = "" if not now.whole else f"{now.number} / {now.whole}"
            change = _change(values[0], values[1], unit, language)
            yield Line(code, name, definition, told[0], told[1], told[2], change, of, links)


def _amount(measure: Measure, value: Value, currency: str) -> Decimal | int | None:
    if measure.unit == "money":
        return value.sums.get(currency, 0)
    return headline(measure, value)[0][0]


def _change(
    now: Decimal | int | None, before: Decimal | int | None, unit: str, language: str
) -> str:
    if now is None or before is None:
        return write(None, unit, language)
    if now == before:
        return "±0"
    apart = Decimal(now) - Decimal(before)
    return ("+" if apart > 0 else "−") + write(abs(apart), unit, language)


def charts(session: Session, report: Report, *, by: Actor, language: str) -> list[Chart]:
    """Return a report's charts: over time, taken apart, the funnel."""
    known = {each.code: each for each in measures.every()}
    found = [
        *_over_time(report, known, language),
        *_parts(session, report, known, by, language),
    ]
    return [*found, _funnel(report, language)]


def _over_time(report: Report, known: Mapping[str, Measure], language: str) -> Iterator[Chart]:
    by_week = report.kind == "week"
    for code, steps in report.content["series"].items():
        if code not in known or not steps:
            continue
        days = [each["first"] for each in steps]
        links = [_step_link(report, code, date.fromisoformat(day)) for day in days]
        name = str(labels.MEASURES[code])
        yield Chart(
            key=f"time-{code.replace('_', '-')}",
            kind="line",
            title=words.said(_TIME, language) % {"measure": name},
            by=words.said(words.STEPS["week" if by_week else "month"], language),
            labels=days if by_week else [words.month(each[:7], language) for each in days],
            series=columns(known[code], [unpacked(each) for each in steps], language, links),
        )


def _step_link(report: Report, code: str, first: date) -> str:
    step = period_of("week" if report.kind == "week" else "month", first)
    return figure_link(report, code, first, min(step.last, report.last))


def _parts(
    session: Session,
    report: Report,
    known: Mapping[str, Measure],
    by: Actor,
    language: str,
) -> Iterator[Chart]:
    for code, said in report.content["parts"].items():
        measure, dimension = code.split(".")
        if measure not in known or not said["parts"]:
            continue
        keys = [each["key"] for each in said["parts"]]
        names = names_of(session, dimension, keys, language=language, by=by)
        name = str(labels.MEASURES[measure])
        word = str(labels.DIMENSIONS[dimension])
        more = words.said(words.MORE_PARTS, language) % {"number": said["more"]}
        values = [unpacked(each) for each in said["parts"]]
        links = [part_link(report, measure, dimension, names[key]) for key in keys]
        common: dict[str, Any] = {
            "key": code.replace(".", "-").replace("_", "-"),
            "title": words.said(_BY, language) % {"measure": name, "dimension": word},
            "by": word,
            "labels": [names[key].text for key in keys],
            "series": columns(known[measure], values, language, links),
            "note": more if said["more"] else None,
        }
        if dimension == "region":
            below = report.content["home"]
            yield region_chart(below=below, codes=keys, language=language, **common)
        else:
            yield Chart(kind="bar", **common)


def _funnel(report: Report, language: str) -> Chart:
    stages = [
        Stage(
            each["stage"],
            each["number"],
            each["passed"],
            each["before"],
            each["entered"],
            each["median"],
            each["ninety"],
            0,
        )
        for each in report.content["funnel"]
    ]
    title = words.said(_FUNNEL, language) % {"day": report.last.isoformat()}
    return stages_chart(
        stages, title=title, language=language, link=lambda stage, _part: stage_link(report, stage)
    )
