"""Events with rooms, tables and slots, people who take part, wishes and meetings, for tests.

No history or outbox row is written: a test that wants those goes through the services.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.events.models import (
    Event,
    EventDay,
    EventGroup,
    EventMay,
    EventRoom,
    EventSlot,
    EventTable,
    Meeting,
    Registration,
    Seat,
    Wish,
)
from tenon.events.queries import slots_of
from tenon.events.states import ACTIVE_REGISTRATIONS, LIVE_MEETINGS
from tenon.listings.models import Listing
from tests.factories.accounts import make_organisation, make_user

START = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
"""Nine o'clock in Wuhan."""

LATEST_HOUR = 17
"""Of a begin: eight slots fit in before midnight."""


def zone_by_day(starts_at: datetime, *zones: str) -> str:
    """Return the first of the zones in which an event that begins then does not pass midnight."""
    begins = {zone: starts_at.astimezone(ZoneInfo(zone)).hour for zone in zones}
    return next(zone for zone, hour in begins.items() if 1 <= hour <= LATEST_HOUR)


def make_event(
    session: Session,
    *,
    state: str = "open",
    organisation: Organisation | None = None,
    owner: User | None = None,
    slots: int = 8,
    tables: int = 4,
    starts_at: datetime = START,
    **columns: Any,
) -> Event:
    """An event of one day with ``slots`` of 20 minutes every 25, one room, two groups; flushed.

    Researchers and companies may meet each other, and nobody else.
    """
    house = organisation or make_organisation(session)
    values: dict[str, Any] = {
        "kind": "one_to_one",
        "zone": zone_by_day(starts_at, "Asia/Shanghai", "UTC"),
        "title_zh": "光电子技术对接会",
        "title_en": "Photonics matchmaking",
        "text_zh": "一对一洽谈。",
        "text_en": "One-to-one meetings.",
        "venue_zh": "示例会展中心",
        "venue_en": "Sample Centre",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=25 * max(1, slots)),
        "created_at": starts_at - timedelta(days=60),
        "registration_from": starts_at - timedelta(days=60),
        "registration_until": starts_at - timedelta(days=2),
        "requests_from": starts_at - timedelta(days=50),
        "requests_until": starts_at - timedelta(days=1),
    } | columns
    event = Event(
        state=state, organisation=house, owner_id=None if owner is None else owner.id, **values
    )
    session.add(event)
    session.flush()
    local = starts_at.astimezone(ZoneInfo(event.zone))
    opens = local.hour * 60 + local.minute
    event.days.append(EventDay(day=local.date(), opens=opens, closes=opens + 25 * max(1, slots)))
    room = EventRoom(event_id=event.id, name_zh="一号厅", name_en="Hall 1")
    room.tables = [
        EventTable(event_id=event.id, position=place, name=str(place + 1))
        for place in range(tables)
    ]
    event.rooms.append(room)
    event.groups += [
        EventGroup(code="researcher", position=0, name_zh="科研人员", name_en="Researchers"),
        EventGroup(code="company", position=1, name_zh="企业", name_en="Companies"),
    ]
    session.add_all(_slots(event, slots))
    session.flush()
    a, b = sorted(group.id for group in event.groups)
    session.add(EventMay(event_id=event.id, a_id=a, b_id=b))
    session.flush()
    return event


def slots(session: Session, event: Event) -> Sequence[EventSlot]:
    """Return an event's slots in order."""
    return slots_of(session, event)


def _slots(event: Event, number: int) -> list[EventSlot]:
    begins = [event.starts_at + timedelta(minutes=25 * place) for place in range(number)]
    return [
        EventSlot(
            event_id=event.id,
            number=place,
            starts_at=begin,
            ends_at=begin + timedelta(minutes=20),
        )
        for place, begin in enumerate(begins)
    ]


def make_registration(
    session: Session,
    event: Event,
    *,
    group: str = "researcher",
    state: str = "confirmed",
    user: User | None = None,
    organisation: Organisation | None = None,
    listings: Sequence[Listing] = (),
    **columns: Any,
) -> Registration:
    """Somebody's part in an event; flushed."""
    person = user or make_user(session)
    values: dict[str, Any] = {
        "created_at": event.created_at,
        "state_since": event.created_at,
        "languages": ["zh", "en"],
        "place": 1 if state == "waiting" else None,
        "offer_until": event.starts_at if state == "offered" else None,
    } | columns
    made = Registration(
        event=event,
        user=person,
        organisation=organisation,
        group=next(each for each in event.groups if each.code == group),
        state=state,
        code=uuid.uuid4().hex[:12],
        live_key=f"{event.id}:{person.id}" if state in ACTIVE_REGISTRATIONS else None,
        listings=list(listings),
        **values,
    )
    session.add(made)
    session.flush()
    return made


def make_wish(
    session: Session, from_: Registration, to: Registration, kind: str = "would", **columns: Any
) -> Wish:
    """A wish of one of another; flushed."""
    values: dict[str, Any] = {"created_at": from_.created_at} | columns
    wish = Wish(event_id=from_.event_id, from_id=from_.id, to_id=to.id, kind=kind, **values)
    session.add(wish)
    session.flush()
    return wish


def make_meeting(
    session: Session,
    first: Registration,
    second: Registration,
    slot: EventSlot,
    *,
    table: EventTable | None = None,
    state: str = "planned",
    **columns: Any,
) -> Meeting:
    """An agreed meeting with its seats; flushed."""
    a, b = sorted((first.id, second.id))
    live = state in LIVE_MEETINGS
    values: dict[str, Any] = {
        "created_at": first.created_at,
        "changed_at": first.created_at,
        "missed_by": "both" if state == "no_show" else None,
        "called_off_reason": "other" if state == "called_off" else None,
    } | columns
    meeting = Meeting(
        event_id=first.event_id,
        slot_id=slot.id,
        table_id=None if table is None else table.id,
        a_id=a,
        b_id=b,
        state=state,
        live_pair=f"{first.event_id}:{a}:{b}" if live else None,
        **values,
    )
    session.add(meeting)
    session.flush()
    if live:
        session.add_all(
            Seat(slot_id=slot.id, registration_id=each, meeting_id=meeting.id) for each in (a, b)
        )
        session.flush()
    return meeting
