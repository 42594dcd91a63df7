"""The register: agreements by deal and company, what is proposed under them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.actors import Actor
from tenon.deals import permissions as deals
from tenon.deals.models import Deal
from tenon.equity.models import EquityAgreement, EquityCompany, EquityProposal
from tenon.errors import NotFound


def agreement(session: Session, public_id: str, *, by: Actor) -> EquityAgreement:
    """Return an agreement whose deal the actor may read; raises NotFound."""
    found = session.scalars(
        sa.select(EquityAgreement).where(EquityAgreement.public_id == public_id)
    ).first()
    if found is None or not deals.may_read(by, found.deal):
        raise NotFound(kind="agreement")
    return found


def agreement_of(session: Session, deal: Deal) -> EquityAgreement | None:
    """Return the agreement that a deal entered in the register, if any."""
    return session.scalars(
        sa.select(EquityAgreement).where(EquityAgreement.deal_id == deal.id)
    ).first()


def agreements_of(session: Session, company: EquityCompany) -> Sequence[EquityAgreement]:
    """Return a company's agreements, the oldest first."""
    return session.scalars(
        sa.select(EquityAgreement)
        .where(EquityAgreement.company_id == company.id)
        .order_by(EquityAgreement.id)
    ).all()


def register_of(session: Session, actor: Actor) -> Sequence[EquityAgreement]:
    """Return the agreements of the deals of the organisation acted for, the latest first."""
    house = actor.organisation_id
    if house is None or not actor.at_least("editor", house):
        return []
    return session.scalars(
        sa.select(EquityAgreement)
        .join(Deal, Deal.id == EquityAgreement.deal_id)
        .where(sa.or_(Deal.seller_organisation_id == house, Deal.buyer_organisation_id == house))
        .options(joinedload(EquityAgreement.company), joinedload(EquityAgreement.holder))
        .order_by(EquityAgreement.id.desc())
    ).all()


def open_proposal(session: Session, found: EquityAgreement) -> EquityProposal | None:
    """Return what waits for confirmation under an agreement, if anything."""
    return session.scalars(
        sa.select(EquityProposal).where(EquityProposal.live_key == found.id)
    ).first()


def proposals_of(session: Session, found: EquityAgreement) -> Sequence[EquityProposal]:
    """Return all that was proposed under an agreement, the oldest first."""
    return session.scalars(
        sa.select(EquityProposal)
        .where(EquityProposal.agreement_id == found.id)
        .order_by(EquityProposal.id)
    ).all()
