"""Whom the network obeys: heads of a place manage it and all below it, operators everything."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.errors import Forbidden, NotFound
from tenon.network.models import Station, StationAncestor, StationMember


def headed_stations(session: Session, actor: Actor) -> frozenset[int]:
    """Return the keys of the places that somebody heads and of all below them.

    Empty for operators, who need none, and for whoever is no broker (any more).
    """
    if not actor.broker or actor.user_id is None:
        return frozenset()
    return frozenset(
        session.scalars(
            sa.select(StationAncestor.station_id)
            .join(StationMember, StationMember.station_id == StationAncestor.ancestor_id)
            .where(
                StationMember.user_id == actor.user_id,
                StationMember.role == "head",
                StationMember.ended_at.is_(None),
            )
        )
    )


def manages(session: Session, actor: Actor, station_id: int) -> bool:
    """Whether the actor manages a place: its head, one above, an operator."""
    return actor.operator or station_id in headed_stations(session, actor)


def manages_above(session: Session, actor: Actor, station: Station) -> bool:
    """Whether the actor manages the place above: moves, closes and names the head of this one."""
    if actor.operator:
        return True
    return station.parent_id is not None and station.parent_id in headed_stations(session, actor)


def manages_anything(session: Session, actor: Actor) -> bool:
    """Whether the actor manages any place at all."""
    return actor.operator or bool(headed_stations(session, actor))


def require_manages(session: Session, actor: Actor, station: Station) -> None:
    """Raise NotFound to whom the place is out of sight, Forbidden to who only works there."""
    if manages(session, actor, station.id):
        return
    if actor.broker and station.id in actor.stations:
        raise Forbidden(action="manage_place")
    raise NotFound(kind="station")


def require_manages_above(session: Session, actor: Actor, station: Station) -> None:
    """Raise as ``require_manages``, unless the actor manages the place above."""
    if not manages_above(session, actor, station):
        require_manages(session, actor, station)
        raise Forbidden(action="manage_place")


def manages_broker(session: Session, actor: Actor, user_id: int) -> bool:
    """Whether the actor looks after a broker's affairs: all places of theirs lie below the actor.

    So the head of one of two places does not dispose of what a broker has at the other.
    """
    if actor.operator:
        return True
    headed = headed_stations(session, actor)
    if not headed:
        return False
    where = set(
        session.scalars(
            sa.select(StationMember.station_id).where(
                StationMember.user_id == user_id, StationMember.ended_at.is_(None)
            )
        )
    )
    return bool(where) and where <= headed
