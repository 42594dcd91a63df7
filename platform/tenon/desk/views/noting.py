"""Notes: all that one may read, those about a thing, one to be changed or taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.desk import about, labels, permissions
from tenon.desk.about import About
from tenon.desk.forms import NoteForm
from tenon.desk.models import DeskNote
from tenon.desk.queries import notes as reading
from tenon.desk.queries import tasks as task_reading
from tenon.desk.queries.sight import own_place
from tenon.desk.services import notes as services
from tenon.desk.views.blueprint import Answer, back_to, desk, posted_version, thing
from tenon.desk.views.tasking import new_form
from tenon.errors import Conflict, Invalid
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now


def note_form(*, empty: bool = False) -> NoteForm:
    """Return the form of a note, its audiences as the actor's place allows."""
    form = NoteForm(formdata=None) if empty else NoteForm()
    form.offer(placed=own_place(current_session(), current_actor()) is not None)
    return form


@desk.get("/notes")
def notes() -> str:
    """List the notes that the actor may read, the latest first."""
    session, actor, number = current_session(), current_actor(), requested_page()
    mine = request.args.get("whose") == "mine"
    rows, total = reading.notes_of(
        session, by=actor, mine=mine, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    return render_template(
        "desk/notes.html",
        page=Page(rows, number, PAGE_SIZE, total),
        mine=mine,
        named=_named(rows),
        labels=labels,
        may_change=permissions.may_change_note,
    )


def _named(rows: Sequence[DeskNote]) -> Mapping[tuple[str, int], About]:
    return about.named(
        current_session(),
        [(each.about_kind, each.about_id) for each in rows],
        by=current_actor(),
        now=request_now(),
        language=language(),
    )


@desk.get("/about/<kind>/<public_id>")
def of_thing(kind: str, public_id: str) -> str:
    """Show the notes and tasks about a thing, with a form for each."""
    return _thing_page(thing(kind, public_id), note_form(empty=True))


def _thing_page(found: About, form: NoteForm) -> str:
    session, actor = current_session(), current_actor()
    return render_template(
        "desk/about.html",
        thing=found,
        notes=reading.notes_about(session, found.kind, found.key, by=actor),
        tasks=task_reading.tasks_about(session, found.kind, found.key, by=actor),
        form=form,
        task_form=new_form(),
        labels=labels,
        may_change=permissions.may_change_note,
        named={},
    )


@desk.post("/about/<kind>/<public_id>")
@limiter.limit(WRITE)
def write_note(kind: str, public_id: str) -> Answer:
    """Write a note about a thing."""
    found, form = thing(kind, public_id), note_form()
    try:
        services.write_note(
            current_session(),
            about=found,
            text=form.text.data or "",
            audience=form.audience.data or "",
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        form.take_errors(error)
        return _thing_page(found, form), 422
    flash(_("The note is kept."), "success")
    return redirect(back_to(url_for("desk.of_thing", kind=kind, public_id=public_id)))


@desk.get("/notes/<public_id>")
def note(public_id: str) -> str:
    """Show a note; its author may change it."""
    found = _found(public_id)
    form = NoteForm(formdata=None, obj=found)
    form.offer(placed=found.station_id is not None)
    form.version.data = str(found.version)
    return _note_page(found, form)


def _overtaken(public_id: str, form: NoteForm) -> Answer:
    """Show what was typed beside what the note says by now; 409. Sent again, it is taken."""
    found = _found(public_id)
    form.version.data = str(found.version)
    return _note_page(found, form, overtaken=True), 409


def _note_page(found: DeskNote, form: NoteForm, *, overtaken: bool = False) -> str:
    return render_template(
        "desk/note.html",
        note=found,
        form=form,
        overtaken=overtaken,
        named=_named([found]),
        labels=labels,
        may_change=permissions.may_change_note,
    )


def _found(public_id: str) -> DeskNote:
    return reading.find_note(current_session(), public_id, by=current_actor())


@desk.post("/notes/<public_id>")
@limiter.limit(WRITE)
def change_note(public_id: str) -> Answer:
    """Change one's own note."""
    found, form = _found(public_id), NoteForm()
    form.offer(placed=found.station_id is not None)
    try:
        services.change_note(
            current_session(),
            found,
            text=form.text.data or "",
            audience=form.audience.data or "",
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        form.take_errors(error)
        return _note_page(found, form), 422
    except Conflict:
        current_session().rollback()
        return _overtaken(public_id, form)
    flash(_("The note is changed."), "success")
    return redirect(url_for("desk.notes"))


@desk.post("/notes/<public_id>/remove")
@limiter.limit(WRITE)
def remove_note(public_id: str) -> Answer:
    """Take one's own note back."""
    services.remove_note(
        current_session(), _found(public_id), by=current_actor(), now=request_now()
    )
    flash(_("The note is taken back."), "success")
    return redirect(back_to(url_for("desk.notes")))
