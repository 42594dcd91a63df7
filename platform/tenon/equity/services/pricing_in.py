"""A market round prices every open grant: the conversion is proposed to both sides.

Source: domain-rules.md, section 5 (invest then equity).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM, Actor
from tenon.deals.queries import accepted_terms
from tenon.equity import terms
from tenon.equity.courses import Course
from tenon.equity.models import EquityAgreement, EquityCompany, EquityProposal
from tenon.equity.services.computing import computed
from tenon.equity.services.moving import move
from tenon.outbox import emit


def open_grants(session: Session, company: EquityCompany) -> list[EquityAgreement]:
    """Return the grants that may still convert, those proposed for conversion already too."""
    return list(
        session.scalars(
            sa.select(EquityAgreement)
            .where(
                EquityAgreement.company_id == company.id,
                EquityAgreement.kind == "grant",
                EquityAgreement.state.in_(("granted", "conversion_proposed")),
            )
            .order_by(EquityAgreement.id)
        )
    )


def priced_by(session: Session, company: EquityCompany, new_money: int) -> list[EquityAgreement]:
    """Return the grants that a round of ``new_money`` prices: where it is large enough for them."""
    return [
        agreement
        for agreement in open_grants(session, company)
        if new_money >= (_smallest_round(session, agreement) or 0)
    ]


def _smallest_round(session: Session, agreement: EquityAgreement) -> int | None:
    version = accepted_terms(session, agreement.deal)
    return None if version is None else terms.minor(version.values, "round_minimum")


def set_aside(session: Session, grants: Sequence[EquityAgreement], *, now: datetime) -> None:
    """Withdraw what is proposed under these grants: a new round prices them anew."""
    for agreement in grants:
        earlier = session.scalars(
            sa.select(EquityProposal).where(EquityProposal.live_key == agreement.id)
        ).first()
        if earlier is not None:
            earlier.withdrawn_at, earlier.live_key = now, None
    session.flush()


def propose_conversions(
    session: Session,
    company: EquityCompany,
    grants: Sequence[EquityAgreement],
    *,
    course: Course,
    now: datetime,
) -> None:
    """Propose each grant's conversion at the price that the last round gave it."""
    for agreement in grants:
        day = course.stages[-1].event.day
        facts = {"key": agreement.key}
        proposal = EquityProposal(
            agreement_id=agreement.id,
            kind="conversion",
            day=day,
            facts=facts,
            computed=computed(session, agreement, course, "conversion", day, facts),
            company_version=company.version,
            live_key=agreement.id,
            created_at=now,
        )
        session.add(proposal)
        session.flush()
        if agreement.state != "conversion_proposed":
            move(session, agreement, "conversion_proposed", by=SYSTEM, now=now)
        emit(session, "equity.proposed", {"id": proposal.id}, now=now)


def unprice(
    session: Session, company: EquityCompany, *, course: Course, by: Actor, now: datetime
) -> None:
    """Take grants back to where they were whose round is no more; their proposals are gone."""
    for agreement in open_grants(session, company):
        waits = session.scalars(
            sa.select(EquityProposal.id).where(EquityProposal.live_key == agreement.id)
        ).first()
        if agreement.state == "conversion_proposed" and waits is None:
            grant = course.now.grants.get(agreement.key)
            if grant is not None and grant.price is None:
                move(session, agreement, "granted", by=by, now=now)
