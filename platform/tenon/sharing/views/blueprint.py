"""The room's one blueprint, and what several of its pages need."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from tenon.sharing import queries
from tenon.sharing.models import Distribution
from tenon.web.requests import current_actor, current_session

sharing = Blueprint("sharing", __name__)

Answer = str | Response | BaseResponse | tuple[str, int]


def seen_distribution(public_id: str) -> Distribution:
    """Return a distribution that the actor may know of; raises NotFound for any other."""
    return queries.find(current_session(), public_id, by=current_actor())


def posted_version() -> int | None:
    """Return the version that the page showed, as its form carries it."""
    return request.form.get("version", type=int)
