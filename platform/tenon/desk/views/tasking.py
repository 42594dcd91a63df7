"""Tasks: lists, one task, done, opened again, put off, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from tenon.desk import about, labels
from tenon.desk.about import About
from tenon.desk.days import today_of
from tenon.desk.forms import TaskForm
from tenon.desk.models import DeskTask
from tenon.desk.queries import people
from tenon.desk.queries import tasks as reading
from tenon.desk.services import tasks as services
from tenon.desk.views.blueprint import Answer, asked_thing, back_to, desk
from tenon.errors import Conflict, Invalid, NotFound
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now

MOST_AT_ONCE = 100


def _staff() -> dict[str, tuple[int, str]]:
    found = people.staff(current_session(), by=current_actor())
    return {each.public_id: (each.id, each.name) for each in found}


def new_form(formdata: object = None) -> TaskForm:
    """Return a form for a new task, due on the next day unless typed otherwise."""
    form = TaskForm(formdata=formdata) if formdata is not None else TaskForm(formdata=None)
    form.offer([(key, name) for key, (_id, name) in _staff().items()])
    if formdata is None:
        form.due_on.data = (today_of(request_now()) + timedelta(days=1)).isoformat()
    return form


@desk.get("/tasks")
def tasks() -> str:
    """List one's tasks: due, later, given to others, done."""
    return _list_page(new_form(), asked_thing())


def _list_page(form: TaskForm, thing: About | None) -> str:
    session, actor = current_session(), current_actor()
    day = today_of(request_now())
    name = request.args.get("list", "due")
    name = name if name in reading.LISTS else "due"
    number = requested_page()
    counts = reading.task_counts(session, by=actor, today=day)
    rows = reading.tasks_in(
        session, name, by=actor, today=day, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    named = about.named(
        session,
        [(each.about_kind, each.about_id) for each in rows],
        by=actor,
        now=request_now(),
        language=language(),
    )
    return render_template(
        "desk/tasks.html",
        page=Page(rows, number, PAGE_SIZE, counts[name]),
        counts=counts,
        name=name,
        named=named,
        form=form,
        thing=thing,
        today=day,
        labels=labels,
    )


@desk.post("/tasks")
@limiter.limit(WRITE)
def set_task() -> Answer:
    """Set a task; with an error the form comes back with what was typed."""
    form, thing, staff = new_form(request.form), asked_thing(), _staff()
    chosen = form.owner.data or ""
    if form.bad_day():
        return _list_page(form, thing), 422
    try:
        services.set_task(
            current_session(),
            title=form.title.data or "",
            due_on=form.day,
            detail=form.detail.data or "",
            repeats=form.repeats.data or None,
            about=thing,
            owner_id=staff.get(chosen, (-1, ""))[0] if chosen else None,
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        form.take_errors(error)
        return _list_page(form, thing), 422
    flash(_("The task is set."), "success")
    return redirect(back_to(url_for("desk.tasks")))


@desk.get("/tasks/<public_id>")
def task(public_id: str) -> str:
    """Show one task, to be changed."""
    found = _found(public_id)
    form = TaskForm(formdata=None, obj=found)
    form.due_on.data = found.due_on.isoformat()
    form.version.data = str(found.version)
    return _task_page(found, form)


def _overtaken(public_id: str, form: TaskForm) -> Answer:
    """Show what was typed beside how the task stands by now; 409. Sent again, it is taken."""
    found = _found(public_id)
    form.version.data = str(found.version)
    return _task_page(found, form, overtaken=True), 409


def _task_page(found: DeskTask, form: TaskForm, *, overtaken: bool = False) -> str:
    form.offer([])
    del form.owner
    named = about.named(
        current_session(),
        [(found.about_kind, found.about_id)],
        by=current_actor(),
        now=request_now(),
        language=language(),
    )
    return render_template(
        "desk/task.html",
        task=found,
        form=form,
        overtaken=overtaken,
        thing=next(iter(named.values()), None),
        today=today_of(request_now()),
        labels=labels,
    )


@desk.post("/tasks/<public_id>")
@limiter.limit(WRITE)
def change_task(public_id: str) -> Answer:
    """Change a task."""
    found, form = _found(public_id), TaskForm()
    if form.bad_day():
        return _task_page(found, form), 422
    try:
        services.change_task(
            current_session(),
            found,
            title=form.title.data or "",
            due_on=form.day,
            detail=form.detail.data or "",
            repeats=form.repeats.data or None,
            by=current_actor(),
            now=request_now(),
            expected_version=form.expected_version,
        )
    except Invalid as error:
        form.take_errors(error)
        return _task_page(found, form), 422
    except Conflict:
        current_session().rollback()
        return _overtaken(public_id, form)
    flash(_("The task is changed."), "success")
    return redirect(url_for("desk.tasks"))


def _found(public_id: str) -> DeskTask:
    return reading.find_task(current_session(), public_id, by=current_actor())


@desk.post("/tasks/<public_id>/done")
@limiter.limit(WRITE)
def task_done(public_id: str) -> Answer:
    """Mark a task as done."""
    _do([_found(public_id)])
    return redirect(back_to(url_for("desk.tasks")))


@desk.post("/tasks/done")
@limiter.limit(WRITE)
def tasks_done() -> Answer:
    """Mark all that are ticked as done."""
    chosen = list(dict.fromkeys(request.form.getlist("chosen")))[:MOST_AT_ONCE]
    found = reading.find_tasks(current_session(), chosen, by=current_actor())
    if len(found) != len(chosen):
        raise NotFound(kind="task")
    if not found:
        flash(_("Tick at least one task."), "warning")
    _do(found)
    return redirect(back_to(url_for("desk.tasks")))


def _do(found: Sequence[DeskTask]) -> None:
    marked = services.do_tasks(current_session(), found, by=current_actor(), now=request_now())
    if marked:
        flash(ngettext("%(num)s task is done.", "%(num)s tasks are done.", len(marked)), "success")


@desk.post("/tasks/<public_id>/reopen")
@limiter.limit(WRITE)
def reopen_task(public_id: str) -> Answer:
    """Open a task again."""
    services.reopen(current_session(), _found(public_id), by=current_actor())
    flash(_("The task is open again."), "success")
    return redirect(back_to(url_for("desk.tasks")))


@desk.post("/tasks/<public_id>/postpone")
@limiter.limit(WRITE)
def postpone_task(public_id: str) -> Answer:
    """Put a task off by one click."""
    services.postpone(
        current_session(),
        _found(public_id),
        request.form.get("way", ""),
        by=current_actor(),
        now=request_now(),
    )
    return redirect(back_to(url_for("desk.tasks")))
