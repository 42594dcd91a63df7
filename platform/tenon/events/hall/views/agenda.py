"""Personal agendas: one's own on the phone, another's for whoever acts for them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Response, render_template, url_for

from tenon.documents import qr_path
from tenon.errors import NotFound
from tenon.events import queries
from tenon.events.hall import finding
from tenon.events.hall.agenda import Agenda, Appointment, agenda_of
from tenon.events.hall.entries import entries_of
from tenon.events.hall.views.blueprint import Answer, hall
from tenon.events.models import CheckIn, Event, Registration
from tenon.events.planning.calendar import CONTENT_TYPE, write_calendar
from tenon.web.languages import language
from tenon.web.requests import current_actor, current_session, request_now


@hall.get("/<public_id>/agenda")
def agenda(public_id: str) -> Answer:
    """Show one's own agenda; to whoever does not take part, how to."""
    session, actor = current_session(), current_actor()
    event = queries.find(session, public_id, by=actor)
    own, arrival = finding.own_part(session, event, actor.user_id)
    if own is None:
        return render_template("events/hall/no_part.html", event=event), 404
    return _page(event, own, arrival, own=True)


@hall.get("/parts/<public_id>/agenda")
def agenda_of_part(public_id: str) -> Answer:
    """Show the agenda of somebody whom the actor acts for."""
    found, arrival = finding.part(current_session(), public_id, by=current_actor())
    return _page(found.event, found, arrival, own=found.user_id == current_actor().user_id)


def _page(event: Event, part: Registration, arrival: CheckIn | None, *, own: bool) -> Answer:
    now = request_now()
    confirmed = part.state == "confirmed"
    shown = agenda_of(current_session(), part) if confirmed else Agenda([], [], [])
    return render_template(
        "events/hall/agenda.html",
        event=event,
        part=part,
        own=own,
        arrival=arrival,
        agenda=shown,
        next=shown.next(now),
        timetable_by=None
        if shown.meetings
        else queries.timetable_by(current_session(), event, now),
        now=now,
        qr_drawing=qr_path(part.code) if confirmed else None,
    )


@hall.get("/<public_id>/agenda.ics")
def calendar(public_id: str) -> Answer:
    """Give one's own meetings as a calendar file, those called off as cancelled."""
    session, actor = current_session(), current_actor()
    event = queries.find(session, public_id, by=actor)
    own, _arrival = finding.own_part(session, event, actor.user_id)
    if own is None:
        raise NotFound(kind="event_registration")
    return _calendar(event, own)


@hall.get("/parts/<public_id>/agenda.ics")
def calendar_of_part(public_id: str) -> Answer:
    """Give the meetings of somebody whom the actor acts for as a calendar file."""
    found, _arrival = finding.part(current_session(), public_id, by=current_actor())
    return _calendar(found.event, found)


def _calendar(event: Event, part: Registration) -> Response:
    shown, tongue = agenda_of(current_session(), part), language()
    content = write_calendar(
        entries_of(event, [*shown.meetings, *shown.called_off], tongue, address=_address),
        zone=ZoneInfo(event.zone),
        name=event.title(tongue),
        now=request_now(),
    )
    response = Response(content, content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = 'attachment; filename="agenda.ics"'
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _address(one: Appointment) -> str:
    return url_for("event_hall.brief", public_id=one.public_id, _external=True)
