"""What use reports hold about a person, and how they forget: who submitted, answered, stated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.payments.reports.models import RoyaltyStatement, UseReport, UseReportRevision

_COLUMNS = (
    UseReportRevision.submitted_by,
    UseReportRevision.answered_by,
    RoyaltyStatement.stated_by,
)


@collects("use_reports")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return the reports that the person handed in or answered."""
    rows = session.execute(
        sa.select(
            UseReport.public_id,
            UseReport.period,
            UseReportRevision.number,
            UseReportRevision.submitted_by,
        )
        .join(UseReport, UseReport.id == UseReportRevision.report_id)
        .where(
            sa.or_(
                UseReportRevision.submitted_by == user.id, UseReportRevision.answered_by == user.id
            )
        )
        .order_by(UseReportRevision.id)
    )
    return {
        "use_reports": [
            {
                "report": public_id,
                "period": period,
                "submission": number,
                "as": "submitted" if submitter == user.id else "answered",
            }
            for public_id, period, number, submitter in rows
        ]
    }


@erases("use_reports")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the hook's form
    """Forget that it was this person; the figures are their organisation's and stay."""
    for column in _COLUMNS:
        table = column.class_
        session.execute(sa.update(table).where(column == user.id).values({column.key: None}))
