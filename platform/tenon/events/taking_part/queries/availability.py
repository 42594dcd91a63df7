"""When those who take part are not free: what they said, and sessions in which they speak."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.events.models import (
    Absence,
    Event,
    EventSession,
    EventSlot,
    EventSpeaker,
    Registration,
)
from tenon.events.queries import slots_of


@dataclass(frozen=True, slots=True)
class Day:
    """One day's slots, with the local date."""

    day: date
    slots: tuple[EventSlot, ...]


def days_of(session: Session, event: Event) -> list[Day]:
    """Return an event's slots by local day, in order."""
    found: dict[date, list[EventSlot]] = defaultdict(list)
    for slot in slots_of(session, event):
        found[event.local(slot.starts_at).date()].append(slot)
    return [Day(day, tuple(slots)) for day, slots in sorted(found.items())]


def absent_numbers(session: Session, registration: Registration) -> frozenset[int]:
    """Return the numbers of slots in which somebody said that they are not free."""
    return frozenset(
        session.scalars(
            sa.select(EventSlot.number)
            .join(Absence, Absence.slot_id == EventSlot.id)
            .where(Absence.registration_id == registration.id)
        )
    )


def absences(session: Session, event: Event) -> Mapping[int, frozenset[int]]:
    """Return registration -> keys of slots in which they cannot meet; three statements.

    What they said, and sessions in which they speak, which are read anew each time so that a
    session that is moved moves their absence too. Slots of sessions for all are in
    ``slots_for_all``.
    """
    found: dict[int, set[int]] = defaultdict(set)
    said = session.execute(
        sa.select(Absence.registration_id, Absence.slot_id)
        .join(Registration, Registration.id == Absence.registration_id)
        .where(Registration.event_id == event.id)
    )
    for registration_id, slot_id in said:
        found[registration_id].add(slot_id)
    for registration_id, slot_id in _speaking(session, event):
        found[registration_id].add(slot_id)
    return {key: frozenset(slots) for key, slots in found.items()}


def slots_for_all(session: Session, event: Event) -> frozenset[int]:
    """Return keys of slots in which nobody meets, since a session is for all."""
    sessions = session.scalars(
        sa.select(EventSession).where(EventSession.event_id == event.id, EventSession.for_all)
    ).all()
    return frozenset(
        slot.id for slot in slots_of(session, event) if any(_overlap(slot, it) for it in sessions)
    )


def speaks_in(session: Session, registration: Registration) -> Sequence[EventSession]:
    """Return the sessions in which somebody speaks, in order."""
    return session.scalars(
        sa.select(EventSession)
        .join(EventSpeaker, EventSpeaker.session_id == EventSession.id)
        .where(EventSpeaker.registration_id == registration.id)
        .order_by(EventSession.starts_at)
    ).all()


def _speaking(session: Session, event: Event) -> list[tuple[int, int]]:
    rows = session.execute(
        sa.select(EventSpeaker.registration_id, EventSlot.id)
        .join(EventSession, EventSession.id == EventSpeaker.session_id)
        .join(
            EventSlot,
            sa.and_(
                EventSlot.event_id == EventSession.event_id,
                EventSlot.starts_at < EventSession.ends_at,
                EventSlot.ends_at > EventSession.starts_at,
            ),
        )
        .where(EventSession.event_id == event.id, EventSpeaker.registration_id.is_not(None))
    )
    return [(key, slot) for key, slot in rows if key is not None]


def _overlap(slot: EventSlot, session: EventSession) -> bool:
    return slot.starts_at < session.ends_at and slot.ends_at > session.starts_at
