"""The room's one blueprint, and what several of its pages need."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, g, redirect
from werkzeug.wrappers import Response as BaseResponse

from tenon.errors import Conflict, Forbidden, NotFound
from tenon.events import queries
from tenon.events.models import Event, Registration
from tenon.events.taking_part import labels
from tenon.events.taking_part.queries import people
from tenon.web.requests import current_actor, current_session

event_people = Blueprint("event_people", __name__, url_prefix="/events")

Answer = str | Response | BaseResponse | tuple[str, int]


def seen_event(public_id: str) -> Event:
    """Return an event that the actor may know of; raises NotFound for any other."""
    return queries.find(current_session(), public_id, by=current_actor())


def run_event(public_id: str) -> Event:
    """Return an event for its organiser; raises NotFound or Forbidden for all others."""
    return queries.find_to_run(current_session(), public_id, by=current_actor())


def acted_part(public_id: str) -> Registration:
    """Return a part in an event that the actor answers for; raises NotFound for any other."""
    return queries.registration(current_session(), public_id, by=current_actor())


def parts_here(event: Event) -> list[Registration]:
    """Return the live parts that the actor answers for, own first; asked once a request."""
    kept: dict[int, list[Registration]] = g.setdefault("event_parts", {})
    if event.id not in kept:
        kept[event.id] = list(people.acted_for(current_session(), event, by=current_actor()))
    return kept[event.id]


def confirmed_part(event: Event, public_id: str | None) -> Registration:
    """Return the part for which wishes are made: the one named, or the own one.

    Raises NotFound for one that the actor does not answer for, Forbidden where nobody whom they
    answer for takes part.
    """
    mine = [each for each in parts_here(event) if each.state == "confirmed"]
    if public_id:
        found = next((each for each in mine if each.public_id == public_id), None)
        if found is None:
            raise NotFound(kind="event_registration")
        return found
    if not mine:
        raise Forbidden("not_allowed")
    return mine[0]


def try_step(take: Callable[[], object], said: str, back: str) -> Answer:
    """Take a step and go back to a page; where somebody was quicker, the page says why not."""
    session = current_session()
    try:
        take()
    except Conflict as error:
        session.rollback()
        g.pop("event_parts", None)
        flash(labels.why_not(error.code), "error")
        return redirect(back, 303)
    flash(said, "success")
    return redirect(back, 303)
