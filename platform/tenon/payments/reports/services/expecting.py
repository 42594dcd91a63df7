"""Which reports a deal has to bring: a row for every period that has begun.

Rows that nobody has written to follow the terms, when these are amended or end. What is being
written stays, figures and all; where the licence ends within its period, the period ends with it.
What was handed in stays as it was hashed: queried or taken back, it follows too. The next period
is made when one is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.deals.models import Deal
from tenon.formulas.periods import Period, periods
from tenon.payments import books
from tenon.payments.books import today
from tenon.payments.reminding import first_reminder
from tenon.payments.reports.agreed import Agreed, agreed
from tenon.payments.reports.models import UseReport
from tenon.payments.reports.services.noting import note
from tenon.payments.reports.states import WRITTEN_STATES

AT_A_TIME: Final = 200
_MONTHS: Final = {"Q": 3, "H": 6}
"""Letter in a period's key -> its months; a year's key has none."""


def expect(session: Session, deal: Deal, *, now: datetime) -> list[UseReport]:
    """Make the rows of all periods that have begun what the terms say; returns those made anew.

    Doing it again changes nothing.
    """
    day = today(now)
    rows = _rows(session, deal)
    terms = agreed(session, deal)
    if terms is None:
        for row in rows:
            if row.state == "due":
                session.delete(row)
        session.flush()
        return []
    for row in rows:
        if row.state in WRITTEN_STATES:
            follow_end(session, row, terms, now=now)
    after = max((row.ends_on for row in rows if row.state != "due"), default=None)
    start = terms.terms.starts if after is None else after + timedelta(days=1)
    wanted = {period.start: period for period in terms.periods_from(start, day)}
    for row in rows:
        if row.state == "due":
            later = row.starts_on >= start
            period = wanted.pop(row.starts_on, None) if later else _within(row, terms)
            if period is None:
                session.delete(row)
            else:
                _follow(row, period, terms, day)
    session.flush()
    made = [_row(deal, period, terms, now) for period in wanted.values()]
    session.add_all(made)
    session.flush()
    return made


def follow_end(session: Session, row: UseReport, terms: Agreed, *, now: datetime) -> None:
    """Let the period of a report that is being written end with the licence; its figures stay.

    One that begins after the licence's end is asked for no more.
    """
    found = _within(row, terms)
    if found is not None and found.end == row.ends_on:
        return
    books.lock(session, row.deal)
    session.flush()
    session.refresh(row)
    if row.state not in WRITTEN_STATES:  # handed in meanwhile
        return
    if found is None:
        row.remind_on = None
    else:
        question, day = row.remind_on, books.today(now)
        _follow(row, found, terms, day)
        if row.state == "queried":
            row.remind_on = question
        row.version += 1
        facts = {"from": row.starts_on.isoformat(), "to": row.ends_on.isoformat()}
        note(session, row, "use_report_period_cut", by=SYSTEM, now=now, facts=facts)
    session.flush()


def _within(row: UseReport, terms: Agreed) -> Period | None:
    """Return a report's own period as far as the licence runs; None where it ended before."""
    last, year_starts = terms.terms.ends, terms.terms.year_starts
    until = last or date(row.starts_on.year + 2, 1, 1)
    if until < row.starts_on:
        return None
    months = _MONTHS.get(row.period[4:5], 12)
    return periods(row.starts_on, until, months=months, starts=year_starts)[0]


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
