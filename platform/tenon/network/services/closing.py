"""Close a place: when nothing lies there any more, or by handing all of it up."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.errors import Conflict, Invalid
from tenon.network import lying_here, recording
from tenon.network.models import PortfolioFirm, Station, StationMember
from tenon.network.queries import heads, tree
from tenon.network.services import staffing
from tenon.network.services.tree import close_row, move_station


def close_station(
    session: Session,
    station: Station,
    *,
    hand_up: bool = False,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Close a place: its people work there no longer, what lies there goes up if ``hand_up``.

    With ``hand_up`` places below hang under the one above, its people go on there (a head as a
    broker, unless they work there already), and every room moves what it keeps. Without, raises
    Invalid at ``hand_up`` (``not_empty``) while anything is left. A centre has nothing above it and
    closes empty. Raises NotFound, Forbidden, Conflict besides.
    """
    heads.require_manages_above(session, by, station)
    if station.state == "closed":
        raise Conflict("place_closed", kind="station")
    below = tree.children(session, station)
    parent = station.parent
    if hand_up and parent is not None:
        for each in below:
            move_station(session, each, parent, by=by, now=now)
        moved = _hand_up(session, station, parent, by=by, now=now)
    else:
        if below or any(number for _, number in lying_here.counts(session, station.id)):
            raise Invalid({"hand_up": "not_empty"})
        moved = {}
        _send_home(session, station, by=by, now=now)
    close_row(session, station, expected_version=expected_version)
    recording.of_station(session, station, "closed", {"handed_up": moved}, by=by, now=now)


def _hand_up(
    session: Session, station: Station, parent: Station, *, by: Actor, now: datetime
) -> dict[str, int]:
    members = _members(session, station)
    there = {each.user_id for each in _members(session, parent)}
    _send_home(session, station, by=by, now=now)
    for each in members:
        if each.user_id not in there and staffing.can_work(each.user):
            role = "broker" if each.role == "head" else each.role
            staffing.place(session, parent, each.user, role=role, by=by, now=now)
    return {
        each.code: each.hand_up(session, station.id, parent.id, by=by, now=now)
        for each in lying_here.kinds()
    }


def _send_home(session: Session, station: Station, *, by: Actor, now: datetime) -> None:
    for each in _members(session, station):
        staffing.finish(session, each, by=by, now=now)


def _members(session: Session, station: Station) -> list[StationMember]:
    wanted = sa.select(StationMember).where(
        StationMember.station_id == station.id, StationMember.ended_at.is_(None)
    )
    return list(session.scalars(wanted.order_by(StationMember.id)))


def count_firms(session: Session, station_id: int) -> int:
    """Return how many firms are looked after at a place."""
    wanted = sa.select(sa.func.count()).where(
        PortfolioFirm.station_id == station_id, PortfolioFirm.ended_at.is_(None)
    )
    return session.scalar(wanted) or 0


def firms_up(
    session: Session,
    from_id: int,
    to_id: int,
    *,
    by: Actor,  # noqa: ARG001  # the register's form
    now: datetime,  # noqa: ARG001  # the register's form
) -> int:
    """Move portfolios to the place above; who looks after a firm stays the same."""
    result = session.execute(
        sa.update(PortfolioFirm)
        .where(PortfolioFirm.station_id == from_id, PortfolioFirm.ended_at.is_(None))
        .values(station_id=to_id)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a DML result has it


lying_here.register(
    lying_here.Kind("firms", lying_here.N_("Firms"), count_firms, firms_up, order=10)
)


def lying(session: Session, station: Station) -> list[tuple[str, int]]:
    """Return (label, number) of what lies at a place, by kind."""
    return [(kind.label, number) for kind, number in lying_here.counts(session, station.id)]
