"""Outcomes that were waited for long enough: the organiser's list, and asking once more."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask_babel import ngettext

from tenon.errors import Invalid
from tenon.events.models import Event
from tenon.events.queries import find_to_run
from tenon.events.results.notifying import words_of_reminder
from tenon.events.results.queries import meetings
from tenon.events.results.services.reminding import chosen_overdue, remind_again
from tenon.events.results.views.blueprint import Answer, event_results
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@event_results.get("/<public_id>/overdue")
def overdue(public_id: str) -> Answer:
    """List who has not said what came of their meeting."""
    return _list(find_to_run(current_session(), public_id, by=current_actor()))


def _list(event: Event, *, nobody: bool = False) -> str:
    return render_template(
        "events/results/overdue.html",
        event=event,
        missing=meetings.overdue(current_session(), event, now=request_now()),
        due_by=meetings.due_by,
        nobody=nobody,
        every=request.args.get("every") == "1",
    )


@event_results.post("/<public_id>/overdue")
@limiter.limit(WRITE)
def ask_again(public_id: str) -> Answer:
    """Show whom a reminder goes to and what it says; send it when that was seen."""
    session, actor, now = current_session(), current_actor(), request_now()
    event = find_to_run(session, public_id, by=actor)
    keys = request.form.getlist("chosen")
    try:
        if request.form.get("go") == "send":
            asked = remind_again(
                session,
                event,
                keys,
                request_key=request.form.get("request_key", ""),
                by=actor,
                now=now,
            )
            words = ngettext(
                "%(num)s person is reminded.", "%(num)s reminders are on their way.", asked
            )
            flash(words, "success")
            return redirect(url_for(".overdue", public_id=public_id), 303)
        found = chosen_overdue(session, event, keys, now=now)
        if not found:
            raise Invalid({"chosen": "nobody"})
    except Invalid:
        session.rollback()
        return _list(find_to_run(session, public_id, by=actor), nobody=True), 422
    return render_template(
        "events/results/overdue_preview.html",
        event=event,
        chosen=[(each, words_of_reminder(each)) for each in found],
        request_key=uuid.uuid4().hex,
    )
