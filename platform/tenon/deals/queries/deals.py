"""Deals by public id, their versions of terms, whom they are visible to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from tenon.actors import ROLE_RANK, Actor
from tenon.deals.models import Deal, DealFile, DealMessage, DealSignature, TermVersion
from tenon.errors import NotFound


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that the actor may know of a deal."""
    if actor.operator:
        return sa.true()
    return readable_by(actor)


def readable_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that the actor may read a deal's terms: a party or its broker."""
    if actor.system:
        return sa.true()
    if actor.user_id is None:
        return sa.false()
    editors = sorted(
        house for house, role in actor.memberships.items() if ROLE_RANK[role] >= ROLE_RANK["editor"]
    )
    own = sorted(actor.memberships)
    ways: list[sa.ColumnElement[bool]] = []
    for house, person in (
        (Deal.seller_organisation_id, Deal.seller_user_id),
        (Deal.buyer_organisation_id, Deal.buyer_user_id),
    ):
        if editors:
            ways.append(house.in_(editors))
        if own:
            ways.append(sa.and_(person == actor.user_id, house.in_(own)))
    if actor.broker or actor.operator:
        ways.append(Deal.broker_id == actor.user_id)
    return sa.or_(*ways) if ways else sa.false()


def for_lists() -> tuple[ORMOption, ...]:
    """Return what a list of deals loads with them: both organisations and the broker."""
    return (
        joinedload(Deal.seller_organisation),
        joinedload(Deal.buyer_organisation),
    )


def find(session: Session, public_id: str, *, by: Actor) -> Deal:
    """Return a deal that the actor may know of; raises NotFound for all others."""
    found = session.scalars(
        sa.select(Deal).where(Deal.public_id == public_id, visible_to(by)).options(*for_lists())
    ).first()
    if found is None:
        raise NotFound(kind="deal")
    return found


def term_versions(session: Session, deal: Deal) -> Sequence[TermVersion]:
    """Return every version of a deal's terms, the latest first."""
    return session.scalars(
        sa.select(TermVersion)
        .where(TermVersion.deal_id == deal.id)
        .order_by(TermVersion.number.desc())
    ).all()


def version(session: Session, deal: Deal, number: int) -> TermVersion:
    """Return a version by its number; raises NotFound."""
    found = session.scalars(
        sa.select(TermVersion).where(TermVersion.deal_id == deal.id, TermVersion.number == number)
    ).first()
    if found is None:
        raise NotFound(kind="terms")
    return found


def accepted_terms(session: Session, deal: Deal) -> TermVersion | None:
    """Return the version that both sides accepted last, if any."""
    return _in_state(session, deal, "accepted")


def proposed_terms(session: Session, deal: Deal) -> TermVersion | None:
    """Return the version that waits for an answer, if any."""
    return _in_state(session, deal, "proposed")


def terms_value(terms: TermVersion | None, code: str) -> Any:
    """Return a term's value (JSON by its type), or None where it was left out."""
    return None if terms is None else terms.values.get(code)


def files(session: Session, deal: Deal) -> Sequence[DealFile]:
    """Return a deal's files, the latest first; who may open which is not asked here."""
    return session.scalars(
        sa.select(DealFile).where(DealFile.deal_id == deal.id).order_by(DealFile.id.desc())
    ).all()


def file(session: Session, deal: Deal, public_id: str) -> DealFile:
    """Return a file of a deal; raises NotFound."""
    found = session.scalars(
        sa.select(DealFile).where(DealFile.deal_id == deal.id, DealFile.public_id == public_id)
    ).first()
    if found is None:
        raise NotFound(kind="file")
    return found


def messages(session: Session, deal: Deal) -> Sequence[DealMessage]:
    """Return a deal's messages, the latest first."""
    return session.scalars(
        sa.select(DealMessage).where(DealMessage.deal_id == deal.id).order_by(DealMessage.id.desc())
    ).all()


def signatures(session: Session, terms: TermVersion) -> Sequence[DealSignature]:
    """Return the signatures under a version, in the order in which they came."""
    return session.scalars(
        sa.select(DealSignature)
        .where(DealSignature.version_id == terms.id)
        .order_by(DealSignature.id)
    ).all()


def _in_state(session: Session, deal: Deal, state: str) -> TermVersion | None:
    return session.scalars(
        sa.select(TermVersion).where(TermVersion.deal_id == deal.id, TermVersion.state == state)
    ).first()
