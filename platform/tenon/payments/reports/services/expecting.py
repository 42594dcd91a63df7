"""Which reports a deal has to bring: a row for every period that has begun.

Rows that nobody has written to follow the terms, when these are amended or end; what was written
stays. The next period is made when one is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.formulas.periods import Period
from tenon.payments.books import today
from tenon.payments.reminding import first_reminder
from tenon.payments.reports.agreed import Agreed, agreed
from tenon.payments.reports.models import UseReport

AT_A_TIME: Final = 200


def expect(session: Session, deal: Deal, *, now: datetime) -> list[UseReport]:
    """Make the rows of all periods that have begun what the terms say; returns those made anew.

    Doing it again changes nothing.
    """
    day = today(now)
    rows = _rows(session, deal)
    written = [row for row in rows if row.state != "due"]
    terms = agreed(session, deal)
    if terms is None:
        for row in rows:
            if row.state == "due":
                session.delete(row)
        session.flush()
        return []
    after = max((row.ends_on for row in written), default=None)
    start = terms.terms.starts if after is None else after + timedelta(days=1)
    wanted = {period.start: period for period in terms.periods_from(start, day)}
    for row in rows:
        if row.state == "due" and row.starts_on >= start:
            period = wanted.pop(row.starts_on, None)
            if period is None:
                session.delete(row)
            else:
                _follow(row, period, terms, day)
    session.flush()
    made = [_row(deal, period, terms, now) for period in wanted.values()]
    session.add_all(made)
    session.flush()
    return made


def expect_next(session: Session, *, now: datetime) -> int:
    """Make the next period's row where the latest of a deal in force is over; returns how many.

    Looks at some deals at a time; call again while it returns as many as it looks at.
    """
    day = today(now)
    latest = (
        sa.select(UseReport.deal_id, sa.func.max(UseReport.ends_on).label("ends_on"))
        .group_by(UseReport.deal_id)
        .subquery()
    )
    found: Sequence[Deal] = session.scalars(
        sa.select(Deal)
        .join(latest, latest.c.deal_id == Deal.id)
        .where(
            Deal.stage == "in_force",
            latest.c.ends_on < day,
            sa.or_(Deal.ends_on.is_(None), latest.c.ends_on < Deal.ends_on),
        )
        .order_by(Deal.id)
    ).all()
    return sum(len(expect(session, deal, now=now)) for deal in found)


def _rows(session: Session, deal: Deal) -> Sequence[UseReport]:
    return session.scalars(
        sa.select(UseReport).where(UseReport.deal_id == deal.id).order_by(UseReport.starts_on)
    ).all()


def _row(deal: Deal, period: Period, terms: Agreed, now: datetime) -> UseReport:
    row = UseReport(deal=deal, starts_on=period.start, created_at=now)
    _follow(row, period, terms, today(now))
    return row


def _follow(row: UseReport, period: Period, terms: Agreed, day: date) -> None:
    """Give a row what its period and the terms say; reminders begin anew where the day changed."""
    due_on = terms.due_on(period.end)
    if row.due_on != due_on:
        row.remind_on = first_reminder(due_on, day)
    row.period, row.ends_on = period.key, period.end
    row.due_on, row.pay_on = due_on, terms.pay_on(period.end)
    row.currency = terms.currency
