"""Reports that are due soon or late, reminded of as payments are; questions without an answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.payments.books import today
from tenon.payments.reminding import next_reminder
from tenon.payments.reports.models import UseReport
from tenon.payments.reports.notifying import tell_reminder, tell_unanswered
from tenon.payments.reports.states import OPEN_STATES

AT_A_TIME: Final = 200
PATIENCE: Final = timedelta(days=14)
"""Between reminders of a question that waits for its answer."""


def chase(session: Session, *, now: datetime) -> int:
    """Remind of what is due and not handed in; returns how many, at most ``AT_A_TIME``."""
    day = today(now)
    found = session.scalars(
        sa.select(UseReport)
        .where(UseReport.remind_on <= day, UseReport.state.in_(OPEN_STATES))
        .order_by(UseReport.remind_on, UseReport.id)
        .limit(AT_A_TIME)
    ).all()
    for report in found:
        if report.state == "queried":
            tell_unanswered(session, report, now=now)
            report.remind_on = day + PATIENCE
        else:
            tell_reminder(session, report, late=report.due_on < day, now=now)
            report.remind_on = next_reminder(report.due_on, day)
    session.flush()
    return len(found)
