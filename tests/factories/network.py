"""Places of the service network and who works there, for tests; flushed, no history written.

The flat tree (``StationAncestor``) is written along, so that sight follows at once.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.network.models import Station, StationAncestor, StationMember
from tests.factories.accounts import grant_role, make_user
from tests.factories.listings import NOW


def make_station(
    session: Session,
    *,
    level: str = "station",
    parent: Station | None = None,
    **columns: Any,
) -> Station:
    """An active place below ``parent``; without one, below a new centre unless it is a centre."""
    if parent is None and level != "centre":
        parent = make_station(session, level="centre")
    stem = uuid.uuid4().hex[:8]
    values: dict[str, Any] = {
        "code": f"{level}-{stem}",
        "name_zh": f"示例{_CALLED[level]}{stem}",
        "name_en": f"Sample {level} {stem}",
        "created_at": NOW,
    } | columns
    station = Station(level=level, parent_id=None if parent is None else parent.id, **values)
    session.add(station)
    session.flush()
    above = [] if parent is None else _above(session, parent)
    session.add(StationAncestor(station_id=station.id, ancestor_id=station.id, distance=0))
    session.add_all(
        StationAncestor(station_id=station.id, ancestor_id=key, distance=distance + 1)
        for key, distance in above
    )
    session.flush()
    return station


_CALLED = {"centre": "中心", "node": "节点", "station": "驿站"}


def _above(session: Session, station: Station) -> list[tuple[int, int]]:
    """Return (key, distance) of a place itself and of all above it."""
    row = StationAncestor
    wanted = sa.select(row.ancestor_id, row.distance).where(row.station_id == station.id)
    return [(key, distance) for key, distance in session.execute(wanted)]


def make_station_member(
    session: Session,
    station: Station,
    user: User | None = None,
    *,
    role: str = "broker",
    **columns: Any,
) -> User:
    """Somebody who works at a place, a broker by role; a new person unless one is given.

    Ask ``actor_for`` after this: an actor is a picture of the moment.
    """
    person = user or make_user(session)
    if all(held.name != "broker" for held in person.roles):
        grant_role(session, person, "broker")
    values: dict[str, Any] = {"since": NOW.date()} | columns
    session.add(StationMember(station_id=station.id, user_id=person.id, role=role, **values))
    session.flush()
    return person


@dataclass(frozen=True)
class Tree:
    """A small network: a centre, two nodes, two stations below the first node, one below the other.

    ``sibling`` is beside ``station`` under ``node``; ``far`` is under ``other_node``.
    """

    centre: Station
    node: Station
    other_node: Station
    station: Station
    sibling: Station
    far: Station


def make_tree(session: Session) -> Tree:
    """A network of all three levels with siblings at each; nobody works there yet."""
    centre = make_station(session, level="centre")
    node = make_station(session, level="node", parent=centre)
    other_node = make_station(session, level="node", parent=centre)
    return Tree(
        centre,
        node,
        other_node,
        make_station(session, parent=node),
        make_station(session, parent=node),
        make_station(session, parent=other_node),
    )
