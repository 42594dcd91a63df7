"""The room's one blueprint, and what several of its pages need."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from tenon.deals import permissions, queries
from tenon.deals.models import Deal
from tenon.web.requests import current_actor, current_session

deals = Blueprint("deals", __name__, url_prefix="/deals")

Answer = str | Response | BaseResponse | tuple[str, int]


def seen_deal(public_id: str) -> Deal:
    """Return a deal that the actor may know of; raises NotFound for any other."""
    return queries.find(current_session(), public_id, by=current_actor())


def read_deal(public_id: str) -> Deal:
    """Return a deal whose terms the actor may read; raises NotFound, Forbidden."""
    deal = seen_deal(public_id)
    permissions.require_read(current_actor(), deal)
    return deal


def posted_version() -> int | None:
    """Return the version of the deal that the page showed, as its form carries it."""
    return request.form.get("version", type=int)
