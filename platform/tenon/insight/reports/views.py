"""Pages of reports: the list, one with its charts, computed again, on paper, as a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, render_template, request
from flask_babel import gettext as _

from tenon.insight import labels, words
from tenon.insight.asking import choosable
from tenon.insight.charts import write
from tenon.insight.overview.exporting import XLSX
from tenon.insight.overview.views import sent
from tenon.insight.reports import aimed, comparing, exporting, notifying, showing
from tenon.insight.reports.models import KINDS, SITE, Report
from tenon.insight.reports.queries import find_report, reports
from tenon.notices import delivery
from tenon.web.access import Access, declare
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session

insight_reports = Blueprint("insight_reports", __name__, url_prefix="/insight/reports")

_ROUTES = ("index", "show", "check", "as_pdf", "as_xlsx")
PDF = "application/pdf"


def install(app: Flask) -> None:
    """Register the pages of reports."""
    app.register_blueprint(insight_reports)
    declare(app, {f"insight_reports.{name}": Access.BROKER for name in _ROUTES})


@insight_reports.get("")
def index() -> str:
    """List the reports that the reader may see, the latest first."""
    session, actor, number = current_session(), current_actor(), requested_page()
    kind, scope = request.args.get("kind"), request.args.get("scope") or None
    found, total = reports(
        session,
        by=actor,
        kind=kind if kind in KINDS else None,
        scope=scope,
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
    )
    return render_template(
        "insight/reports.html",
        page=Page(found, number, PAGE_SIZE, total),
        kinds={code: words.said(name, language()) for code, name in words.KINDS.items()},
        kind=kind,
        scope=scope,
        site=SITE if actor.operator else None,
        places=choosable(session, actor),
        scope_words=_scope_words,
        period_words=_period_words,
    )


def _scope_words(report: Report) -> str:
    return notifying.scope_words(report)[language()]


def _period_words(report: Report) -> str:
    return words.period(report.kind, report.first, report.last, language())


def _report(public_id: str) -> Report:
    return find_report(current_session(), public_id, by=current_actor())


@insight_reports.get("/<public_id>")
def show(public_id: str) -> str:
    """Show a report with its charts."""
    return _page(_report(public_id), None)


@insight_reports.get("/<public_id>/check")
@limiter.limit(WRITE)
def check(public_id: str) -> str:
    """Compute a report again as of its day and say whether it is the same."""
    report = _report(public_id)
    return _page(report, comparing.check(current_session(), report))


def _page(report: Report, found: comparing.Check | None) -> str:
    tongue, session, actor = language(), current_session(), current_actor()
    known = aimed.seen(session, report, by=actor)
    return render_template(
        "insight/report.html",
        report=report,
        title=words.said(words.KINDS[report.kind], tongue),
        period=_period_words(report),
        scope=_scope_words(report),
        lines=showing.lines(report, tongue),
        aims=aimed.aims(session, report, by=actor, language=tongue),
        more_aims=aimed.held(report)[1],
        charts=showing.charts(session, report, by=actor, language=tongue),
        check=found,
        differences=[
            each
            for each in (found.differences if found else ())
            if each.part != "targets" or each.code in known
        ],
        reasons={code: words.said(text, tongue) for code, text in words.REASONS.items()},
        code_words=_code_words,
        said=_said,
    )


def _code_words(each: comparing.Difference) -> str:
    """Return what a figure that differs is called."""
    if each.part == "funnel":
        return words.said(words.STAGES[each.code], language())
    if each.part == "targets":
        measure = (each.then or each.now)["measure"]
        return f"{_('Target')} · {labels.MEASURES.get(measure, measure)}"
    measure, _point, dimension = each.code.partition(".")
    name = str(labels.MEASURES.get(measure, measure))
    return f"{name} · {labels.DIMENSIONS[dimension]}" if dimension else name


def _said(value: Any) -> str:
    """Return a figure as the content holds it, for the table of differences."""
    if isinstance(value, dict) and "target" in value:
        return aimed.amount_said(value, language())
    if isinstance(value, dict):
        value = value.get("now", value)
        value = value.get("parts", value)
    if isinstance(value, dict):
        sums = {name: write(minor, f"money:{name}", language()) for name, minor in _sums(value)}
        return " ".join([str(value.get("number", "")), *sums.values()])
    if isinstance(value, list):
        return ", ".join(str(each.get("number", "")) for each in value)
    return "–"


def _sums(value: Mapping[str, Any]) -> Iterable[tuple[str, int]]:
    sums: Mapping[str, int] = value.get("sums", {})
    return sums.items()


def _shown(report: Report) -> exporting.Shown:
    """Return what of a report its reader takes away."""
    session, actor, tongue = current_session(), current_actor(), language()
    return exporting.Shown(
        report,
        showing.lines(report, tongue),
        aimed.aims(session, report, by=actor, language=tongue),
        aimed.held(report)[1],
        showing.charts(session, report, by=actor, language=tongue),
    )


@insight_reports.get("/<public_id>/report.pdf")
@limiter.limit(WRITE)
def as_pdf(public_id: str) -> Response:
    """Send a report on paper."""
    report = _report(public_id)
    host = urlsplit(delivery.current().base_url).netloc
    content = exporting.paper(_shown(report), host=host, language=language())
    return sent(content, PDF, f"{_name(report)}.pdf")


@insight_reports.get("/<public_id>/report.xlsx")
@limiter.limit(WRITE)
def as_xlsx(public_id: str) -> Response:
    """Send a report as a workbook."""
    report = _report(public_id)
    content = exporting.book(_shown(report), language=language())
    return sent(content, XLSX, f"{_name(report)}.xlsx")


def _name(report: Report) -> str:
    return f"report-{report.kind}-{report.first.isoformat()}"
