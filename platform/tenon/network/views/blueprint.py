"""The room's one blueprint, and what several of its pages need."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response
from werkzeug.wrappers import Response as BaseResponse

from tenon.accounts import queries as accounts
from tenon.accounts.models import User
from tenon.errors import NotFound
from tenon.network.clocks import today
from tenon.network.models import Station
from tenon.network.queries import heads, people, tree
from tenon.web.requests import current_actor, current_session, request_now

network = Blueprint("network", __name__, url_prefix="/network")

Answer = str | Response | BaseResponse | tuple[str, int]


def this_day() -> date:
    """Return the day that it is in the site's zone."""
    return today(request_now())


def managed_place(public_id: str) -> Station:
    """Return a place that the actor manages; raises NotFound, Forbidden."""
    station = tree.find_station(current_session(), public_id)
    heads.require_manages(current_session(), current_actor(), station)
    return station


def broker_in_sight(public_id: str) -> User:
    """Return a broker whom the actor may know of: oneself, at a place in sight, operators all.

    Raises NotFound.
    """
    session, actor = current_session(), current_actor()
    user = accounts.person(session, public_id)
    where = {each.station_id for each in people.places_of(session, user.id)}
    if user.id == actor.user_id and actor.broker:
        return user
    if actor.operator and (people.is_broker(user) or where):
        return user
    if not actor.broker or not where & actor.stations:
        raise NotFound(kind="broker")
    return user


def version_of(text: str | None) -> int | None:
    """Return the version that a form was made of, if it says one."""
    return int(text) if text and text.isdecimal() else None


def file_response(content: bytes, name: str, media_type: str) -> Response:
    """Return a file to keep."""
    response = Response(content, mimetype=media_type.partition(";")[0])
    response.headers["Content-Type"] = media_type
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
