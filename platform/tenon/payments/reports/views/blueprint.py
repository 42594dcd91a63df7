"""The pages' one blueprint, and what several of them need."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from tenon.payments.reports import permissions, queries
from tenon.payments.reports.models import UseReport
from tenon.web.requests import current_actor, current_session

use_reports = Blueprint("use_reports", __name__)

Answer = str | Response | BaseResponse | tuple[str, int]


def seen_report(public_id: str) -> UseReport:
    """Return a report that the actor may know of; raises NotFound, Forbidden."""
    return queries.find(current_session(), public_id, by=current_actor())


def read_report(public_id: str) -> UseReport:
    """Return a report whose figures the actor may read; raises NotFound, Forbidden."""
    report = seen_report(public_id)
    permissions.require_read(current_actor(), report.deal)
    return report


def posted_version() -> int | None:
    """Return the version of the report that the page showed, as its form carries it."""
    return request.form.get("version", type=int)
