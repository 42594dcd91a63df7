"""The buyer's pages: write a report, read a file of lines, submit, take back."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

from flask import Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from ingest.cells import write_csv
from tenon.errors import Conflict, IllegalTransition, Invalid
from tenon.payments.reports import labels, permissions, services
from tenon.payments.reports.agreed import Agreed
from tenon.payments.reports.figures import asked
from tenon.payments.reports.forms import LinesForm, ReportForm, message, report_form
from tenon.payments.reports.lines import (
    MOST_BYTES,
    MOST_LINES,
    Fault,
    Line,
    WrongLines,
    heading,
    read_file,
)
from tenon.payments.reports.models import UseReport
from tenon.payments.reports.services.writing import terms_of
from tenon.payments.reports.states import OPEN_STATES
from tenon.payments.reports.views import display
from tenon.payments.reports.views.blueprint import (
    Answer,
    posted_version,
    seen_report,
    use_reports,
)
from tenon.payments.reports.views.showing import page_of
from tenon.web.languages import language
from tenon.web.limits import UPLOAD, WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


def _own_report(public_id: str) -> UseReport:
    """Return a report that the actor may write; raises NotFound, Forbidden."""
    report = seen_report(public_id)
    permissions.require_write(current_actor(), report.deal)
    return report


@use_reports.get("/use-reports/<public_id>/edit")
def edit(public_id: str) -> Answer:
    """Show the form of a report that is to be written or corrected."""
    report = _own_report(public_id)
    if report.state not in OPEN_STATES:
        raise IllegalTransition(step="write", state=report.state, kind="use_report")
    terms = terms_of(current_session(), report)
    return _edit_page(report, terms, _form(report, terms))


def _form(report: UseReport, terms: Agreed) -> ReportForm:
    term = terms.codes.get("deductions", "")
    words = {
        kind: display.deduction_words(terms.version.form, term, kind) for kind in terms.deductions
    }
    return report_form(asked(terms), words, figures=report.figures, currency=report.currency)


def _edit_page(
    report: UseReport,
    terms: Agreed,
    form: ReportForm,
    *,
    lines_form: LinesForm | None = None,
    faults: Sequence[Fault] = (),
    quicker: bool = False,
) -> str:
    form.version.data = str(report.version)
    return render_template(
        "payments/report_edit.html",
        deal=report.deal,
        report=report,
        form=form,
        asked=asked(terms),
        agreed=terms,
        lines_form=lines_form or LinesForm(),
        faults=faults,
        fault_words=_fault_words,
        heading=lambda column: heading(column, language()),
        most_lines=MOST_LINES,
        most_bytes=MOST_BYTES // 2**20,
        quicker=quicker,
    )


def _fault_words(code: str) -> str:
    return str(labels.FAULTS.get(code) or message(code))


@use_reports.post("/use-reports/<public_id>/edit")
@limiter.limit(WRITE)
def save(public_id: str) -> Answer:
    """Keep what was typed."""
    report, session = _own_report(public_id), current_session()
    terms = terms_of(session, report)
    form = _form(report, terms)
    try:
        services.write(
            session,
            report,
            form.typed(),
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return _edit_page(_own_report(public_id), terms, form), 422
    except IllegalTransition:
        raise
    except Conflict:
        session.rollback()
        return _edit_page(_own_report(public_id), terms, form, quicker=True), 409
    flash(_("Kept. The report is handed in with the button below."), "success")
    return redirect(url_for("use_reports.show", public_id=public_id), 303)


@use_reports.post("/use-reports/<public_id>/lines")
@limiter.limit(UPLOAD)
def add_lines(public_id: str) -> Answer:
    """Read a file of lines; one with a fault is refused with all that is wrong with it."""
    report, form, session = _own_report(public_id), LinesForm(), current_session()
    terms = terms_of(session, report)
    content = _sent(form)
    if not content or len(content) > MOST_BYTES:
        form.take_errors(Invalid({"file": "too_large" if content else "required"}))
        return _edit_page(report, terms, _form(report, terms), lines_form=form), 422
    try:
        services.take_lines(
            session,
            report,
            _read(content, terms),
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except WrongLines as error:
        session.rollback()
        report = _own_report(public_id)
        shown = _form(report, terms)
        return _edit_page(report, terms, shown, lines_form=form, faults=error.faults), 422
    flash(_("The lines have been read; look at what they come to."), "success")
    return redirect(url_for("use_reports.edit", public_id=public_id), 303)


def _sent(form: LinesForm) -> bytes:
    """Return the file that was sent, one byte more than is allowed at most; empty for none."""
    if not form.file.data:
        return b""
    with form.file.data.stream as stream:
        content: bytes = stream.read(MOST_BYTES + 1)
    return content


def _read(content: bytes, terms: Agreed) -> list[Line]:
    with tempfile.TemporaryDirectory(prefix="tenon-lines-") as folder:
        path = Path(folder) / "lines"
        path.write_bytes(content)
        return read_file(path, terms)


@use_reports.post("/use-reports/<public_id>/lines/remove")
@limiter.limit(WRITE)
def remove_lines(public_id: str) -> Answer:
    """Remove the lines; their sums stay and can be changed."""
    services.remove_lines(
        current_session(),
        _own_report(public_id),
        by=current_actor(),
        now=request_now(),
        expected_version=posted_version(),
    )
    flash(_("The lines are gone; their sums can be changed by hand now."), "success")
    return redirect(url_for("use_reports.edit", public_id=public_id), 303)


@use_reports.get("/use-reports/<public_id>/lines.csv")
def lines_example(public_id: str) -> Response:
    """Send the header that a file of lines has for this deal, with one line as an example."""
    terms = terms_of(current_session(), _own_report(public_id))
    columns = ["lot", "right", "product", "units", "gross", *terms.deductions]
    header = [heading(column, language()) for column in columns]
    example = ["A-0001", "", "", "10", "1000.00", *["0.00" for _ in terms.deductions]]
    stream = io.StringIO(newline="")
    write_csv(stream, header, [example])
    response = Response("\ufeff" + stream.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="lines.csv"'
    return response


@use_reports.post("/use-reports/<public_id>/submit")
@limiter.limit(WRITE)
def submit(public_id: str) -> Answer:
    """Hand the report in."""
    session = current_session()
    try:
        services.submit(
            session,
            _own_report(public_id),
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        session.rollback()
        return page_of(_own_report(public_id), fault=next(iter(error.fields.values()))), 422
    flash(_("The report has been handed in; the other side is to check it."), "success")
    return redirect(url_for("use_reports.show", public_id=public_id), 303)


@use_reports.post("/use-reports/<public_id>/take-back")
@limiter.limit(WRITE)
def take_back(public_id: str) -> Answer:
    """Take the report back before it is answered."""
    services.take_back(
        current_session(),
        _own_report(public_id),
        by=current_actor(),
        now=request_now(),
        expected_version=posted_version(),
    )
    flash(_("The report is yours again; change it and hand it in."), "success")
    return redirect(url_for("use_reports.show", public_id=public_id), 303)
