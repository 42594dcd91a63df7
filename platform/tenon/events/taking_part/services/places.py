"""Places of an event: who has one, who is next, and how a part in it ends.

Everything that gives or frees a place locks the event's row first, so that of two who want the
last one the second sees that it is gone. Knows no page.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM, Actor
from tenon.errors import Conflict
from tenon.events.models import Event, Registration
from tenon.events.states import ACTIVE_REGISTRATIONS, REGISTRATION, TAKES_A_PLACE
from tenon.events.taking_part.phases import offer_until
from tenon.outbox import emit


def lock(session: Session, event: Event) -> Event:
    """Make others who give or free places of this event wait; return it as it is now."""
    session.flush()
    return session.scalars(
        sa.select(Event)
        .where(Event.id == event.id)
        .with_for_update(of=Event)
        .execution_options(populate_existing=True)
    ).one()


def free_places(session: Session, event: Event) -> int | None:
    """Return how many places are free, at least 0; None without a limit."""
    if event.capacity is None:
        return None
    taken = session.scalar(
        sa.select(sa.func.count(Registration.id)).where(
            Registration.event_id == event.id, Registration.state.in_(TAKES_A_PLACE)
        )
    )
    return max(0, event.capacity - (taken or 0))


def next_place(session: Session, event: Event) -> int:
    """Return the number for whoever joins the waiting list now; the event is locked."""
    last = session.scalar(
        sa.select(sa.func.max(Registration.place)).where(Registration.event_id == event.id)
    )
    return (last or 0) + 1


def offer_free_places(session: Session, event: Event, *, now: datetime) -> list[Registration]:
    """Offer every free place to whoever waits longest; return those who got an offer.

    An offer is held for a while, then lapses by itself. Nothing is offered of an event that is
    not public any more or has begun.
    """
    event = lock(session, event)
    if event.state != "open" or now >= event.starts_at:
        return []
    free = free_places(session, event)
    waiting = session.scalars(
        sa.select(Registration)
        .where(Registration.event_id == event.id, Registration.state == "waiting")
        .order_by(Registration.place)
        .limit(free)
        .execution_options(populate_existing=True)
    ).all()
    until = offer_until(event, now)
    for each in waiting:
        along = {"place": None, "offer_until": until, "state_since": now}
        REGISTRATION.move(each, "offer", by=SYSTEM, now=now, along=along)
        emit(session, "events.offer_due", {"id": each.id}, now=now, at=until)
    return list(waiting)


def step(
    registration: Registration,
    name: str,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    place: int | None = None,
    expected_version: int | None = None,
) -> None:
    """Take a step of somebody's part; the event is locked and ``registration`` read anew.

    Raises IllegalTransition, and Conflict where somebody was faster than who looked at
    ``expected_version``.
    """
    if expected_version is not None and registration.version != expected_version:
        raise Conflict("changed_meanwhile", kind=REGISTRATION.kind)
    target = REGISTRATION.changes[name].target
    along: dict[str, Any] = {"place": place, "offer_until": None, "state_since": now}
    if reason is not None:
        along["state_reason"] = reason
    if by.user_id is not None and name in ("approve", "queue", "decline"):
        along["decided_by"] = by.user_id
    if target not in ACTIVE_REGISTRATIONS:
        along |= {"live_key": None, "table_id": None}
    REGISTRATION.move(registration, name, by=by, now=now, along=along)


def end(
    session: Session,
    registration: Registration,
    name: str,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    expected_version: int | None = None,
) -> None:
    """End somebody's part (cancel, decline, lapse) and offer the place that this frees.

    Later rooms follow ``event.registration_ended`` ({id, event_id, step, was}): their meetings
    are called off there.
    """
    event = lock_with(session, registration)
    was = registration.state
    step(
        registration, name, by=by, now=now, reason=reason,
        expected_version=expected_version,
    )  # fmt: skip
    payload = {"id": registration.id, "event_id": event.id, "step": name, "was": was}
    emit(session, "event.registration_ended", payload, now=now)
    offer_free_places(session, event, now=now)


def lock_with(session: Session, registration: Registration) -> Event:
    """Lock the event of a part and read the part anew; return the event."""
    event = lock(session, registration.event)
    session.refresh(registration)
    return event
