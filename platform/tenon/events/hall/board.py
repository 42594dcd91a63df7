"""The hall at a moment: who sits at which table now and next, who has not come.

``stamp_of`` tells cheaply whether anything has changed, so that screens may ask every few seconds.
Knows no page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.events.hall.people import WIDTH, Person, attends_online, person, sources
from tenon.events.models import (
    CheckIn,
    Event,
    EventRoom,
    EventSlot,
    EventTable,
    Meeting,
    Registration,
)
from tenon.events.states import LIVE_MEETINGS


@dataclass(frozen=True, slots=True)
class Counts:
    """How many have a confirmed place and are to come, and how many have arrived.

    Who attends online is not expected, but counted where they came all the same.
    """

    expected: int
    arrived: int


@dataclass(frozen=True, slots=True)
class Held:
    """One meeting of a slot; ``missed_by`` is ``a``, ``b``, ``both`` or None."""

    public_id: str
    state: str
    version: int
    origin: str
    missed_by: str | None
    table: str
    rooms: tuple[str, str]
    a: Person
    b: Person

    @property
    def missing(self) -> list[Person]:
        """Who of the two is to come and has not checked in."""
        return [each for each in (self.a, self.b) if each.awaited]

    def room(self, language: str) -> str:
        """Return the room's name in a language, or in the other; empty for none."""
        first, second = self.rooms if language == "zh" else self.rooms[::-1]
        return first or second


@dataclass(frozen=True, slots=True)
class Span:
    """A slot with its meetings, by room and table."""

    slot: EventSlot
    meetings: Sequence[Held]

    @property
    def missing(self) -> list[Held]:
        """Planned meetings of which somebody has not checked in."""
        return [each for each in self.meetings if each.missing and each.state == "planned"]


@dataclass(frozen=True, slots=True)
class Board:
    """What the hall's board shows.

    Attributes:
        now: the slot that runs, or the one chosen; None before, between and after.
        next: the slot after that.
        slots: all of the event, to choose from.
        counts: who has come.
    """

    now: Span | None
    next: Span | None
    slots: Sequence[EventSlot]
    counts: Counts


def counts_of(session: Session, event: Event) -> Counts:
    """Count who is expected and who has come; one statement."""
    expected, arrived = session.execute(
        sa.select(sa.func.count(Registration.id), sa.func.count(CheckIn.id))
        .select_from(Registration)
        .outerjoin(CheckIn, CheckIn.registration_id == Registration.id)
        .where(
            Registration.event_id == event.id,
            Registration.state == "confirmed",
            sa.or_(CheckIn.id.is_not(None), ~attends_online()),
        )
    ).one()
    return Counts(expected, arrived)


def slots_of(session: Session, event: Event) -> Sequence[EventSlot]:
    """Return the event's slots in order; one statement."""
    return session.scalars(
        sa.select(EventSlot).where(EventSlot.event_id == event.id).order_by(EventSlot.number)
    ).all()


def pick(
    slots: Sequence[EventSlot], now: datetime, chosen: int | None = None
) -> tuple[EventSlot | None, EventSlot | None]:
    """Return the slot that runs (or is chosen by its number) and the one after it."""
    if chosen is not None:
        later = [slot for slot in slots if slot.number >= chosen]
        if later and later[0].number == chosen:
            return later[0], (later[1] if len(later) > 1 else None)
    running = next((slot for slot in slots if slot.starts_at <= now < slot.ends_at), None)
    return running, next((slot for slot in slots if slot.starts_at > now), None)


def board_of(session: Session, event: Event, *, now: datetime, chosen: int | None = None) -> Board:
    """Return the board at a moment, or of a slot by its number; three statements."""
    slots = slots_of(session, event)
    running, following = pick(slots, now, chosen)
    wanted = [slot for slot in (running, following) if slot is not None]
    held = _meetings(session, [slot.id for slot in wanted])
    running_span, following_span = (
        None if slot is None else Span(slot, held.get(slot.id, [])) for slot in (running, following)
    )
    return Board(running_span, following_span, slots, counts_of(session, event))


def stamp_of(session: Session, event: Event, *, now: datetime, chosen: int | None = None) -> str:
    """Return what changes whenever the board does; three short statements.

    A meeting that changes raises its version; one that is written or called off changes the
    count; an arrival, or one taken back, the count or when the last came; who attends otherwise
    raises the version of their part.
    """
    running, following = pick(slots_of(session, event), now, chosen)
    meetings = session.execute(
        sa.select(
            sa.func.count(Meeting.id), sa.func.sum(Meeting.version), sa.func.max(Meeting.changed_at)
        ).where(Meeting.event_id == event.id, Meeting.state.in_(LIVE_MEETINGS))
    ).one()
    arrivals = session.execute(
        sa.select(
            sa.func.count(Registration.id),
            sa.func.sum(Registration.version),
            sa.func.count(CheckIn.id),
            sa.func.max(CheckIn.received_at),
        )
        .select_from(Registration)
        .outerjoin(CheckIn, CheckIn.registration_id == Registration.id)
        .where(Registration.event_id == event.id, Registration.state == "confirmed")
    ).one()
    parts = (
        event.version,
        running and running.id,
        following and following.id,
        *meetings,
        *arrivals,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def _meetings(session: Session, slots: Sequence[int]) -> dict[int, list[Held]]:
    """Return slot key -> its live meetings, by room and table; one statement."""
    if not slots:
        return {}
    a, b = sources("a"), sources("b")
    query = (
        sa.select(
            Meeting.slot_id,
            Meeting.public_id,
            Meeting.state,
            Meeting.version,
            Meeting.origin,
            Meeting.missed_by,
            EventTable.name,
            EventRoom.name_zh,
            EventRoom.name_en,
            *a.columns(),
            *b.columns(),
        )
        .outerjoin(EventTable, EventTable.id == Meeting.table_id)
        .outerjoin(EventRoom, EventRoom.id == EventTable.room_id)
        .join(a.registration, a.registration.id == Meeting.a_id)
        .join(b.registration, b.registration.id == Meeting.b_id)
        .where(Meeting.slot_id.in_(slots), Meeting.state.in_(LIVE_MEETINGS))
        .order_by(EventRoom.position, EventTable.position, Meeting.id)
    )
    found: dict[int, list[Held]] = {}
    for slot, *rest in session.execute(b.join(a.join(query))):
        found.setdefault(slot, []).append(_held(rest))
    return found


def _held(row: Sequence[Any]) -> Held:
    public_id, state, version, origin, missed_by, table, room_zh, room_en = row[: -2 * WIDTH]
    return Held(
        public_id,
        state,
        version,
        origin,
        missed_by,
        table or "",
        (room_zh or "", room_en or ""),
        person(row[-2 * WIDTH : -WIDTH]),
        person(row[-WIDTH:]),
    )
