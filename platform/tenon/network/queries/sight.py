"""Which places somebody sees: their own and all below them; the same as SQL where lists need it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, object_session

from tenon.accounts import actor_parts
from tenon.accounts.models import User
from tenon.network.models import StationAncestor, StationMember


def covered_stations(session: Session, user_id: int) -> frozenset[int]:
    """Return the keys of the places where a person works and of all below them."""
    rows = session.scalars(
        sa.select(StationAncestor.station_id)
        .join(StationMember, StationMember.station_id == StationAncestor.ancestor_id)
        .where(StationMember.user_id == user_id, StationMember.ended_at.is_(None))
    )
    return frozenset(rows)


def _of_brokers(user: User) -> frozenset[int]:
    """Return what a broker covers; nobody else works in the network."""
    session = object_session(user)
    if session is None or all(role.name != "broker" for role in user.roles):
        return frozenset()
    return covered_stations(session, user.id)


actor_parts.register_stations(_of_brokers)
