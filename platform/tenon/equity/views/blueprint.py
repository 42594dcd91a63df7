"""The room's one blueprint, and what several of its pages need."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from tenon.equity import permissions, queries
from tenon.equity.models import EquityCompany
from tenon.web.requests import current_actor, current_session

equity = Blueprint("equity", __name__)

Answer = str | Response | BaseResponse | tuple[str, int]


def read_company(public_id: str) -> EquityCompany:
    """Return a company whose whole table the actor may read; raises NotFound, Forbidden."""
    company = queries.company(current_session(), public_id, by=current_actor())
    permissions.require_read(current_session(), current_actor(), company)
    return company


def written_company(public_id: str) -> EquityCompany:
    """Return a company in whose table the actor may record; raises NotFound, Forbidden."""
    company = queries.company(current_session(), public_id, by=current_actor())
    permissions.require_write(current_session(), current_actor(), company)
    return company


def posted_version() -> int | None:
    """Return the version of the table that the page showed, as its form carries it."""
    return request.form.get("version", type=int)
