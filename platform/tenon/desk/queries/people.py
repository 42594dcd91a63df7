"""Whom a head may give tasks to: those who work at the places that they head, and below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.network.models import StationAncestor, StationMember

MOST = 300


def staff_of(by: Actor) -> sa.Select[Any]:
    """Return the keys of the people who work where the actor is the head, and below.

    For operators, of all who work in the network.
    """
    wanted = sa.select(StationMember.user_id).where(StationMember.ended_at.is_(None))
    if by.operator:
        return wanted
    if not by.broker:
        return wanted.where(sa.false())
    headed = sa.select(StationMember.station_id).where(
        StationMember.user_id == by.user_id,
        StationMember.role == "head",
        StationMember.ended_at.is_(None),
    )
    below = sa.select(StationAncestor.station_id).where(StationAncestor.ancestor_id.in_(headed))
    return wanted.where(StationMember.station_id.in_(below))


def may_give_to(session: Session, user_id: int, *, by: Actor) -> bool:
    """Whether the actor may set tasks for a person."""
    found = staff_of(by).where(StationMember.user_id == user_id).limit(1)
    return session.scalar(found) is not None


def staff(session: Session, *, by: Actor) -> Sequence[User]:
    """Return the people whom the actor may give tasks to, by name, without the actor."""
    return session.scalars(
        sa.select(User)
        .where(
            User.id.in_(staff_of(by)),
            User.id != by.user_id,
            User.active.is_(True),
            User.erased_at.is_(None),
        )
        .options(lazyload(User.roles), lazyload(User.memberships))
        .order_by(User.name, User.id)
        .limit(MOST)
    ).all()
