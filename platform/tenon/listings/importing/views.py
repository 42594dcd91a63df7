"""Pages of imports: upload, what would happen, confirmation, progress, history, templates.

A file is stored and looked at as a whole while its sender waits; its rows are checked and written
in the background, and the page shows how far that is.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, cast, get_args

from flask import Blueprint, Flask, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from ingest import templates as library
from ingest.cells import write_csv
from ingest.errors import FileError
from ingest.limits import Limits
from ingest.records import KINDS, Kind
from tenon.db import new_public_id
from tenon.errors import Invalid, NotFound
from tenon.listings.importing import jobs, storage, tasks, wording
from tenon.listings.importing.files import Reading, open_file
from tenon.listings.importing.forms import ConfirmForm, UploadForm
from tenon.listings.models import ImportJob
from tenon.web.access import Access, declare
from tenon.web.languages import language as page_language
from tenon.web.limits import UPLOAD, limiter
from tenon.web.navigation import Entry, add_entries
from tenon.web.pagination import Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now

ingest = Blueprint("ingest", __name__, url_prefix="/imports")

ERRORS_A_PAGE = 100
TEMPLATE_FORMS: tuple[library.Form, ...] = get_args(library.Form)

__all__ = ["install", "tasks"]  # the latter is imported for its handlers


@ingest.get("")
def overview() -> str:
    """Show the upload form, the templates and the latest imports."""
    return _overview(UploadForm.for_actor(current_actor()))


def _overview(form: UploadForm) -> str:
    actor = current_actor()
    return render_template(
        "imports/overview.html",
        form=form,
        jobs=jobs.jobs_of(current_session(), by=actor),
        kinds=[kind for kind in KINDS if actor.operator or kind in jobs.MEMBER_KINDS],
        forms=TEMPLATE_FORMS,
        words=wording,
        publishes=actor.operator,
        largest=storage.current().largest,
    )


@ingest.post("")
@limiter.limit(UPLOAD)
def upload() -> BaseResponse | str | tuple[str, int]:
    """Store a file, see that it can be read, and have its rows checked."""
    actor = current_actor()
    form = UploadForm.for_actor(actor)
    if not form.validate_on_submit():
        return _overview(form), 422
    place = storage.current()
    public_id = new_public_id()
    path = place.file(public_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        form.file.data.save(path)
        job = _take_in(form, public_id, path)
    except (Invalid, FileError) as error:
        place.remove(public_id)
        _show(form, error)
        return _overview(form), 422
    except BaseException:
        place.remove(public_id)
        raise
    return redirect(url_for("ingest.job", public_id=job.public_id))


def _take_in(form: UploadForm, public_id: str, path: Path) -> ImportJob:
    actor, session = current_actor(), current_session()
    wanted = form.source.data or "" if actor.operator else ""
    source = jobs.source_for(session, actor, wanted)
    reading = _reading(path, cast("Kind", form.kind.data) or None, source)
    return jobs.start(
        session,
        public_id=public_id,
        file=path,
        name=form.file.data.filename or "file",
        reading=reading,
        by=actor,
        now=request_now(),
    )


def _reading(path: Path, kind: Kind | None, source: str | None) -> Reading:
    operator = current_actor().operator
    reading = open_file(
        path,
        kind=kind,
        source=source,
        public_sources=operator,
        limits=Limits(bytes=storage.current().largest),
    )
    if reading.connector is None and source is None:
        reading.source = jobs.DEFAULT_SOURCE
    return reading


def _show(form: UploadForm, error: Invalid | FileError) -> None:
    """Put what is wrong with a file beside its field."""
    if isinstance(error, FileError):
        found = {"code": error.code, "facts": error.facts}
        text = wording.error_words(found, form.kind.data or "achievements", page_language())
        if error.line:
            text = _("Line %(line)s: %(text)s", line=error.line, text=text)
        form.file.errors = [*form.file.errors, text]
        return
    for name, code in error.fields.items():
        known = {
            "bad_source": _("Use small letters, digits, - and _; a name that begins with org- is "
                            "an organisation's own."),
            "kind_not_yours": _("Members import achievements and needs; an operator imports "
                                "organisations and people."),
        }  # fmt: skip
        field = form.source if name == "source" else form.file
        field.errors = [*field.errors, known.get(code, code)]


def _job(public_id: str) -> ImportJob:
    return jobs.find_job(current_session(), public_id, by=current_actor())


@ingest.get("/<public_id>")
def job(public_id: str) -> str:
    """Show one import: progress, what would happen, or what happened."""
    return render_template("imports/job.html", **_shown(_job(public_id)))


@ingest.get("/<public_id>/progress")
def progress(public_id: str) -> str:
    """Return the part of an import's page that changes while one waits."""
    return render_template("imports/_status.html", **_shown(_job(public_id)))


def _shown(found: ImportJob) -> dict[str, Any]:
    report = found.report or {}
    errors = report.get("errors", [])
    number = requested_page()
    start = (number - 1) * ERRORS_A_PAGE
    done = (
        storage.current().progress(found.public_id)
        if found.state in jobs.RUNNING
        else found.rows_done
    )
    return {
        "job": found,
        "report": report,
        "counts": report.get("counts", {}),
        "errors": Page(errors[start : start + ERRORS_A_PAGE], number, ERRORS_A_PAGE, len(errors)),
        "running": found.state in jobs.RUNNING,
        "done": done,
        "form": ConfirmForm(),
        "words": wording,
        "language": page_language(),
    }


@ingest.post("/<public_id>/confirm")
def confirm(public_id: str) -> BaseResponse:
    """Begin to import what was checked."""
    form = ConfirmForm()
    jobs.confirm(
        current_session(),
        _job(public_id),
        by=current_actor(),
        now=request_now(),
        skip_bad_rows=bool(form.skip_bad_rows.data),
    )
    return redirect(url_for("ingest.job", public_id=public_id))


@ingest.post("/<public_id>/cancel")
def cancel(public_id: str) -> BaseResponse:
    """Give an import up."""
    jobs.cancel(current_session(), _job(public_id), by=current_actor(), now=request_now())
    return redirect(url_for("ingest.job", public_id=public_id))


@ingest.get("/<public_id>/errors.csv")
def errors(public_id: str) -> Response:
    """Return every error as a file that a spreadsheet opens without evaluating anything."""
    found = _job(public_id)
    language = page_language()
    stream = io.StringIO(newline="")
    rows = (
        (
            error["line"] or "",
            wording.column_words(error["column"], found.kind, language),
            error["value"],
            wording.error_words(error, found.kind, language),
            error["code"],
        )
        for error in (found.report or {}).get("errors", [])
    )
    write_csv(stream, [_("Line"), _("Column"), _("Value"), _("What is wrong"), _("Code")], rows)
    return _file(stream.getvalue().encode("utf-8-sig"), "errors.csv", library.MEDIA_TYPES["csv"])


@ingest.get("/templates/<kind>.<form>")
def template(kind: str, form: str) -> Response:
    """Return a template to fill in, in the page's language unless another is asked for."""
    if kind not in KINDS or form not in TEMPLATE_FORMS:
        raise NotFound(kind="template")
    asked = request.args.get("language", page_language())
    language: library.Language = "zh" if asked == "zh" else "en"
    content = library.template(kind, form, language)
    return _file(content, f"tenon-{kind}-{language}.{form}", library.MEDIA_TYPES[form])


def _file(content: bytes, name: str, media_type: str) -> Response:
    response = Response(content, mimetype=media_type.partition(";")[0])
    response.headers["Content-Type"] = media_type
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def install(app: Flask) -> None:
    """Register the pages, who may open them, and the menu's entry."""
    storage.configure(app.extensions["tenon.settings"])
    app.register_blueprint(ingest)
    names = ("overview", "upload", "job", "progress", "confirm", "cancel", "errors", "template")
    declare(app, {f"ingest.{name}": Access.EDITOR_OR_OPERATOR for name in names})
    add_entries(app, [Entry("ingest.overview", _l("Import"), menu="desk", order=70)])
