"""Reads of the tree of places: one, all, what lies below, the public's directory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.network.models import LEVELS, Station, StationAncestor, StationMember
from tenon.taxonomy import catalogue


@dataclass(frozen=True, slots=True)
class Branch:
    """A place in the order of the tree, drawn from the top.

    Attributes:
        station: the place.
        depth: how many places shown lie above it, 0 at the top.
    """

    station: Station
    depth: int


def find_station(session: Session, public_id: str) -> Station:
    """Return a place by public id, closed ones too; raises NotFound."""
    found = session.scalar(
        sa.select(Station)
        .where(Station.public_id == public_id)
        .options(joinedload(Station.parent), joinedload(Station.organisation))
    )
    if found is None:
        raise NotFound(kind="station")
    return found


def knows_inside(actor: Actor, station: Station) -> bool:
    """Whether the actor knows who works at a place and what lies there: own, below, operators."""
    return actor.operator or (actor.broker and station.id in actor.stations)


def places(
    session: Session,
    *,
    within: Collection[int] | None = None,
    region: str = "",
    closed: bool = False,
) -> Sequence[Branch]:
    """Return places in the order of the tree, by code among siblings.

    Args:
        session: to read with.
        within: only these keys; None for all.
        region: code; a place of the region or of one below it, with whatever lies above it.
        closed: closed ones too.
    """
    wanted = sa.select(Station).options(joinedload(Station.organisation))
    if within is not None:
        wanted = wanted.where(Station.id.in_(sorted(within)))
    if not closed:
        wanted = wanted.where(Station.state == "active")
    found = session.scalars(wanted.order_by(Station.code)).all()
    if region and catalogue.find("region", region) is not None:
        found = _of_region(found, set(catalogue.descendant_codes("region", region)))
    return _drawn(found)


def _of_region(found: Sequence[Station], codes: Collection[str]) -> list[Station]:
    known = {each.id: each for each in found}
    kept: set[int] = set()
    for each in found:
        if each.region in codes:
            above: Station | None = each
            while above is not None and above.id not in kept:
                kept.add(above.id)
                above = known.get(above.parent_id or 0)
    return [each for each in found if each.id in kept]


def _drawn(found: Iterable[Station]) -> list[Branch]:
    rows = list(found)
    shown = {each.id for each in rows}
    below: dict[int | None, list[Station]] = {}
    for each in rows:
        below.setdefault(each.parent_id if each.parent_id in shown else None, []).append(each)
    drawn: list[Branch] = []

    def draw(parent: int | None, depth: int) -> None:
        for each in below.get(parent, ()):
            drawn.append(Branch(each, depth))
            draw(each.id, depth + 1)

    draw(None, 0)
    return drawn


def below(session: Session, station_id: int) -> frozenset[int]:
    """Return the keys of a place and of all below it."""
    row = StationAncestor
    return frozenset(
        session.scalars(sa.select(row.station_id).where(row.ancestor_id == station_id))
    )


def around(session: Session, station_ids: Collection[int]) -> frozenset[int]:
    """Return the keys of these places and of all above them."""
    row = StationAncestor
    wanted = sa.select(row.ancestor_id).where(row.station_id.in_(sorted(station_ids))).distinct()
    return frozenset(session.scalars(wanted))


def above(session: Session, station_id: int) -> Sequence[Station]:
    """Return the places above a place, the next first."""
    row = StationAncestor
    return session.scalars(
        sa.select(Station)
        .join(row, row.ancestor_id == Station.id)
        .where(row.station_id == station_id, row.distance > 0)
        .order_by(row.distance)
    ).all()


def children(session: Session, station: Station) -> Sequence[Station]:
    """Return the places directly below that are not closed, by code."""
    return session.scalars(
        sa.select(Station)
        .where(Station.parent_id == station.id, Station.state == "active")
        .order_by(Station.code)
    ).all()


def parents_for(session: Session, level: str, *, within: Collection[int] | None) -> list[Branch]:
    """Return the active places below which one of ``level`` may lie; ``within`` as in places."""
    higher = LEVELS[: LEVELS.index(level)]
    found = places(session, within=within)
    return [each for each in found if each.station.level in higher]


def member_counts(session: Session) -> Mapping[int, int]:
    """Return place -> how many work there now."""
    rows = session.execute(
        sa.select(StationMember.station_id, sa.func.count())
        .where(StationMember.ended_at.is_(None))
        .group_by(StationMember.station_id)
    )
    return dict(rows.all())


def answer_days(session: Session, station_id: int) -> int | None:
    """Return within how many working days a need is answered at a place: as it or one above says.

    None where none of them says so; then the site's rule decides.
    """
    row = StationAncestor
    return session.scalar(
        sa.select(Station.answer_days)
        .join(row, row.ancestor_id == Station.id)
        .where(row.station_id == station_id, Station.answer_days.is_not(None))
        .order_by(row.distance)
        .limit(1)
    )
