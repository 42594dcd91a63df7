"""Outbox handlers: the clock asks which reports are due, each is made by a message of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.insight.reports import making, notifying
from tenon.outbox import emit, handles
from tenon.outbox.handlers import Then

PERIODIC = [("insight.reports_due", timedelta(hours=3))]


@handles("insight.reports_due")
def reports_due(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Queue the reports of ended periods that are not made yet, each once."""
    for each in making.due(session, now=now):
        key = f"insight.report:{each['scope']}:{each['kind']}:{each['first']}"
        emit(session, "insight.report", each, now=now, key=key)


@handles("insight.report", patience=600, reads=True, background=True)
def report(session: Session, payload: Mapping[str, Any], now: datetime) -> Then | None:
    """Make one report and tell those whom it is for; it is computed without holding a lock."""
    draft = making.compute(
        session,
        kind=payload["kind"],
        first=date.fromisoformat(payload["first"]),
        scope=payload["scope"],
    )
    if draft is None:
        return None

    def write(writing: Session) -> None:
        made = making.keep(writing, draft, now=now)
        if made is not None:
            notifying.tell(writing, made, now=now)

    return write
