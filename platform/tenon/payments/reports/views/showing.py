"""A deal's reports as a list, and one report with its submissions and what its royalty comes to."""

from __future__ import annotations

from flask import render_template

from tenon.deals.views.blueprint import seen_deal
from tenon.errors import Conflict
from tenon.payments.reports import labels, permissions, queries
from tenon.payments.reports.agreed import Agreed, agreed
from tenon.payments.reports.figures import asked, net_of
from tenon.payments.reports.forms import AcceptForm, QueryForm
from tenon.payments.reports.models import UseReport
from tenon.payments.reports.states import OPEN_STATES
from tenon.payments.reports.stating import Computed, compute
from tenon.payments.reports.views import display
from tenon.payments.reports.views.blueprint import seen_report, use_reports
from tenon.web.requests import current_actor, current_session


@use_reports.get("/deals/<public_id>/reports")
def of_deal(public_id: str) -> str:
    """Show all periods of a deal, the latest first."""
    deal, actor, session = seen_deal(public_id), current_actor(), current_session()
    permissions.require_states(actor, deal)
    reads = permissions.may_read(actor, deal)
    return render_template(
        "payments/reports.html",
        deal=deal,
        reports=queries.of_deal(session, deal),
        statements=queries.statements_of(session, deal) if reads else {},
        reads=reads,
        agreed=agreed(session, deal) if reads else None,
        term_words=display.term_words,
    )


@use_reports.get("/use-reports/<public_id>")
def show(public_id: str) -> str:
    """Show one report."""
    return page_of(seen_report(public_id))


def page_of(
    report: UseReport,
    *,
    query_form: QueryForm | None = None,
    accept_form: AcceptForm | None = None,
    refusal: Conflict | None = None,
    fault: str = "",
) -> str:
    """Return a report's page; forms that were refused come back as they were typed."""
    actor, session = current_actor(), current_session()
    deal = report.deal
    reads = permissions.may_read(actor, deal)
    submissions = queries.revisions(session, report) if reads else []
    figures = display.figures_shown(report, submissions) if reads else None
    terms = agreed(session, deal) if reads else None
    statement = queries.statement_of(session, report) if reads else None
    computed, hindrance = None, refusal
    if statement is None and terms is not None and figures is not None:
        shown_now = figures == report.figures
        computed, found = _computed(report, terms) if shown_now else (None, None)
        hindrance = refusal or found
    return render_template(
        "payments/report.html",
        deal=deal,
        report=report,
        reads=reads,
        figures=figures,
        net=None if figures is None else net_of(figures),
        asked=None if terms is None else asked(terms),
        agreed=terms,
        amount_words=labels.AMOUNTS,
        deduction_words=display.deduction_words,
        revisions=submissions,
        lines=queries.lines(session, report) if figures and figures.get("lines") else [],
        statement=statement,
        rows=display.rows(statement.content) if statement else None,
        computed=computed,
        preview=display.rows(computed.content) if computed else None,
        hindrance=hindrance,
        fault=fault,
        writes=permissions.may_write(actor, deal),
        checks=permissions.may_check(actor, deal),
        is_open=report.state in OPEN_STATES,
        query_form=query_form or QueryForm(),
        accept_form=accept_form or AcceptForm(),
        period_name=display.period_name,
    )


def _computed(report: UseReport, terms: Agreed) -> tuple[Computed | None, Conflict | None]:
    """Return what the royalty would come to now, or what stands in the way."""
    try:
        return compute(current_session(), report, terms), None
    except Conflict as error:
        return None, error
