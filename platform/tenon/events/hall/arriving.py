"""Checking in: somebody arrived, whoever says so, however often, from however many devices.

Nobody is told of it; it is kept in the history of their part in the event.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, lazyload

from tenon import history
from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, NotFound
from tenon.events.models import CheckIn, Device, Event, Registration
from tenon.events.permissions import may_run

LONGEST_CODE, LONGEST_KEY = 40, 60


@dataclass(frozen=True, slots=True)
class Seen:
    """What the door saw.

    Attributes:
        code: as it was read or typed.
        way: one of CHECK_IN_WAYS.
        at: when, by the device's clock; later than now counts as now.
        client_key: the device's own key of this arrival: sent twice, it is one.
    """

    code: str
    way: str
    at: datetime
    client_key: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of it.

    Attributes:
        result: ``arrived``; ``repeated``, the same arrival once more; ``already``, somebody else
            had checked them in; ``not_confirmed``, ``unknown``, ``other_event``, ``expired``.
        part: whose code it is, where it is one of this event's.
        check_in: what is kept: of ``already`` the one that was first.
    """

    result: str
    part: Registration | None = None
    check_in: CheckIn | None = None

    @property
    def in_hall(self) -> bool:
        """Whether they count as arrived now."""
        return self.check_in is not None


def plain(code: str) -> str:
    """Return a code as it is compared: without spaces and dashes, in small letters."""
    return "".join(each for each in code if not each.isspace() and each != "-").lower()


def check_in(
    session: Session,
    event: Event,
    seen: Seen,
    *,
    by: Actor,
    now: datetime,
    device: Device | None = None,
) -> Arrival:
    """Check somebody in by their code; what cannot be done is said, not raised.

    Of two devices at once one writes the arrival, by the constraint on it; the other is told who
    was first. Raises Forbidden unless the actor organises the event, Conflict where the event is
    not running at all (in preparation, called off).
    """
    _require(event, by)
    part = _find(session, plain(seen.code))
    if part is None:
        return Arrival("unknown")
    if part.event_id != event.id:
        return Arrival("other_event")
    return _arrive(session, event, part, seen, by=by, now=now, device=device)


def check_in_part(
    session: Session,
    event: Event,
    part: Registration,
    *,
    by: Actor,
    now: datetime,
) -> Arrival:
    """Check somebody in who was picked from the list; as ``check_in``."""
    _require(event, by)
    if part.event_id != event.id:
        raise NotFound(kind="event_registration")
    return _arrive(session, event, part, Seen(part.code, "list", now), by=by, now=now)


def undo(session: Session, event: Event, part: Registration, *, by: Actor, now: datetime) -> None:
    """Take a check-in back that was a mistake; nothing happens where there is none."""
    _require(event, by)
    if part.event_id != event.id:
        raise NotFound(kind="event_registration")
    result = session.execute(sa.delete(CheckIn).where(CheckIn.registration_id == part.id))
    if result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        chain = ("event_registration", part.public_id)
        history.record(session, chain=chain, kind="check_in_undone", by=by, now=now)


def _require(event: Event, by: Actor) -> None:
    if not may_run(by, event):
        raise Forbidden("not_allowed")
    if event.state not in ("open", "over"):
        raise Conflict("event_not_open", kind="event")


def _find(session: Session, code: str) -> Registration | None:
    if not code or len(code) > LONGEST_CODE or "\0" in code:
        return None
    return session.scalars(
        sa.select(Registration)
        .where(sa.func.lower(Registration.code) == code)
        .options(
            joinedload(Registration.user).options(lazyload(User.roles), lazyload(User.memberships)),
            joinedload(Registration.organisation),
            joinedload(Registration.group),
        )
    ).first()


def _kept(session: Session, part: Registration) -> CheckIn | None:
    return session.scalars(
        sa.select(CheckIn)
        .where(CheckIn.registration_id == part.id)
        .execution_options(populate_existing=True)
    ).first()


def _arrive(
    session: Session,
    event: Event,
    part: Registration,
    seen: Seen,
    *,
    by: Actor,
    now: datetime,
    device: Device | None = None,
) -> Arrival:
    kept = _kept(session, part)
    if kept is None and part.state != "confirmed":
        return Arrival("not_confirmed", part)
    if kept is None:
        kept = _write(session, event, part, seen, by=by, now=now, device=device)
        if kept is not None:
            facts = {"way": seen.way, "device": device.public_id if device else None}
            chain = ("event_registration", part.public_id)
            history.record(session, chain=chain, kind="checked_in", by=by, now=now, facts=facts)
            return Arrival("arrived", part, kept)
        kept = _kept(session, part)
    if kept is None:  # the key was another's: a device that gives one key to two people
        return Arrival("unknown", part)
    same = seen.client_key is not None and kept.client_key == seen.client_key
    return Arrival("repeated" if same else "already", part, kept)


def _write(
    session: Session,
    event: Event,
    part: Registration,
    seen: Seen,
    *,
    by: Actor,
    now: datetime,
    device: Device | None,
) -> CheckIn | None:
    """Write the arrival; None where somebody else was quicker."""
    made = CheckIn(
        event_id=event.id,
        registration_id=part.id,
        way=seen.way,
        device_id=device.id if device else None,
        client_key=seen.client_key,
        at=_plausible(event, seen.at, now),
        received_at=now,
        by_user_id=by.user_id,
    )
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        return None
    return made


def _plausible(event: Event, at: datetime, now: datetime) -> datetime:
    """Return when it was: never in the future, nor long before the event."""
    return min(max(at, event.starts_at - timedelta(days=1)), now)
