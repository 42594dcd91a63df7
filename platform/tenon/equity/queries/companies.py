"""Companies by id, by deal, by organisation; their events and the course computed from them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.equity import permissions
from tenon.equity.courses import Course, compute
from tenon.equity.models import EquityCompany, EquityDeal, EquityEvent, EquityHolder
from tenon.errors import NotFound


def company(session: Session, public_id: str, *, by: Actor) -> EquityCompany:
    """Return a company of which the actor may see at least a row; raises NotFound."""
    found = session.scalars(
        sa.select(EquityCompany).where(EquityCompany.public_id == public_id)
    ).first()
    if found is None or not known_to(session, by, found):
        raise NotFound(kind="company")
    return found


def known_to(session: Session, actor: Actor, found: EquityCompany) -> bool:
    """Whether the actor may see the table or a row of it."""
    return permissions.may_read(session, actor, found) or bool(permissions.own_rows(actor, found))


def company_of(session: Session, deal: Deal) -> EquityCompany | None:
    """Return the company that a deal is about, if one is attached."""
    return session.scalars(
        sa.select(EquityCompany)
        .join(EquityDeal, EquityDeal.company_id == EquityCompany.id)
        .where(EquityDeal.deal_id == deal.id)
    ).first()


def events(session: Session, found: EquityCompany) -> Sequence[EquityEvent]:
    """Return a company's events as they were recorded."""
    return session.scalars(
        sa.select(EquityEvent)
        .where(EquityEvent.company_id == found.id)
        .order_by(EquityEvent.number)
    ).all()


def course_of(session: Session, found: EquityCompany) -> Course:
    """Return what happened to a company, computed from its events."""
    return compute(found, events(session, found))


def companies_of(session: Session, actor: Actor) -> Sequence[EquityCompany]:
    """Return the companies whose whole table the organisation acted for may read.

    Its own, and those that its deals are about; the rest is ``holdings_of``.
    """
    house = actor.organisation_id
    if house is None or not actor.at_least("editor", house):
        return []
    in_deals = (
        sa.select(EquityDeal.company_id)
        .join(Deal, Deal.id == EquityDeal.deal_id)
        .where(sa.or_(Deal.seller_organisation_id == house, Deal.buyer_organisation_id == house))
    )
    return session.scalars(
        sa.select(EquityCompany)
        .where(sa.or_(EquityCompany.organisation_id == house, EquityCompany.id.in_(in_deals)))
        .order_by(EquityCompany.name, EquityCompany.id)
    ).all()


def holdings_of(session: Session, actor: Actor) -> Sequence[EquityHolder]:
    """Return the rows that the organisation acted for has in tables of others."""
    house = actor.organisation_id
    if house is None or not actor.at_least("editor", house):
        return []
    return session.scalars(
        sa.select(EquityHolder)
        .where(EquityHolder.organisation_id == house)
        .order_by(EquityHolder.company_id)
    ).all()
