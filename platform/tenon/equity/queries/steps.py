"""What the law asks for before technology becomes units: appraisal, holders' first call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.equity.courses import Course, compute
from tenon.equity.models import (
    EquityAppraisal,
    EquityCompany,
    EquityHolder,
    EquityPreemption,
    EquityProposal,
)
from tenon.equity.queries.agreements import agreement_of
from tenon.equity.queries.companies import course_of, events
from tenon.formulas.equity import has_preemption

_BY_AGREEMENT = ("exercise", "conversion")
_INCREASES = ("contribution", *_BY_AGREEMENT)


@dataclass(frozen=True, slots=True)
class FirstCall:
    """How far the holders' answers cover an increase (Company Law 227).

    Attributes:
        needed: units of the increase.
        asked: units that the holders were asked about; None where they were not.
        waiting: how many of them have not answered yet.
        came: how many hold a larger part by now than when they were asked, or came since.
        left: of ``asked``, what no holder takes up and no increase of the deal has used.
    """

    needed: int
    asked: int | None = None
    waiting: int = 0
    came: int = 0
    left: int = 0

    @property
    def answered(self) -> bool:
        """Whether all who were asked have answered."""
        return self.asked is not None and not self.waiting

    @property
    def settled(self) -> bool:
        """Whether the increase may be made."""
        return self.answered and not self.came and self.needed <= self.left


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


def first_call(
    session: Session, deal: Deal, company: EquityCompany, *, units: int
) -> FirstCall | None:
    """Return how far answers cover an increase by ``units``; None where nobody has a first call.

    That is so by law or articles (Company Law 227), and where nobody holds units besides those
    who get the new ones.
    """
    course = course_of(session, company)
    own = takers_of(session, deal, course)
    if not set(course.now.issued) - own:
        return None
    if not has_preemption(company.kind, stated=company.preemption):
        return None
    rows = preemptions_of(session, deal)
    if not rows:
        return FirstCall(units)
    asked, version = rows[0].units, rows[0].company_version
    used = sum(
        line.units
        for stage in course.stages
        if stage.event.deal_id == deal.id
        and stage.event.kind in _BY_AGREEMENT
        and stage.event.number > version
        for line in stage.step.lines
    )
    return FirstCall(
        needed=units,
        asked=asked,
        waiting=sum(row.answer is None for row in rows),
        came=_grown(session, company, course, version, own),
        left=asked - sum(row.taken or 0 for row in rows) - used,
    )


def first_call_for(session: Session, proposal: EquityProposal) -> FirstCall | None:
    """Return how far answers cover what is proposed; None where it needs none."""
    agreement = proposal.agreement
    if proposal.kind not in _BY_AGREEMENT:
        return None
    units = int(proposal.computed.get("units", 0))
    return first_call(session, agreement.deal, agreement.company, units=units)


def takers_of(session: Session, deal: Deal, course: Course) -> set[str]:
    """Return the keys of those who get a deal's units, and are not asked about their own."""
    agreement = agreement_of(session, deal)
    found = set() if agreement is None else {agreement.holder.key}
    for stage in course.stages:
        if stage.event.deal_id == deal.id and stage.event.kind in _INCREASES:
            found |= {line.holder for line in stage.step.lines}
    return found


def _grown(
    session: Session, company: EquityCompany, course: Course, version: int, own: set[str]
) -> int:
    """Return how many hold a larger part than at a version of the table, ``own`` left out."""
    known = [event for event in events(session, company) if event.number <= version]
    before = compute(company, known).now.shares()
    return sum(
        share > before.get(holder, 0)
        for holder, share in course.now.shares().items()
        if holder not in own
    )


def asked_of(session: Session, holders: Sequence[EquityHolder]) -> Sequence[EquityPreemption]:
    """Return the first calls of these holders, the latest first."""
    return session.scalars(
        sa.select(EquityPreemption)
        .where(EquityPreemption.holder_id.in_([holder.id for holder in holders]))
        .order_by(EquityPreemption.id.desc())
    ).all()
