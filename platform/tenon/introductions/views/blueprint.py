"""The room's one blueprint, and what several of its pages need."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from tenon.introductions import queries
from tenon.introductions.models import Introduction
from tenon.web.requests import current_actor, current_session

introductions = Blueprint("introductions", __name__, url_prefix="/introductions")

Answer = str | Response | BaseResponse | tuple[str, int]


def seen_introduction(public_id: str) -> Introduction:
    """Return an introduction that the actor may know of; raises NotFound for any other."""
    return queries.find(current_session(), public_id, by=current_actor())


def posted_version() -> int | None:
    """Return the version of the introduction that the page showed, as its form carries it."""
    return request.form.get("version", type=int)
