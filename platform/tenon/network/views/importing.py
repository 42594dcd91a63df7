"""The tree and the calendar from files: look first, then take in; templates and export.

What was looked at travels in the page itself, so that nothing lies about; it is checked again.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.errors import Forbidden, Invalid, NotFound
from tenon.network import files
from tenon.network.files import Column, Line
from tenon.network.forms import FileForm
from tenon.network.services import row_imports, tree_import
from tenon.network.views.blueprint import Answer, file_response, network
from tenon.web.languages import language
from tenon.web.limits import UPLOAD, limiter
from tenon.web.requests import current_actor, current_session, request_now


def lines_of(form: FileForm, columns: Sequence[Column]) -> list[Line]:
    """Return the rows that a form carries, or those of its file; raises Invalid at ``file``."""
    if form.rows.data:
        return files.unpack(form.rows.data, columns)
    if not form.file.data:
        raise Invalid({"file": "required"})
    return files.read(form.file.data.stream, columns)


def taking_in(form: FileForm) -> bool:
    """Whether what was looked at is to be taken in now."""
    return bool(form.rows.data)


def take_file_errors(form: FileForm, error: Invalid) -> None:
    """Show what is wrong with a file, with the columns that it lacks; another one is asked for."""
    form.take_errors(error)
    form.rows.data = ""
    if "columns" in error.facts:
        form.file.errors = [*form.file.errors, str(error.facts["columns"])]


@network.get("/import")
def import_tree() -> str:
    """Ask for a file of places."""
    return _tree_page(FileForm(formdata=None))


def _tree_page(form: FileForm, lines: Sequence[Line] = ()) -> str:
    return render_template(
        "network/import.html",
        form=form,
        lines=lines,
        columns=tree_import.COLUMNS,
        packed=files.pack(lines, tree_import.COLUMNS) if lines else "",
        wrong=any(each.outcome == "wrong" for each in lines),
        changes=sum(each.outcome in ("new", "changed") for each in lines),
    )


@network.post("/import")
@limiter.limit(UPLOAD)
def import_tree_now() -> Answer:
    """Look at a file of places, or take in what was looked at."""
    form, session, actor = FileForm(), current_session(), current_actor()
    lines: list[Line] = []
    try:
        form.validate()
        lines = lines_of(form, tree_import.COLUMNS)
        if not taking_in(form):
            tree_import.preview(session, lines, by=actor)
            return _tree_page(form, lines)
        number = tree_import.take_in(session, lines, by=actor, now=request_now())
    except Invalid as error:
        take_file_errors(form, error)
        return _tree_page(form, lines), 422
    flash(_("Places added or changed: %(number)s.", number=number), "success")
    return redirect(url_for("network.manage"))


@network.get("/import/template.<form>")
def tree_template(form: str) -> Response:
    """Return an empty file of places to fill in."""
    _require_form(form)
    content = files.template(form, tree_import.COLUMNS, language=language())
    return file_response(content, f"places.{form}", files.MEDIA_TYPES[form])


@network.get("/export.<form>")
def export_tree(form: str) -> Response:
    """Return the tree as a file that can be taken in again."""
    _require_form(form)
    rows = tree_import.rows(current_session(), language=language())
    content = files.write(form, tree_import.COLUMNS, rows, language=language())
    return file_response(content, f"places.{form}", files.MEDIA_TYPES[form])


def _require_form(form: str) -> None:
    if form not in files.FORMS:
        raise NotFound(kind="form")


@network.get("/calendar/import")
def import_days() -> str:
    """Ask for a file of days."""
    return _days_page(FileForm(formdata=None))


def _days_page(form: FileForm, lines: Sequence[Line] = ()) -> str:
    return render_template(
        "network/import_days.html",
        form=form,
        lines=lines,
        columns=row_imports.DAY_COLUMNS,
        packed=files.pack(lines, row_imports.DAY_COLUMNS) if lines else "",
        changes=sum(each.outcome in ("new", "changed") for each in lines),
    )


@network.post("/calendar/import")
@limiter.limit(UPLOAD)
def import_days_now() -> Answer:
    """Look at a file of days, or take in what was looked at; rows that are wrong stay out."""
    form, session, actor = FileForm(), current_session(), current_actor()
    lines: list[Line] = []
    try:
        form.validate()
        lines = lines_of(form, row_imports.DAY_COLUMNS)
        if not taking_in(form):
            row_imports.preview_days(session, lines, by=actor)
            return _days_page(form, lines)
        number = row_imports.take_in_days(session, lines, by=actor)
    except Invalid as error:
        take_file_errors(form, error)
        return _days_page(form, lines), 422
    flash(_("Days added or changed: %(number)s.", number=number), "success")
    return redirect(url_for("network.calendar"))


@network.get("/calendar/template.<form>")
def day_template(form: str) -> Response:
    """Return an empty file of days to fill in."""
    _require_form(form)
    if not current_actor().operator:
        raise Forbidden(action="keep_calendar")
    content = files.template(form, row_imports.DAY_COLUMNS, language=language())
    return file_response(content, f"days.{form}", files.MEDIA_TYPES[form])


def shown_year() -> int | None:
    """Return the year asked for, if it is one."""
    asked = request.args.get("year", type=int)
    return asked if asked is not None and 2000 <= asked <= 2100 else None
