"""Who works at a place: added, given another role, ended; every change in the place's history."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import Conflict, Invalid
from tenon.network import notifying, recording
from tenon.network.clocks import today
from tenon.network.models import MEMBER_ROLES, Station, StationMember
from tenon.network.queries import heads
from tenon.network.queries.people import is_broker as can_work

__all__ = ["add_member", "can_work", "change_role", "end_member", "finish", "place"]


def add_member(
    session: Session,
    station: Station,
    user: User,
    *,
    role: str,
    since: date | None = None,
    by: Actor,
    now: datetime,
) -> StationMember:
    """Have a broker work at a place; heads add brokers and liaisons at and below their place.

    A head is named by who manages the place above. Raises NotFound, Forbidden, Invalid at
    ``person`` (no broker, there already), ``role``, ``since``; Conflict where the place is closed.
    """
    heads.require_manages(session, by, station)
    _require_may_name(session, station, role, by=by)
    if station.state == "closed":
        raise Conflict("place_closed", kind="station")
    errors: dict[str, str] = {}
    if not can_work(user):
        errors["person"] = "not_a_broker"
    elif _live(session, station, user) is not None:
        errors["person"] = "already_here"
    if since is not None and since > today(now):
        errors["since"] = "in_the_future"
    if errors:
        raise Invalid(errors)
    member = place(session, station, user, role=role, since=since, by=by, now=now)
    notifying.tell_placed(session, member, now=now, by=by)
    return member


def place(
    session: Session,
    station: Station,
    user: User,
    *,
    role: str,
    since: date | None = None,
    by: Actor,
    now: datetime,
) -> StationMember:
    """Write that somebody works at a place; permissions are the caller's business.

    Raises Invalid at ``person`` where somebody else did the same at the same time.
    """
    member = StationMember(
        station_id=station.id,
        user_id=user.id,
        role=role,
        since=since or today(now),
        added_by=by.user_id,
    )
    try:
        with session.begin_nested():
            session.add(member)
    except IntegrityError:
        raise Invalid({"person": "already_here"}) from None
    facts = {"role": role, "person": recording.digest(user)}
    recording.of_station(session, station, "member_added", facts, by=by, now=now)
    return member


def change_role(
    session: Session, member: StationMember, *, role: str, by: Actor, now: datetime
) -> None:
    """Give somebody another role at their place; raises as ``add_member``."""
    heads.require_manages(session, by, member.station)
    _require_open(member)
    for each in (role, member.role):
        _require_may_name(session, member.station, each, by=by)
    if role == member.role:
        return
    member.role = role
    session.flush()
    facts = {"role": role, "person": recording.digest(member.user)}
    recording.of_station(session, member.station, "member_changed", facts, by=by, now=now)


def end_member(
    session: Session,
    member: StationMember,
    *,
    until: date | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """End somebody's work at a place: today or on a day that has passed; what they have stays.

    Raises NotFound, Forbidden, Invalid at ``until``, Conflict where it has ended already.
    """
    heads.require_manages(session, by, member.station)
    _require_may_name(session, member.station, member.role, by=by)
    _require_open(member)
    day = until or today(now)
    if not member.since <= day <= today(now):
        raise Invalid({"until": "out_of_range"})
    finish(session, member, until=day, by=by, now=now)


def finish(
    session: Session,
    member: StationMember,
    *,
    until: date | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Write that somebody works at a place no longer; permissions are the caller's business."""
    day = max(until or today(now), member.since)
    result = session.execute(
        sa.update(StationMember)
        .where(StationMember.id == member.id, StationMember.ended_at.is_(None))
        .values(until=day, ended_at=now)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind="member")
    session.refresh(member)
    facts = {"role": member.role, "person": recording.digest(member.user)}
    recording.of_station(session, member.station, "member_ended", facts, by=by, now=now)


def _live(session: Session, station: Station, user: User) -> StationMember | None:
    return session.scalar(
        sa.select(StationMember).where(
            StationMember.station_id == station.id,
            StationMember.user_id == user.id,
            StationMember.ended_at.is_(None),
        )
    )


def _require_open(member: StationMember) -> None:
    if member.ended_at is not None:
        raise Conflict("changed_meanwhile", kind="member")


def _require_may_name(session: Session, station: Station, role: str, *, by: Actor) -> None:
    """Check a role; heads are made and unmade from above, else one could not be replaced."""
    if role not in MEMBER_ROLES:
        raise Invalid({"role": "unknown_code"})
    if role == "head":
        heads.require_manages_above(session, by, station)
