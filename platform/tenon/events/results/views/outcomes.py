"""One's own meetings and what came of each; one meeting's outcome; the next step from it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.deals import forms as deal_forms
from tenon.errors import Conflict, Invalid
from tenon.events import queries
from tenon.events.models import Event, Meeting, Outcome, Registration
from tenon.events.permissions import may_run
from tenon.events.results.forms import OutcomeForm
from tenon.events.results.permissions import acting_side, other_of, own_side, readable, sides
from tenon.events.results.queries.brought import brought_to, form_codes
from tenon.events.results.queries.meetings import (
    Own,
    find_meeting,
    outcomes_of,
    own_meetings,
)
from tenon.events.results.services import following_up, recording
from tenon.events.results.views.blueprint import Answer, event_results
from tenon.events.states import LIVE_MEETINGS
from tenon.web.errors import wants_json
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


def _form_of(meeting: Meeting, said: Outcome | None) -> OutcomeForm:
    """Return a form with what was said before, whose names are this meeting's on the page."""
    form = OutcomeForm(formdata=None)
    form.client_key.data = uuid.uuid4().hex
    if said is not None:
        form.outcome.data, form.rating.data = said.outcome, str(said.rating)
        form.remark.data = said.remark
    _number(form, meeting)
    return form


def _number(form: OutcomeForm, meeting: Meeting) -> None:
    """Tell the fields of several forms on one page apart by their ids."""
    for one in form:
        one.id = f"{one.short_name}-{meeting.public_id}"


@event_results.get("/<public_id>/outcomes")
def mine(public_id: str) -> Answer:
    """Show the actor's meetings at an event, each with three taps to say what came of it."""
    session, actor = current_session(), current_actor()
    event = queries.find(session, public_id, by=actor)
    found = own_meetings(session, event, user_id=actor.user_id, now=request_now())
    open_ones = {each.meeting.id: _form_of(each.meeting, None) for each in found if _waits(each)}
    return render_template("events/results/mine.html", event=event, found=found, forms=open_ones)


def _waits(own: Own) -> bool:
    return own.outcome is None and own.meeting.state != "no_show"


@event_results.get("/meetings/<public_id>/outcome")
def outcome(public_id: str) -> Answer:
    """Show what came of a meeting: one's own word, to change; the organiser reads both."""
    meeting = find_meeting(current_session(), public_id, by=current_actor())
    own = own_side(current_actor(), meeting)
    said = {} if own is None else outcomes_of(current_session(), [meeting.id])
    form = None if own is None else _form_of(meeting, said.get((meeting.id, own.id)))
    return _page(meeting, form if _begun(meeting) else None)


def _begun(meeting: Meeting) -> bool:
    return meeting.state in LIVE_MEETINGS and meeting.slot.starts_at <= request_now()


@event_results.post("/meetings/<public_id>/outcome")
@limiter.limit(WRITE)
def record(public_id: str) -> Answer:
    """Write down what came of a meeting; a device that comes back into the network asks JSON."""
    session, actor = current_session(), current_actor()
    meeting = find_meeting(session, public_id, by=actor)
    form = OutcomeForm()
    try:
        recording.record_outcome(session, meeting, form.said(), by=actor, now=request_now())
    except Invalid as error:
        if wants_json():
            raise
        session.rollback()
        form.take_errors(error)
        meeting = find_meeting(session, public_id, by=actor)
        _number(form, meeting)
        return _page(meeting, form), 422
    flash(_("Saved. You can change it at any time."), "success")
    if wants_json():
        return "", 204
    if request.form.get("back") == "list":
        return redirect(url_for(".mine", public_id=meeting.event.public_id), 303)
    return redirect(url_for(".outcome", public_id=public_id), 303)


def _page(meeting: Meeting, form: OutcomeForm | None) -> str:
    session, actor, now = current_session(), current_actor(), request_now()
    own = own_side(actor, meeting)
    said = outcomes_of(session, [meeting.id])
    shown = [
        (side, said.get((meeting.id, side.id)))
        for side in readable(actor, meeting)
        if own is None or side.id != own.id
    ]
    return render_template(
        "events/results/outcome.html",
        event=meeting.event,
        meeting=meeting,
        people=_people(meeting, own),
        form=form,
        shown=shown,
        organises=may_run(actor, meeting.event),
        **_next_steps(meeting),
        now=now,
    )


def _people(meeting: Meeting, own: Registration | None) -> list[Registration]:
    return list(sides(meeting)) if own is None else [other_of(meeting, own)]


def _next_steps(meeting: Meeting) -> dict[str, Any]:
    """Return what the meeting led to and may lead to, as far as the actor may know and do."""
    session, actor, now = current_session(), current_actor(), request_now()
    about = brought_to(meeting, now)
    named = form_codes(about)
    offered = sorted(
        deal_forms.all_forms(),
        key=lambda each: (named.index(each.code) if each.code in named else len(named), each.order),
    )
    tongue = language()
    return {
        "about": about,
        "led_to": following_up.led_to(session, meeting, by=actor),
        "may_introduce": meeting.introduction_id is None
        and following_up.may_introduce(actor, meeting, now),
        "proposes": acting_side(actor, meeting) is None,
        "may_deal": meeting.deal_id is None and following_up.may_deal(actor, meeting, now),
        "deal_forms": [(each.code, each.names[tongue]) for each in offered],
    }


@event_results.post("/meetings/<public_id>/follow-up")
@limiter.limit(WRITE)
def follow_up(public_id: str) -> Answer:
    """Make the meeting an introduction or a deal with one click; a second click opens it."""
    session, actor, now = current_session(), current_actor(), request_now()
    meeting = find_meeting(session, public_id, by=actor)
    try:
        if request.form.get("into") == "deal":
            made = following_up.begin_deal(
                session,
                meeting,
                form=request.form.get("form", ""),
                language=language(),
                by=actor,
                now=now,
            )
            return redirect(url_for("deals.show", public_id=made.public_id), 303)
        asked = following_up.begin_introduction(
            session, meeting, language=language(), by=actor, now=now
        )
        if following_up.led_to(session, meeting, by=actor).introduction is None:
            flash(_("The other side has asked for it already; a technology broker looks at it."))
            return redirect(url_for(".outcome", public_id=public_id), 303)
        return redirect(url_for("introductions.show", public_id=asked.public_id), 303)
    except (Conflict, Invalid) as error:
        session.rollback()
        flash(_why_not(error), "error")
        return redirect(url_for(".outcome", public_id=public_id), 303)


def _why_not(error: Conflict | Invalid) -> str:
    if isinstance(error, Invalid):
        return str(_("Please choose what kind of deal it is to be."))
    known = {
        "nothing_to_introduce": _("An introduction needs a public listing of the other side."),
        "already_introduced": _("These two are being introduced already."),
    }
    other = _("Somebody else changed this in the meantime. Please look again.")
    return str(known.get(error.code, other))


def own_part(event: Event) -> bool:
    """Whether the actor has a part in an event that has begun: who has outcomes to write."""
    actor = current_actor()
    if not actor.signed_in or event.starts_at > request_now():
        return False
    return queries.registration_of(current_session(), event, actor.user_id) is not None
