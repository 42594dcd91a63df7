"""The room's one blueprint."""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.wrappers import Response as BaseResponse

simulations = Blueprint("simulations", __name__, url_prefix="/simulations")

Answer = str | Response | BaseResponse | tuple[str, int]
