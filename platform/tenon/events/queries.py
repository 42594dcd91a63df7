"""Events and parts in them by public id; whom they are visible to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.actors import ROLE_RANK, Actor
from tenon.errors import Forbidden, NotFound
from tenon.events.models import (
    Event,
    EventInterpreter,
    EventSlot,
    EventTable,
    Registration,
    TimetableDraft,
)
from tenon.events.permissions import may_act_for, may_run


def run_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that the actor organises an event."""
    if actor.operator or actor.system:
        return sa.true()
    houses = sorted(
        house for house, role in actor.memberships.items() if ROLE_RANK[role] >= ROLE_RANK["editor"]
    )
    ways: list[sa.ColumnElement[bool]] = []
    if houses:
        ways.append(Event.organisation_id.in_(houses))
    if actor.broker:
        ways.append(Event.owner_id == actor.user_id)
    return sa.or_(*ways) if ways else sa.false()


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that the actor may know of an event."""
    return sa.or_(Event.state != "draft", run_by(actor))


def find(session: Session, public_id: str, *, by: Actor) -> Event:
    """Return an event that the actor may know of; raises NotFound for all others."""
    found = session.scalars(
        sa.select(Event)
        .where(Event.public_id == public_id, visible_to(by))
        .options(joinedload(Event.organisation))
    ).first()
    if found is None:
        raise NotFound(kind="event")
    return found


def find_to_run(session: Session, public_id: str, *, by: Actor) -> Event:
    """Return an event for its organiser; NotFound where it is hidden, Forbidden for others."""
    event = find(session, public_id, by=by)
    if not may_run(by, event):
        raise Forbidden("not_allowed")
    return event


def registration_of(session: Session, event: Event, user_id: int | None) -> Registration | None:
    """Return a person's live part in an event, or None."""
    if user_id is None:
        return None
    return session.scalars(
        sa.select(Registration).where(
            Registration.event_id == event.id,
            Registration.user_id == user_id,
            Registration.live_key.is_not(None),
        )
    ).first()


def registration(session: Session, public_id: str, *, by: Actor) -> Registration:
    """Return a part in an event to whoever may act for it; raises NotFound for all others."""
    found = session.scalars(
        sa.select(Registration)
        .where(Registration.public_id == public_id)
        .options(joinedload(Registration.event), joinedload(Registration.user))
    ).first()
    if found is None or not may_act_for(by, found):
        raise NotFound(kind="event_registration")
    return found


def slots_of(session: Session, event: Event) -> Sequence[EventSlot]:
    """Return an event's slots in order."""
    return session.scalars(
        sa.select(EventSlot).where(EventSlot.event_id == event.id).order_by(EventSlot.number)
    ).all()


def tables_of(session: Session, event: Event) -> Sequence[EventTable]:
    """Return an event's tables in order of rooms."""
    return session.scalars(
        sa.select(EventTable)
        .where(EventTable.event_id == event.id)
        .options(joinedload(EventTable.room))
        .order_by(EventTable.room_id, EventTable.position)
    ).all()


def has_timetable(session: Session, event: Event) -> bool:
    """Whether a timetable of the event has been released."""
    released = sa.exists().where(
        TimetableDraft.event_id == event.id, TimetableDraft.state == "released"
    )
    return bool(session.scalar(sa.select(released)))


def timetable_by(session: Session, event: Event, now: datetime) -> datetime | None:
    """Return by when people can expect the timetable; None where it is there, or nobody said."""
    until = event.schedule_until
    if until is None or until <= now or event.state != "open" or has_timetable(session, event):
        return None
    return until


def interpreters_of(session: Session, event: Event) -> Sequence[EventInterpreter]:
    """Return an event's interpreters in the order in which they were entered."""
    return session.scalars(
        sa.select(EventInterpreter)
        .where(EventInterpreter.event_id == event.id)
        .order_by(EventInterpreter.id)
    ).all()
