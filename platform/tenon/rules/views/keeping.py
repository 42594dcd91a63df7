"""The operators' table: add a row, correct it, end it, see its history."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.accounts.models import User
from tenon.errors import Invalid
from tenon.history import HistoryEntry
from tenon.rules import queries, services
from tenon.rules.catalogue import catalogue, entry
from tenon.rules.forms import EndForm, WhichForm, form_for, place_choices
from tenon.rules.views.blueprint import Answer, rules
from tenon.rules.views.reading import asked_for, today
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@rules.get("/admin/rules")
def table() -> str:
    """List the rows, narrowed to a topic, a place, a day."""
    where = asked_for(None)
    return render_template(
        "rules/table.html",
        rows=queries.rows(current_session(), where),
        where=where,
        topics=catalogue().topics.values(),
        places=place_choices(),
        today=today(),
    )


@rules.get("/admin/rules/new")
def new() -> str:
    """Ask which rule; show the form for a new row of the one that the address names."""
    rule = catalogue().entries.get(request.args.get("code", ""))
    if rule is None:
        return render_template("rules/which.html", form=WhichForm(formdata=None))
    return render_template("rules/new.html", form=form_for(rule, new=True, formdata=None))


@rules.post("/admin/rules/new")
@limiter.limit(WRITE)
def add() -> Answer:
    """Add a row."""
    rule = entry(request.form.get("code", ""))
    form = form_for(rule, new=True)
    if form.validate():
        try:
            services.add_rule(
                current_session(),
                code=rule.code,
                jurisdiction=form.jurisdiction.data,
                effective_from=form.effective_from.data,
                wording=form.wording(rule.kind),
                by=current_actor(),
                now=request_now(),
            )
        except Invalid as error:
            form.take_errors(error)
        else:
            flash(_("The row is in the table."), "success")
            return redirect(url_for("rules.table", topic=rule.topic))
    return render_template("rules/new.html", form=form), 422


@rules.get("/admin/rules/<public_id>/edit")
def edit(public_id: str) -> str:
    """Show a row as a form."""
    row = queries.find_row(current_session(), public_id)
    form = form_for(queries.described(row), formdata=None)
    form.show(row)
    return render_template("rules/edit.html", row=row, form=form)


@rules.post("/admin/rules/<public_id>/edit")
@limiter.limit(WRITE)
def save(public_id: str) -> Answer:
    """Correct a row."""
    row = queries.find_row(current_session(), public_id)
    form = form_for(queries.described(row))
    if form.validate():
        try:
            services.edit_rule(
                current_session(),
                row,
                wording=form.wording(row.kind),
                by=current_actor(),
                now=request_now(),
            )
        except Invalid as error:
            form.take_errors(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("rules.story", public_id=public_id))
    return render_template("rules/edit.html", row=row, form=form), 422


@rules.get("/admin/rules/<public_id>/end")
def end(public_id: str) -> str:
    """Ask for the last day."""
    row, form = queries.find_row(current_session(), public_id), EndForm(formdata=None)
    form.on.data = row.effective_to or today()
    return render_template("rules/end.html", row=row, form=form)


@rules.post("/admin/rules/<public_id>/end")
@limiter.limit(WRITE)
def end_now(public_id: str) -> Answer:
    """Let a row end on a day."""
    row, form = queries.find_row(current_session(), public_id), EndForm()
    if form.validate():
        try:
            services.end_rule(
                current_session(), row, on=form.on.data, by=current_actor(), now=request_now()
            )
        except Invalid as error:
            form.take_errors(error)
        else:
            flash(_("Saved. What holds afterwards is a row of its own."), "success")
            return redirect(url_for("rules.new", code=row.code))
    return render_template("rules/end.html", row=row, form=form), 422


@rules.get("/admin/rules/<public_id>/history")
def story(public_id: str) -> str:
    """Show what happened to a row, newest first."""
    row = queries.find_row(current_session(), public_id)
    entries = queries.history(current_session(), row)
    return render_template("rules/story.html", row=row, entries=entries, names=_names(entries))


def _names(entries: Sequence[HistoryEntry]) -> dict[int, str]:
    """Return the names of those who changed a row."""
    keys = {each.actor_id for each in entries if each.actor_id}
    found = current_session().execute(sa.select(User.id, User.name).where(User.id.in_(keys)))
    return {key: name for key, name in found if name}
