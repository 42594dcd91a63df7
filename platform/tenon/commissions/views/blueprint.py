"""The room's one blueprint, and what several of its pages need."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

commissions = Blueprint("commissions", __name__)

Answer = str | Response | BaseResponse | tuple[str, int]


def posted_version() -> int | None:
    """Return the version that the page showed, as its form carries it."""
    return request.form.get("version", type=int)
