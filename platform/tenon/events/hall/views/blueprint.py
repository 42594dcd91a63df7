"""The room's one blueprint, and what several of its pages need."""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.wrappers import Response as BaseResponse

from tenon.events import queries
from tenon.events.models import Event
from tenon.web.requests import current_actor, current_session

hall = Blueprint("event_hall", __name__, url_prefix="/events")

Answer = str | Response | BaseResponse | tuple[str, int]


def event_to_run(public_id: str) -> Event:
    """Return an event that the actor organises; raises NotFound, Forbidden."""
    return queries.find_to_run(current_session(), public_id, by=current_actor())
