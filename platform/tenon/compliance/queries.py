"""Reads of the room by public id, and lists: publicities that run, what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from tenon.actors import ROLE_RANK, Actor
from tenon.compliance.models import Approval, Contributor, FirstRefusal, Objection, Publicity
from tenon.compliance.permissions import OPEN_FOR_APPROVAL, may_answer, may_approve
from tenon.deals.models import Deal, TermVersion
from tenon.deals.permissions import acts_for, may_read
from tenon.deals.services.amending import AMENDED_STAGES
from tenon.errors import NotFound

MOST = 200


def publicities(
    session: Session, today: date, *, limit: int = 20, offset: int = 0
) -> tuple[Sequence[Publicity], int]:
    """Return publicities that run today, the next to end first, and how many there are."""
    wanted = sa.select(Publicity).where(Publicity.state == "running", Publicity.last_on >= today)
    total = session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    rows = session.scalars(
        wanted.order_by(Publicity.last_on, Publicity.id).limit(limit).offset(offset)
    )
    return rows.all(), total


def publicity(session: Session, public_id: str, *, by: Actor, today: date) -> Publicity:
    """Return a publicity: one that runs to anybody, others to the deal's readers and objectors.

    Raises NotFound.
    """
    found = session.scalars(
        sa.select(Publicity)
        .where(Publicity.public_id == public_id)
        .options(joinedload(Publicity.deal))
    ).first()
    if found is None:
        raise NotFound(kind="publicity")
    runs = found.state == "running" and found.last_on >= today
    if not (runs or may_read(by, found.deal) or own_objections(session, found, by)):
        raise NotFound(kind="publicity")
    return found


def own_objections(session: Session, found: Publicity, by: Actor) -> Sequence[Objection]:
    """Return a person's own objections to a publicity."""
    if by.user_id is None:
        return []
    return session.scalars(
        sa.select(Objection)
        .where(Objection.publicity_id == found.id, Objection.user_id == by.user_id)
        .order_by(Objection.id)
    ).all()


def objection(session: Session, public_id: str, *, by: Actor) -> Objection:
    """Return an objection to who made it or acts for the seller; raises NotFound for all others."""
    found = session.scalars(
        sa.select(Objection)
        .where(Objection.public_id == public_id)
        .options(joinedload(Objection.publicity).joinedload(Publicity.deal))
    ).first()
    own = found is not None and by.user_id is not None and found.user_id == by.user_id
    if found is None or not (own or acts_for(by, found.publicity.deal, "seller")):
        raise NotFound(kind="objection")
    return found


def approval(session: Session, public_id: str, *, by: Actor) -> Approval:
    """Return an approval to whom it is to give; raises NotFound for all others."""
    found = session.scalars(
        sa.select(Approval)
        .where(Approval.public_id == public_id)
        .options(joinedload(Approval.deal))
    ).first()
    if found is None or not may_approve(by, found, found.deal):
        raise NotFound(kind="approval")
    return found


def waiting_approvals(session: Session, by: Actor) -> list[Approval]:
    """Return the approvals that are the actor's to give now: their turn has come."""
    waiting = _waiting(by)
    if waiting is None:
        return []
    rows = session.scalars(
        sa.select(Approval)
        .join(Approval.deal)
        .where(waiting)
        .options(contains_eager(Approval.deal))
        .order_by(Approval.asked_at, Approval.id)
        .limit(MOST)
    ).all()
    return list(rows)


def count_waiting(session: Session, by: Actor, today: date) -> int:
    """Return how many approvals and first refusals wait for the actor; asked by every page."""
    if by.user_id is None:
        return 0
    asked = sa.select(sa.func.count()).select_from(FirstRefusal).join(FirstRefusal.contributor)
    asked = asked.join(FirstRefusal.deal).where(_asked(by, today))
    waiting = _waiting(by)
    if waiting is None:
        return session.scalar(asked) or 0
    given = sa.select(sa.func.count()).select_from(Approval).join(Approval.deal).where(waiting)
    both = sa.select(asked.scalar_subquery() + given.scalar_subquery())
    return session.scalar(both) or 0


def first_refusal(session: Session, public_id: str, *, by: Actor) -> FirstRefusal:
    """Return a question of first refusal to its contributor or the seller's side; else NotFound."""
    found = session.scalars(
        sa.select(FirstRefusal)
        .where(FirstRefusal.public_id == public_id)
        .options(joinedload(FirstRefusal.deal))
    ).first()
    if found is None or not (may_answer(by, found) or acts_for(by, found.deal, "seller")):
        raise NotFound(kind="first_refusal")
    return found


def waiting_first_refusals(session: Session, by: Actor, today: date) -> list[FirstRefusal]:
    """Return what the actor is asked as a contributor and may still answer."""
    if by.user_id is None:
        return []
    rows = session.scalars(
        sa.select(FirstRefusal)
        .join(FirstRefusal.contributor)
        .join(FirstRefusal.deal)
        .where(_asked(by, today))
        .options(contains_eager(FirstRefusal.contributor), contains_eager(FirstRefusal.deal))
        .order_by(FirstRefusal.until, FirstRefusal.id)
    ).all()
    return list(rows)


def _asked(by: Actor, today: date) -> sa.ColumnElement[bool]:
    return sa.and_(
        Contributor.user_id == by.user_id,
        FirstRefusal.answer.is_(None),
        FirstRefusal.until >= today,
        sa.or_(Deal.stage.in_(OPEN_FOR_APPROVAL), _of_waiting_amendment()),
    )


def _of_waiting_amendment() -> sa.ColumnElement[bool]:
    waits = sa.exists().where(
        TermVersion.id == FirstRefusal.version_id, TermVersion.state == "proposed"
    )
    return sa.and_(Deal.stage.in_(AMENDED_STAGES), waits)


def _waiting(by: Actor) -> sa.ColumnElement[bool] | None:
    """Return the condition that an approval is the actor's to give now; None where none can be."""
    mine = _mine(by)
    if mine is None:
        return None
    earlier = sa.orm.aliased(Approval)
    before = (
        sa.select(earlier.id)
        .where(
            earlier.version_id == Approval.version_id,
            earlier.side == Approval.side,
            earlier.position < Approval.position,
            earlier.state != "approved",
        )
        .exists()
    )
    return sa.and_(Approval.state == "waiting", Deal.stage.in_(OPEN_FOR_APPROVAL), mine, ~before)


def _mine(by: Actor) -> sa.ColumnElement[bool] | None:
    """Return ``permissions.may_approve`` in SQL, or None for who belongs to nothing."""
    if by.user_id is None or not by.memberships:
        return None
    house = sa.case(
        (Approval.side == "seller", Deal.seller_organisation_id),
        else_=Deal.buyer_organisation_id,
    )
    own = sorted(by.memberships)
    ways: list[sa.ColumnElement[bool]] = [sa.and_(Approval.user_id == by.user_id, house.in_(own))]
    for role in ("editor", "administrator"):
        houses = [key for key in own if ROLE_RANK[by.memberships[key]] >= ROLE_RANK[role]]
        if houses:
            ways.append(sa.and_(Approval.role == role, house.in_(houses)))
    return sa.or_(*ways)
