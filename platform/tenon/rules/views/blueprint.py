"""The room's one blueprint, and what several of its pages need."""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.wrappers import Response as BaseResponse

rules = Blueprint("rules", __name__)

Answer = str | Response | BaseResponse | tuple[str, int]
