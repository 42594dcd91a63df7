"""Phones and tablets at the door: what they may hold, until when, and what they send later.

A device holds names, organisations and codes of those who take part, for a day at most; no contact
data. One that was withdrawn gets nothing more and deletes what it holds when it next asks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon import history
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.events.hall.arriving import Arrival, Seen, check_in, plain
from tenon.events.hall.people import Person, person, sources
from tenon.events.models import CheckIn, Device, Event, Registration
from tenon.events.permissions import may_run

HELD = timedelta(hours=14)
"""How long a list stays on a device: one long day."""
AFTER = timedelta(hours=3)
"""How long after the event's end at most."""
AT_ONCE = 500
"""Arrivals that a device may send in one go."""


def register(session: Session, event: Event, *, name: str, by: Actor, now: datetime) -> Device:
    """Let a device hold the list; raises Forbidden, Conflict after the event, Invalid."""
    if not may_run(by, event):
        raise Forbidden("not_allowed")
    called = name.strip()
    if not called or len(called) > 80:
        raise Invalid({"name": "required" if not called else "too_long"})
    made = Device(
        event_id=event.id,
        user_id=by.user_id,
        name=called,
        roster_until=_until(event, now),
        created_at=now,
    )
    session.add(made)
    session.flush()
    _note(session, made, "registered", by=by, now=now)
    return made


def find(session: Session, public_id: str, *, by: Actor) -> Device:
    """Return a device to whoever organises its event; NotFound for all others."""
    found = session.scalars(
        sa.select(Device)
        .where(Device.public_id == public_id)
        .options(joinedload(Device.event).joinedload(Event.organisation))
    ).first()
    if found is None or not may_run(by, found.event):
        raise NotFound(kind="event_device")
    return found


def devices_of(session: Session, event: Event) -> Sequence[Device]:
    """Return an event's devices, newest first, withdrawn ones too."""
    return session.scalars(
        sa.select(Device).where(Device.event_id == event.id).order_by(Device.id.desc())
    ).all()


def renew(session: Session, device: Device, *, by: Actor, now: datetime) -> None:
    """Let a device hold the list for another day; raises Conflict for a withdrawn one."""
    _require_kept(device)
    device.roster_until = _until(device.event, now)
    session.flush()
    _note(session, device, "renewed", by=by, now=now)


def withdraw(session: Session, device: Device, *, by: Actor, now: datetime) -> None:
    """Take the list from a device for good; once more changes nothing."""
    result = session.execute(
        sa.update(Device)
        .where(Device.id == device.id, Device.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
        .execution_options(synchronize_session=False)
    )
    session.refresh(device, ["withdrawn_at"])
    if result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        _note(session, device, "withdrawn", by=by, now=now)


def roster(session: Session, device: Device, *, now: datetime) -> list[Person]:
    """Return the list for a device; raises Conflict where it may not hold one."""
    require_current(device, now=now)
    return roster_of(session, device.event)


def roster_of(session: Session, event: Event) -> list[Person]:
    """Return everybody with a confirmed place, by name; one statement."""
    them = sources()
    query = sa.select(*them.columns()).select_from(them.registration)
    rows = session.execute(
        them.join(query)
        .where(them.registration.event_id == event.id, them.registration.state == "confirmed")
        .order_by(them.user.name, them.registration.id)
    )
    return [person(row) for row in rows]


def arrived(session: Session, event: Event) -> list[tuple[int, str, datetime]]:
    """Return (key, code of the part, when) of everybody who is checked in."""
    rows = session.execute(
        sa.select(CheckIn.id, Registration.code, CheckIn.at)
        .join(Registration, Registration.id == CheckIn.registration_id)
        .where(CheckIn.event_id == event.id)
        .order_by(CheckIn.id)
    )
    return [(key, code, at) for key, code, at in rows]


def stamp_of(codes: Iterable[str]) -> str:
    """Return what two lists of who is here agree in if they hold the same codes, only then.

    A device makes the same of its own list: sixteen digits of the SHA-256 of the codes as they
    are compared, sorted, with a comma between them.
    """
    text = ",".join(sorted(plain(code) for code in codes))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def sync(
    session: Session, device: Device, seen: Sequence[Seen], *, by: Actor, now: datetime
) -> list[Arrival]:
    """Take over what a device noted without network, in its order; one answer each.

    What it noted after its list had expired is not taken over. Raises Conflict for a withdrawn
    device, Invalid for more than ``AT_ONCE``.
    """
    _require_kept(device)
    if len(seen) > AT_ONCE:
        raise Invalid({"entries": "too_long"})
    device.synced_at = now
    session.flush()
    return [
        Arrival("expired")
        if min(each.at, now) > device.roster_until
        else check_in(session, device.event, each, by=by, now=now, device=device)
        for each in seen
    ]


def require_current(device: Device, *, now: datetime) -> None:
    """Raise Conflict (``device_withdrawn``, ``roster_expired``) where it may hold no list."""
    _require_kept(device)
    if device.roster_until <= now:
        raise Conflict("roster_expired", kind="event_device")


def _require_kept(device: Device) -> None:
    if device.withdrawn_at is not None:
        raise Conflict("device_withdrawn", kind="event_device")


def _until(event: Event, now: datetime) -> datetime:
    until = min(now + HELD, event.ends_at + AFTER)
    if until <= now or event.state not in ("open", "over"):
        raise Conflict("event_not_open", kind="event")
    return until


def _note(session: Session, device: Device, kind: str, *, by: Actor, now: datetime) -> None:
    chain = ("event_device", device.public_id)
    facts = {"event": device.event_id, "until": device.roster_until.isoformat()}
    history.record(session, chain=chain, kind=kind, by=by, now=now, facts=facts)
