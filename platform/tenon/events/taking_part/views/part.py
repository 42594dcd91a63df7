"""One's part in an event: how it stands, take up an offer, bring a listing, cancel."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.errors import NotFound
from tenon.events import queries as event_queries
from tenon.events.models import EventTable, Registration
from tenon.events.taking_part import services
from tenon.events.taking_part.forms import RoomForm, said_before
from tenon.events.taking_part.phases import registration_closed, requests_closed
from tenon.events.taking_part.queries import people, wishes
from tenon.events.taking_part.queries.availability import absent_numbers, days_of, speaks_in
from tenon.events.taking_part.services import Answers
from tenon.events.taking_part.views.blueprint import (
    Answer,
    acted_part,
    event_people,
    parts_here,
    seen_event,
    try_step,
)
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now
from tenon.web.sections import sections


@event_people.get("/<public_id>/my-part")
def mine(public_id: str) -> Answer:
    """Show one's own part; who has none is led to registering."""
    event = seen_event(public_id)
    parts = parts_here(event)
    if not parts:
        ended = _last_ended(event.id)
        if ended is None:
            return redirect(url_for(".new", public_id=public_id))
        return _page(ended)
    return _page(parts[0])


@event_people.get("/parts/<public_id>")
def show_part(public_id: str) -> str:
    """Show a part that the actor answers for: a colleague's, or as the organiser."""
    return _page(acted_part(public_id))


@event_people.post("/parts/<public_id>/take")
@limiter.limit(WRITE)
def take(public_id: str) -> Answer:
    """Take up a place that is held."""
    part = acted_part(public_id)
    form = RoomForm()
    return try_step(
        lambda: services.take_offer(
            current_session(),
            part,
            by=current_actor(),
            now=request_now(),
            expected_version=form.expected,
        ),
        _("The place is taken. Now say whom to meet."),
        url_for(".show_part", public_id=public_id),
    )


@event_people.post("/parts/<public_id>/cancel")
@limiter.limit(WRITE)
def cancel(public_id: str) -> Answer:
    """Cancel; whoever waits is offered the place."""
    part = acted_part(public_id)
    form = RoomForm()
    return try_step(
        lambda: services.cancel(
            current_session(),
            part,
            by=current_actor(),
            now=request_now(),
            expected_version=form.expected,
        ),
        _("Cancelled. Meetings that were planned are called off, and the others are told."),
        url_for(".show_part", public_id=public_id),
    )


@event_people.post("/parts/<public_id>/bring")
@limiter.limit(WRITE)
def bring(public_id: str) -> Answer:
    """Bring one more listing, from that listing's page."""
    part = acted_part(public_id)
    session = current_session()
    said = said_before(part)
    listing_id = request.form.get("listing", "")
    listings = tuple(dict.fromkeys([*(each.public_id for each in part.listings), listing_id]))
    if not listing_id:
        raise NotFound(kind="listing")
    answers = Answers(
        group=part.group.code,
        listings=listings,
        about=part.about,
        seeks=part.seeks,
        languages=tuple(part.languages) or ("zh",),
        wants_interpreter=bool(said["wants_interpreter"]),
        shows_contact=bool(said["shows_contact"]),
        absent=absent_numbers(session, part),
        most_meetings=part.most_meetings,
        attends=part.attends,
    )
    return try_step(
        lambda: services.change(
            session, part, answers=answers, by=current_actor(), now=request_now()
        ),
        _("You bring this listing to the event."),
        url_for(".show_part", public_id=public_id),
    )


def _last_ended(event_id: int) -> Registration | None:
    """Return the actor's own part that ended last, so that a cancelled one is said to be so."""
    return people.last_ended(current_session(), event_id, current_actor().user_id)


def _page(part: Registration) -> str:
    session, actor, now = current_session(), current_actor(), request_now()
    event = part.event
    absent = absent_numbers(session, part)
    return render_template(
        "events/taking_part/part.html",
        event=event,
        part=part,
        own=part.user_id == actor.user_id,
        colleagues=[each for each in parts_here(event) if each.id != part.id],
        rank=people.rank_in_queue(session, part),
        edits=bool(people.editor_houses(actor)),
        days=days_of(session, event),
        table=None if part.table_id is None else session.get(EventTable, part.table_id),
        absent=absent,
        speaks=speaks_in(session, part),
        answers_due=wishes.waiting_for(session, part),
        registration_closed=registration_closed(event, now),
        requests_closed=requests_closed(event, now),
        timetable_by=event_queries.timetable_by(session, event, now),
        added=sections("event.part", session, part, actor),
    )
