"""Reads of disputes."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.actors import Actor
from tenon.credit import permissions
from tenon.credit.models import CreditDispute, CreditEntry
from tenon.errors import NotFound


def find_dispute(session: Session, public_id: str, *, by: Actor) -> CreditDispute:
    """Return a dispute; raises NotFound, also for one that the actor may not read."""
    found = session.scalar(sa.select(CreditDispute).where(CreditDispute.public_id == public_id))
    if found is None or not permissions.may_see_dispute(by, found):
        raise NotFound(kind="credit_dispute")
    return found


def disputes(
    session: Session, *, open_ones: bool, limit: int, offset: int = 0
) -> tuple[Sequence[CreditDispute], int]:
    """Return disputes with their entries, and how many: open ones oldest first, ended ones newest.

    For operators: nobody else may read other people's.
    """
    wanted = CreditDispute.state == "open" if open_ones else CreditDispute.state != "open"
    total = session.scalar(sa.select(sa.func.count(CreditDispute.id)).where(wanted)) or 0
    order = CreditDispute.raised_at if open_ones else CreditDispute.raised_at.desc()
    rows = session.scalars(
        sa.select(CreditDispute)
        .where(wanted)
        .options(joinedload(CreditDispute.entry).joinedload(CreditEntry.user))
        .order_by(order, CreditDispute.id)
        .limit(limit)
        .offset(offset)
    )
    return rows.all(), total


def own_disputes(session: Session, user_id: int, *, limit: int = 10) -> Sequence[CreditDispute]:
    """Return the latest disputes that a person raised or that are about their entries."""
    about = CreditDispute.entry.has(CreditEntry.user_id == user_id)
    return session.scalars(
        sa.select(CreditDispute)
        .where(sa.or_(CreditDispute.raised_by_id == user_id, about))
        .order_by(CreditDispute.raised_at.desc(), CreditDispute.id.desc())
        .limit(limit)
    ).all()
