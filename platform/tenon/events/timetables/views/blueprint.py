"""The room's one blueprint, and what several of its pages need."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tenon.events import queries as event_queries
from tenon.events.models import Event, Registration, TimetableDraft
from tenon.events.timetables import queries
from tenon.events.timetables.services import Where
from tenon.web.requests import current_actor, current_session

timetables = Blueprint("event_timetable", __name__, url_prefix="/events")

Answer = str | Response | BaseResponse | tuple[str, int]


def event_to_run(public_id: str) -> Event:
    """Return an event that the actor organises; raises NotFound, Forbidden."""
    return event_queries.find_to_run(current_session(), public_id, by=current_actor())


def draft_to_run(public_id: str) -> TimetableDraft:
    """Return a draft of an event that the actor organises; raises NotFound, Forbidden."""
    return queries.find_draft(current_session(), public_id, by=current_actor())


def posted_version() -> int | None:
    """Return the version that the page showed, as its form carries it."""
    return request.form.get("version", type=int)


def posted_person(event: Event, name: str) -> Registration | None:
    """Return somebody who takes part, named in a form by public id; None for nobody known."""
    given = request.values.get(name, "")
    return (
        current_session()
        .query(Registration)
        .filter_by(event_id=event.id, public_id=given)
        .one_or_none()
    )


def posted_pair(event: Event) -> tuple[int, int] | None:
    """Return the two whom a form or an address names, or None where one is missing."""
    first, second = posted_person(event, "a"), posted_person(event, "b")
    return None if first is None or second is None else (first.id, second.id)


def posted_where() -> Where | None:
    """Return slot and table of a form; None without a slot."""
    slot = request.form.get("slot", type=int)
    return None if slot is None else Where(slot, request.form.get("table", type=int))


def say_changed() -> None:
    """Tell somebody who came second; the page shown after it is how things stand."""
    flash(
        _("Somebody else was quicker: nothing of yours was changed. This is how it stands now."),
        "warning",
    )
