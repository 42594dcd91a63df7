"""The room's one blueprint."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

routing = Blueprint("routing", __name__, url_prefix="/routing")

Answer = str | Response | BaseResponse | tuple[str, int] | tuple[Response, int]


def posted_version() -> int | None:
    """Return the version of the case that the page showed, as its form carries it."""
    return request.form.get("version", type=int)
