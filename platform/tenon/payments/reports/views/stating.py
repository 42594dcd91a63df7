"""The royalty statement as a page and as a PDF."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template

from tenon.documents import render_pdf
from tenon.errors import NotFound
from tenon.payments.reports import queries
from tenon.payments.reports.models import RoyaltyStatement, UseReport
from tenon.payments.reports.stating import is_unharmed
from tenon.payments.reports.views import display
from tenon.payments.reports.views.blueprint import read_report, use_reports
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_session


def _stated(public_id: str) -> tuple[UseReport, RoyaltyStatement]:
    """Return a report and its statement; raises NotFound where it was not accepted yet."""
    report = read_report(public_id)
    found = queries.statement_of(current_session(), report)
    if found is None:
        raise NotFound(kind="royalty_statement")
    return report, found


def _context(report: UseReport, statement: RoyaltyStatement) -> dict[str, Any]:
    return {
        "deal": report.deal,
        "report": report,
        "statement": statement,
        "content": statement.content,
        "rows": display.rows(statement.content),
        "period": display.period_name(report.period),
        "payable": display.amount(statement.payable_minor, statement.currency),
        "unharmed": is_unharmed(current_session(), statement),
        "parties": [
            (side, report.deal.side_organisation(side).name(language()))
            for side in ("seller", "buyer")
        ],
    }


@use_reports.get("/use-reports/<public_id>/statement")
def statement(public_id: str) -> str:
    """Show every step of the sum."""
    return render_template("payments/report_statement.html", **_context(*_stated(public_id)))


@use_reports.get("/use-reports/<public_id>/statement.pdf")
@limiter.limit(WRITE)
def statement_pdf(public_id: str) -> Response:
    """Send the statement as a PDF in the page's language."""
    report, found = _stated(public_id)
    context = {**_context(report, found), "language": language(), "pay_on": report.pay_on}
    pdf = render_pdf("royalty_statement.html", context, language())
    response = Response(pdf, mimetype="application/pdf")
    name = f"royalty-{report.period}-{report.public_id}.pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
