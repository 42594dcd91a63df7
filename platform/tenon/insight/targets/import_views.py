"""Targets from a file: look at every row first, then take the good ones in."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, flash, redirect, render_template, url_for
from flask_babel import ngettext

from tenon.errors import Invalid, NotFound
from tenon.insight.overview.views import sent
from tenon.insight.targets import importing
from tenon.insight.targets.forms import ImportForm, words_of
from tenon.insight.targets.importing import COLUMNS
from tenon.insight.targets.views import Answer, insight_targets
from tenon.network import files
from tenon.network.files import Line
from tenon.web.languages import language
from tenon.web.limits import UPLOAD, limiter
from tenon.web.requests import current_actor, current_session, request_now


def _page(form: ImportForm, lines: Sequence[Line] = ()) -> str:
    good = [each for each in lines if each.outcome in ("new", "changed")]
    return render_template(
        "insight/targets/import.html",
        form=form,
        lines=lines,
        columns=COLUMNS,
        packed=files.pack(lines, COLUMNS) if good else "",
        good=len(good),
        words_of=words_of,
    )


@insight_targets.get("/import")
def import_file() -> str:
    """Ask for a file of targets."""
    return _page(ImportForm(formdata=None))


@insight_targets.post("/import")
@limiter.limit(UPLOAD)
def import_now() -> Answer:
    """Look at a file of targets, or take in what was looked at."""
    form, session, actor = ImportForm(), current_session(), current_actor()
    try:
        form.validate()
        if form.rows.data:
            lines = files.unpack(form.rows.data, COLUMNS)
            number = importing.take_in(session, lines, by=actor, now=request_now())
            flash(ngettext("%(num)s target set.", "%(num)s targets set.", number), "success")
            return redirect(url_for("insight_targets.index"), 303)
        if not form.file.data:
            raise Invalid({"file": "required"})
        lines = files.read(form.file.data.stream, COLUMNS)
        importing.preview(session, lines, by=actor)
    except Invalid as error:
        form.take_errors(error)
        form.rows.data = ""
        return _page(form), 422
    return _page(form, lines)


@insight_targets.get("/import/template.<form>")
def template(form: str) -> Response:
    """Return an empty file of targets to fill in."""
    if form not in files.FORMS:
        raise NotFound(kind="form")
    content = files.template(form, COLUMNS, language=language())
    return sent(content, files.MEDIA_TYPES[form], f"targets.{form}")
