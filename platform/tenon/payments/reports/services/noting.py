"""What the deal's history keeps of a report, beside the report's own chain."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Conflict
from tenon.payments import books
from tenon.payments.reports.models import UseReport


def note(
    session: Session,
    report: UseReport,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write to the chain of the report's deal."""
    history.record(
        session,
        chain=("deal", report.deal.public_id),
        kind=kind,
        by=by,
        now=now,
        facts={"report": report.public_id, "period": report.period, **(facts or {})},
    )


def hold(session: Session, report: UseReport, expected: int | None) -> None:
    """Take the deal's lock before the report's row, and read the row as it is now.

    Every verb that writes to the deal's chain does so, in this order: in another, two of them
    could wait for each other. Raises Conflict ``changed_meanwhile``.
    """
    books.lock(session, report.deal)
    session.flush()
    session.refresh(report)
    require_version(report, expected)


def require_version(report: UseReport, expected: int | None) -> None:
    """Raise Conflict ``changed_meanwhile`` where it is not as the actor's page showed it."""
    if expected is not None and report.version != expected:
        raise Conflict("changed_meanwhile", kind="use_report")
