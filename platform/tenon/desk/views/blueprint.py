"""The desk's one blueprint, and what several of its pages need."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from tenon.desk.about import About, find_thing
from tenon.web.languages import language
from tenon.web.pages import safe_target
from tenon.web.requests import current_actor, current_session, request_now

desk = Blueprint("desk", __name__, url_prefix="/desk")

Answer = str | Response | BaseResponse | tuple[str, int]


def thing(kind: str, public_id: str) -> About:
    """Return a thing that the actor may know of; raises NotFound for any other."""
    return find_thing(
        current_session(),
        kind,
        public_id,
        by=current_actor(),
        now=request_now(),
        language=language(),
    )


def asked_thing() -> About | None:
    """Return the thing that a form or address names (``about``, ``id``), if it names one."""
    kind, public_id = request.values.get("about", ""), request.values.get("id", "")
    return thing(kind, public_id) if kind and public_id else None


def back_to(default: str) -> str:
    """Return where a form wants to go back to: a path of this site, else ``default``."""
    asked = request.form.get("next", "")
    return safe_target(asked) if asked.startswith("/") else default


def posted_version() -> int | None:
    """Return the version that the page showed, as its form carries it."""
    return request.form.get("version", type=int)
