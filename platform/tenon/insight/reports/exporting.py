"""A report on paper and as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tenon.documents import render_pdf
from tenon.figures.exporting import Cell, workbook
from tenon.insight import words
from tenon.insight.charts import Chart
from tenon.insight.overview.exporting import sheet, sheet_name
from tenon.insight.reports.aimed import Aim
from tenon.insight.reports.models import Report
from tenon.insight.reports.notifying import scope_words
from tenon.insight.reports.showing import Line
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

_HEADERS = (
    N_("Measure"),
    N_("This period"),
    N_("Of how many"),
    N_("Period before"),
    N_("More or less"),
    N_("A year ago"),
    N_("How it is counted"),
)
_AIM_HEADERS = (
    N_("Target"),
    N_("Who or where"),
    N_("From"),
    N_("until"),
    N_("To be reached"),
    N_("Reached"),
    N_("An even pace would be at"),
    N_("The period may end at"),
    N_("How it stands"),
)
_FIGURES, _AIMS, _ABOUT = N_("Figures"), N_("Targets"), N_("About")


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a report its reader takes away.

    Attributes:
        report: the row.
        lines: its figures.
        aims: its targets, as far as the reader may know of them.
        more_aims: how many the report left out.
        charts: its charts.
    """

    report: Report
    lines: Sequence[Line]
    aims: Sequence[Aim]
    more_aims: int
    charts: Sequence[Chart]


def paper(shown: Shown, *, host: str, language: str) -> bytes:
    """Return the PDF: every chart as a table with bars beside the figures.

    Raises Unavailable where this machine cannot make PDF files.
    """
    report = shown.report
    context = {
        "title": words.said(words.KINDS[report.kind], language),
        "period": words.period(report.kind, report.first, report.last, language),
        "scope": scope_words(report)[language],
        "report": report,
        "lines": shown.lines,
        "aims": shown.aims,
        "more_aims": shown.more_aims,
        "charts": [each for each in shown.charts if not each.empty],
        "language": language,
        "host": host,
    }
    return render_pdf("insight_report.html", context, language)


def book(shown: Shown, *, language: str) -> bytes:
    """Return the workbook: figures, targets, a sheet for each chart, and what the report is."""
    sheets: dict[str, tuple[Sequence[str], Sequence[Sequence[Cell]]]] = {}
    headers = [words.said(each, language) for each in _HEADERS]
    sheets[words.said(_FIGURES, language)] = (
        headers,
        [
            [each.name, each.now, each.of, each.before, each.change, each.year, each.definition]
            for each in shown.lines
        ],
    )
    if shown.aims:
        sheets[words.said(_AIMS, language)] = (
            [words.said(each, language) for each in _AIM_HEADERS],
            [_aim_cells(each) for each in shown.aims],
        )
    for chart in shown.charts:
        sheets[sheet_name(chart.title, sheets)] = sheet(chart)
    sheets[words.said(_ABOUT, language)] = _about(shown.report, language)
    return workbook(sheets)


def _aim_cells(each: Aim) -> list[Cell]:
    return [
        each.name, each.of, each.first, each.last, each.value, each.reached, each.expected,
        each.forecast, each.verdict,
    ]  # fmt: skip


def _about(report: Report, language: str) -> tuple[list[str], list[list[Cell]]]:
    made: datetime = report.made_at
    return (
        [words.said(words.KINDS[report.kind], language), scope_words(report)[language]],
        [
            [words.said(N_("From"), language), report.first],
            [words.said(N_("until"), language), report.last],
            [words.said(N_("As known on"), language), report.as_of],
            [words.said(N_("Made on"), language), made.date()],
            ["SHA-256", report.sha256],
        ],
    )
