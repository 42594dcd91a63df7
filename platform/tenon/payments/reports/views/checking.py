"""The seller's answers to a report: accept it, or query it with a reason."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from tenon.errors import Conflict, IllegalTransition, Invalid
from tenon.payments.reports import permissions, services
from tenon.payments.reports.forms import AcceptForm, QueryForm
from tenon.payments.reports.models import UseReport
from tenon.payments.reports.views.blueprint import (
    Answer,
    posted_version,
    seen_report,
    use_reports,
)
from tenon.payments.reports.views.showing import page_of
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


def _their_report(public_id: str) -> UseReport:
    """Return a report that the actor may answer; raises NotFound, Forbidden."""
    report = seen_report(public_id)
    permissions.require_check(current_actor(), report.deal)
    return report


@use_reports.post("/use-reports/<public_id>/query")
@limiter.limit(WRITE)
def query(public_id: str) -> Answer:
    """Give the report back with a reason."""
    report, form, session = _their_report(public_id), QueryForm(), current_session()
    try:
        services.query(
            session,
            report,
            reason=form.reason.data or "",
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return page_of(_their_report(public_id), query_form=form), 422
    flash(_("Your question has been sent; the report is theirs to correct."), "success")
    return redirect(url_for("use_reports.show", public_id=public_id), 303)


@use_reports.post("/use-reports/<public_id>/accept")
@limiter.limit(WRITE)
def accept(public_id: str) -> Answer:
    """Accept the report: its royalty is stated and owed."""
    report, form, session = _their_report(public_id), AcceptForm(), current_session()
    try:
        services.accept(
            session,
            report,
            remark=form.remark.data or "",
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return page_of(_their_report(public_id), accept_form=form), 422
    except IllegalTransition:
        raise
    except Conflict as error:
        session.rollback()
        return page_of(_their_report(public_id), accept_form=form, refusal=error), 409
    flash(_("Accepted. The royalty statement is there, and what is payable is owed."), "success")
    return redirect(url_for("use_reports.statement", public_id=public_id), 303)
