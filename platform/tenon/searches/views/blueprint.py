"""The room's one blueprint."""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.wrappers import Response as BaseResponse

searches = Blueprint("searches", __name__, url_prefix="/searches")

Answer = str | Response | BaseResponse | tuple[str, int]
