"""The room's one blueprint, and what several of its pages need."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from tenon.listings import queries
from tenon.listings.models import Listing
from tenon.web.requests import current_actor, current_session, request_now

listings = Blueprint("listings", __name__)

Answer = str | Response | BaseResponse | tuple[str, int]


def seen_listing(public_id: str) -> Listing:
    """Return a listing that the actor may see; raises NotFound for any other."""
    return queries.find_listing(current_session(), public_id, by=current_actor(), now=request_now())


def posted_version() -> int | None:
    """Return the version of the listing that the page showed, as its form carries it."""
    return request.form.get("version", type=int)
