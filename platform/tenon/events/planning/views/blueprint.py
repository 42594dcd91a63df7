"""The room's one blueprint."""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.wrappers import Response as BaseResponse

events = Blueprint("events", __name__, url_prefix="/events")

Answer = str | Response | BaseResponse | tuple[str, int]
