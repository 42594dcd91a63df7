"""What the organiser does beside deciding: give tables, register somebody by their address."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from tenon.errors import Conflict, Invalid
from tenon.events.taking_part import labels, services
from tenon.events.taking_part.forms import EnterForm, TablesForm
from tenon.events.taking_part.services.deciding import Outcome
from tenon.events.taking_part.views.blueprint import Answer, event_people, run_event
from tenon.events.taking_part.views.people import choice_made, organiser_page, tell_refused
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@event_people.post("/<public_id>/people/tables")
@limiter.limit(WRITE)
def set_tables(public_id: str) -> Answer:
    """Give those who are ticked a table of their own, or none."""
    event, form, session = run_event(public_id), TablesForm(), current_session()
    choice, by, now = choice_made(), current_actor(), request_now()
    free = request.form.get("seating") == "free"
    try:
        if free:
            outcomes = services.free_tables(session, event, choice, by=by, now=now)
        else:
            tables = form.tables.data or ""
            outcomes = services.give_tables(session, event, choice, tables=tables, by=by, now=now)
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return organiser_page(run_event(public_id), seating=form), 422
    except Conflict as error:
        session.rollback()
        form.form_errors.append(labels.why_not(error.code))
        return organiser_page(run_event(public_id), seating=form), 409
    _tell(outcomes, free=free)
    state = request.form.get("state", "")
    return redirect(url_for(".people", public_id=public_id, state=state or None), 303)


def _tell(outcomes: Sequence[Outcome], *, free: bool) -> None:
    done = sum(not each.code for each in outcomes)
    if done and free:
        words = ngettext(
            "%(num)s person has no fixed table.", "%(num)s people have no fixed table.", done
        )
        flash(words, "success")
    elif done:
        words = ngettext(
            "%(num)s person has a table of their own.",
            "%(num)s people have a table of their own.",
            done,
        )
        flash(words, "success")
    tell_refused(outcomes)


@event_people.post("/<public_id>/people/enter")
@limiter.limit(WRITE)
def enter(public_id: str) -> Answer:
    """Register somebody who has an account; they are told."""
    event, form, session = run_event(public_id), EnterForm(), current_session()
    try:
        part = services.enter(
            session,
            event,
            email=form.email.data or "",
            group=form.group.data or "",
            attends=form.attends.data or "",
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return organiser_page(run_event(public_id), entering=form), 422
    except Conflict as error:
        session.rollback()
        form.email.errors = [labels.why_not(error.code)]
        return organiser_page(run_event(public_id), entering=form), 409
    name, state = part.user.name if part.user else "", part.state
    if state == "waiting":
        flash(_("%(name)s is on the waiting list and is told.", name=name), "success")
    else:
        flash(_("%(name)s is registered and is told.", name=name), "success")
    return redirect(url_for(".people", public_id=public_id, state=state), 303)
