"""Read the picture of an event from the database: a dozen statements, however many take part.

Knows no page and no solver.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.events.models import (
    Absence,
    DraftMeeting,
    Event,
    EventInterpreter,
    EventMay,
    EventSession,
    EventSlot,
    EventSpeaker,
    EventTable,
    Meeting,
    PairRule,
    Registration,
    TimetableDraft,
    Wish,
)
from tenon.events.queries import slots_of, tables_of
from tenon.events.states import LIVE_MEETINGS
from tenon.events.timetables.picture import (
    Asked,
    Helper,
    Person,
    Picture,
    Place,
    Placed,
    Ruled,
    Span,
)

Busy = Mapping[int, frozenset[int]]


def picture_of(session: Session, event: Event, *, now: datetime | None = None) -> Picture:
    """Return the picture of an event; with ``now``, slots that have begun take no new meeting."""
    slots = slots_of(session, event)
    places = {slot.id: place for place, slot in enumerate(slots)}
    numbers = {slot.number: place for place, slot in enumerate(slots)}
    return Picture(
        slots=_spans(event, slots),
        tables=tuple(
            Place(one.id, one.room_id, _closed(one, numbers)) for one in tables_of(session, event)
        ),
        people=_people(session, event, slots, places),
        asked=_asked(session, event),
        ruled=tuple(
            Ruled(
                one.a_id,
                one.b_id,
                one.rule,
                None if one.slot_id is None else places.get(one.slot_id),
                one.table_id,
            )
            for one in session.scalars(
                sa.select(PairRule).where(PairRule.event_id == event.id).order_by(PairRule.id)
            )
        ),
        may=frozenset(
            (one.a_id, one.b_id)
            for one in session.scalars(sa.select(EventMay).where(EventMay.event_id == event.id))
        ),
        helpers=tuple(
            Helper(one.id, frozenset(one.languages), _closed(one, numbers))
            for one in session.scalars(
                sa.select(EventInterpreter)
                .where(EventInterpreter.event_id == event.id)
                .order_by(EventInterpreter.id)
            )
        ),
        walk_minutes=event.walk_minutes,
        costs=event.costs,
        levels=event.levels,
        begun=frozenset(
            place for place, slot in enumerate(slots) if now is not None and slot.starts_at <= now
        ),
    )


def draft_meetings(session: Session, draft: TimetableDraft, picture: Picture) -> list[Placed]:
    """Return a draft's meetings in the order of slot and table."""
    rows = session.scalars(
        sa.select(DraftMeeting).where(DraftMeeting.timetable_id == draft.id)
    ).all()
    return _sorted(picture, rows)


def live_meetings(session: Session, event: Event, picture: Picture) -> list[Placed]:
    """Return the agreed meetings that hold their slot, in the order of slot and table."""
    rows = session.scalars(
        sa.select(Meeting).where(Meeting.event_id == event.id, Meeting.state.in_(LIVE_MEETINGS))
    ).all()
    return _sorted(picture, rows)


def _sorted(picture: Picture, rows: Sequence[DraftMeeting] | Sequence[Meeting]) -> list[Placed]:
    order = {table.id: place for place, table in enumerate(picture.tables)}
    found = [
        Placed(
            row.a_id,
            row.b_id,
            picture.slot_of[row.slot_id],
            row.table_id,
            row.interpreter_id,
            row.pinned,
            row.value,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.slot, order.get(one.table or 0, -1), one.pair))


def _spans(event: Event, slots: Sequence[EventSlot]) -> tuple[Span, ...]:
    days = sorted({event.local(slot.starts_at).date() for slot in slots})
    numbers = {day: number for number, day in enumerate(days)}
    return tuple(
        Span(slot.id, slot.starts_at, slot.ends_at, numbers[event.local(slot.starts_at).date()])
        for slot in slots
    )


def _closed(one: EventTable | EventInterpreter, numbers: Mapping[int, int]) -> frozenset[int]:
    return frozenset(numbers[number] for number in one.closed if number in numbers)


def _people(
    session: Session, event: Event, slots: Sequence[EventSlot], places: Mapping[int, int]
) -> dict[int, Person]:
    absent, in_session = _absences(session, event, places), _sessions(session, event, slots)
    nowhere, for_all = frozenset[int](), in_session.get(0, frozenset())
    rows = session.execute(
        sa.select(
            Registration.id,
            Registration.group_id,
            Registration.organisation_id,
            Registration.most_meetings,
            Registration.languages,
            Registration.table_id,
            Registration.attends,
        )
        .where(Registration.event_id == event.id, Registration.state == "confirmed")
        .order_by(Registration.id)
    )
    found = {}
    for row in rows:
        most = min(row.most_meetings or event.most_meetings, event.most_meetings)
        online = event.mode == "hybrid" and row.attends == "online"
        found[row.id] = Person(
            row.id,
            row.group_id,
            row.organisation_id,
            absent.get(row.id, nowhere),
            in_session.get(row.id, nowhere) | for_all,
            most,
            min(event.least_meetings, most),
            frozenset(row.languages),
            None if online else row.table_id,
            online,
        )
    return found


def _absences(session: Session, event: Event, places: Mapping[int, int]) -> Busy:
    rows = session.execute(
        sa.select(Absence.registration_id, Absence.slot_id)
        .join(EventSlot, EventSlot.id == Absence.slot_id)
        .where(EventSlot.event_id == event.id)
    )
    found: dict[int, set[int]] = defaultdict(set)
    for key, slot in rows:
        found[key].add(places[slot])
    return {key: frozenset(slots) for key, slots in found.items()}


def _sessions(session: Session, event: Event, slots: Sequence[EventSlot]) -> Busy:
    """Return person -> slots in which they speak; under 0 those that are for all."""
    rows = session.execute(
        sa.select(
            EventSession.starts_at,
            EventSession.ends_at,
            EventSession.for_all,
            EventSpeaker.registration_id,
        )
        .outerjoin(EventSpeaker, EventSpeaker.session_id == EventSession.id)
        .where(EventSession.event_id == event.id)
    )
    found: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        held = {
            place
            for place, slot in enumerate(slots)
            if slot.starts_at < row.ends_at and row.starts_at < slot.ends_at
        }
        if row.for_all:
            found[0] |= held
        if row.registration_id is not None:
            found[row.registration_id] |= held
    return {key: frozenset(held) for key, held in found.items()}


def _asked(session: Session, event: Event) -> tuple[Asked, ...]:
    rows = session.execute(
        sa.select(Wish.from_id, Wish.to_id, Wish.kind, Wish.state, Wish.score)
        .where(Wish.event_id == event.id, Wish.state != "withdrawn")
        .order_by(Wish.created_at, Wish.id)
    )
    return tuple(Asked(*row) for row in rows)
