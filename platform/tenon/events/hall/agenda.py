"""Somebody's agenda: their meetings in order and the programme; two statements whatever is on it.

A thousand people open theirs in one minute, so rows are read as columns and no object is loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.events.hall.people import WIDTH, Person, person, sources
from tenon.events.models import (
    Event,
    EventInterpreter,
    EventRoom,
    EventSession,
    EventSlot,
    EventSpeaker,
    EventTable,
    Meeting,
    Registration,
)
from tenon.events.states import LIVE_MEETINGS


@dataclass(frozen=True, slots=True)
class Place:
    """Where a meeting is: a table in a room, or an online room; all parts may be empty."""

    table: str
    rooms: tuple[str, str]
    online_url: str | None

    def room(self, language: str) -> str:
        """Return the room's name in a language, or in the other."""
        first, second = self.rooms if language == "zh" else self.rooms[::-1]
        return first or second


@dataclass(frozen=True, slots=True)
class Appointment:
    """One meeting as one of the two sees it.

    Attributes:
        public_id: the meeting's.
        state: one of MEETING_STATES.
        sequence: counts its changes for calendars.
        changed_at: when it was last changed.
        reason: why it was called off; None unless it was.
        starts_at, ends_at: of its slot.
        place: where.
        other: whom one meets.
        interpreter: who interprets; empty for nobody.
        online: whether the one of the two whose appointment it is attends online.
    """

    public_id: str
    state: str
    sequence: int
    changed_at: datetime
    reason: str | None
    starts_at: datetime
    ends_at: datetime
    place: Place
    other: Person
    interpreter: str
    online: bool = False

    @property
    def afar(self) -> bool:
        """Whether one of the two joins online, so that both need the link."""
        return self.online or self.other.online

    @property
    def seated(self) -> bool:
        """Whether it is held at a table: not where both join online."""
        return bool(self.place.table) and not (self.online and self.other.online)

    @property
    def at_table(self) -> bool:
        """Whether the one whose appointment it is sits at the table."""
        return self.seated and not self.online

    def link(self, event: Event) -> str | None:
        """Return where it is joined online: the room's own address, else the event's."""
        if self.place.online_url:
            return self.place.online_url
        return event.online_url if self.afar or not self.seated else None

    @property
    def live(self) -> bool:
        """Whether it holds its slot."""
        return self.state in LIVE_MEETINGS


@dataclass(frozen=True, slots=True)
class Item:
    """One session of the programme; ``mine``: the reader of the agenda speaks in it."""

    public_id: str
    titles: tuple[str, str]
    rooms: tuple[str, str]
    starts_at: datetime
    ends_at: datetime
    mine: bool

    def title(self, language: str) -> str:
        """Return the title in a language, or in the other."""
        first, second = self.titles if language == "zh" else self.titles[::-1]
        return first or second

    def room(self, language: str) -> str:
        """Return the room's name in a language, or in the other; empty for none."""
        first, second = self.rooms if language == "zh" else self.rooms[::-1]
        return first or second


@dataclass(frozen=True, slots=True)
class Agenda:
    """What somebody has on: meetings that hold, those called off, and sessions; in order."""

    meetings: Sequence[Appointment]
    called_off: Sequence[Appointment]
    sessions: Sequence[Item]

    def next(self, now: datetime) -> Appointment | None:
        """Return the meeting that runs or comes next, or None."""
        waiting = (each for each in self.meetings if each.ends_at > now and each.state == "planned")
        return next(waiting, None)


def agenda_of(session: Session, registration: Registration) -> Agenda:
    """Return somebody's agenda; two statements."""
    appointments = appointments_of(session, [registration.id]).get(registration.id, [])
    return Agenda(
        [each for each in appointments if each.live],
        [each for each in appointments if not each.live],
        _programme(session, registration),
    )


def appointments_of(session: Session, keys: Sequence[int]) -> dict[int, list[Appointment]]:
    """Return registration key -> its meetings in order, called-off ones too; one statement."""
    if not keys:
        return {}
    found: dict[int, list[Appointment]] = {}
    for row in session.execute(_appointments(), {"keys": list(keys)}):
        found.setdefault(row[0], []).append(_appointment(row[1:]))
    return found


@cache
def _appointments() -> sa.Select[Any]:
    """Return the statement, made once."""
    mine, other = sources("own"), sources("other")
    own = mine.registration
    query: sa.Select[Any] = (
        sa.select(
            own.id,
            Meeting.public_id,
            Meeting.state,
            Meeting.sequence,
            Meeting.changed_at,
            Meeting.called_off_reason,
            EventSlot.starts_at,
            EventSlot.ends_at,
            EventTable.name,
            EventRoom.name_zh,
            EventRoom.name_en,
            EventRoom.online_url,
            EventInterpreter.name,
            mine.online,
            *other.columns(),
        )
        .select_from(own)
        .join(Meeting, sa.or_(Meeting.a_id == own.id, Meeting.b_id == own.id))
        .join(EventSlot, EventSlot.id == Meeting.slot_id)
        .outerjoin(EventTable, EventTable.id == Meeting.table_id)
        .outerjoin(EventRoom, EventRoom.id == EventTable.room_id)
        .outerjoin(EventInterpreter, EventInterpreter.id == Meeting.interpreter_id)
        .join(
            other.registration,
            other.registration.id
            == sa.case((Meeting.a_id == own.id, Meeting.b_id), else_=Meeting.a_id),
        )
        .where(own.id.in_(sa.bindparam("keys", expanding=True)))
        .order_by(EventSlot.starts_at, Meeting.id)
    )
    return other.join(query)


def _appointment(row: Sequence[Any]) -> Appointment:
    public_id, state, sequence, changed_at, reason, starts_at, ends_at, *place = row[:-WIDTH]
    table, room_zh, room_en, online_url, interpreter, online = place
    return Appointment(
        public_id,
        state,
        sequence,
        changed_at,
        reason,
        starts_at,
        ends_at,
        Place(table or "", (room_zh or "", room_en or ""), online_url),
        person(row[-WIDTH:]),
        interpreter or "",
        bool(online),
    )


def _programme(session: Session, registration: Registration) -> list[Item]:
    speaks = sa.exists().where(
        EventSpeaker.session_id == EventSession.id,
        EventSpeaker.registration_id == registration.id,
    )
    return _items(session, registration.event_id, speaks)


def programme_of(session: Session, event: Event) -> list[Item]:
    """Return the sessions of an event for nobody in particular; one statement."""
    return _items(session, event.id, sa.false())


def _items(session: Session, event_id: int, mine: sa.ColumnElement[bool]) -> list[Item]:
    rows = session.execute(
        sa.select(
            EventSession.public_id,
            EventSession.title_zh,
            EventSession.title_en,
            EventRoom.name_zh,
            EventRoom.name_en,
            EventSession.starts_at,
            EventSession.ends_at,
            mine.label("mine"),
        )
        .outerjoin(EventRoom, EventRoom.id == EventSession.room_id)
        .where(EventSession.event_id == event_id)
        .order_by(EventSession.starts_at, EventSession.id)
    )
    return [
        Item(public_id, (zh, en), (room_zh or "", room_en or ""), starts_at, ends_at, bool(speaks))
        for public_id, zh, en, room_zh, room_en, starts_at, ends_at, speaks in rows
    ]
