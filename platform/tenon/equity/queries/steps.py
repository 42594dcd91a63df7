"""What the law asks for before technology becomes units: appraisal, holders' first call."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.equity.models import EquityAppraisal, EquityCompany, EquityHolder, EquityPreemption
from tenon.equity.queries.companies import course_of
from tenon.formulas.equity import has_preemption


def appraisal_of(session: Session, deal: Deal) -> EquityAppraisal | None:
    """Return the latest appraisal of what a deal contributes, if any."""
    return session.scalars(
        sa.select(EquityAppraisal)
        .where(EquityAppraisal.deal_id == deal.id)
        .order_by(EquityAppraisal.id.desc())
        .limit(1)
    ).first()


def preemptions_of(session: Session, deal: Deal) -> Sequence[EquityPreemption]:
    """Return each holder's part and answer, where the step was opened."""
    return session.scalars(
        sa.select(EquityPreemption)
        .where(EquityPreemption.deal_id == deal.id)
        .order_by(EquityPreemption.id)
    ).all()


def first_call_missing(session: Session, deal: Deal, company: EquityCompany) -> int | None:
    """Return how many holders have not answered on an increase, None where none was asked.

    Zero, too, where nobody has a first call (Company Law 227) or nobody holds units yet.
    """
    held = course_of(session, company).now.issued
    if not held or not has_preemption(company.kind, stated=company.preemption):
        return 0
    rows = preemptions_of(session, deal)
    if not rows:
        return None
    return sum(row.answer is None for row in rows)


def asked_of(session: Session, holders: Sequence[EquityHolder]) -> Sequence[EquityPreemption]:
    """Return the first calls of these holders, the latest first."""
    return session.scalars(
        sa.select(EquityPreemption)
        .where(EquityPreemption.holder_id.in_([holder.id for holder in holders]))
        .order_by(EquityPreemption.id.desc())
    ).all()
