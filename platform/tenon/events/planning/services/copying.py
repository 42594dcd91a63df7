"""What an event takes over from an earlier one; never anybody who took part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.db import new_public_id
from tenon.events.models import (
    Event,
    EventDay,
    EventGroup,
    EventInterpreter,
    EventMay,
    EventRoom,
    EventSession,
    EventTable,
)
from tenon.events.queries import interpreters_of

_COLUMNS = (
    "text_zh",
    "text_en",
    "address_zh",
    "address_en",
    "region",
    "online_url",
    "map_sha256",
    "map_type",
    "capacity",
    "needs_approval",
    "walk_minutes",
    "most_meetings",
    "least_meetings",
    "most_requests",
)
_PHASES = (
    "registration_from",
    "registration_until",
    "requests_from",
    "requests_until",
    "schedule_until",
    "follow_up_until",
)


def copy_parts(
    session: Session,
    source: Event,
    event: Event,
    *,
    days: Sequence[date],
    hours: tuple[int, int],
) -> None:
    """Copy everything but the outline and the people into a flushed event without parts.

    ``hours`` is when the days open and close; where it is what the earlier event's first day had,
    each day keeps its own.
    """
    for name in _COLUMNS:
        setattr(event, name, getattr(source, name))
    event.costs, event.levels = dict(source.costs), dict(source.levels)
    event.copied_from_id = source.id
    first = source.days[0].day if source.days else source.local(source.starts_at).date()
    _copy_days(source, event, days, hours)
    rooms = _copy_rooms(session, source, event)
    _copy_groups(session, source, event)
    _copy_interpreters(session, source, event)
    zones = ZoneInfo(source.zone), ZoneInfo(event.zone)
    shift = days[0] - first
    for name in _PHASES:
        moment = getattr(source, name)
        if moment is not None:
            setattr(event, name, _shifted(moment, shift, zones))
    if event.schedule_until is not None:  # the copy may open earlier in the day
        event.schedule_until = min(event.schedule_until, event.starts_at)
    for each in source.sessions:
        starts_at = _shifted(each.starts_at, shift, zones)
        if starts_at.astimezone(zones[1]).date() in days:
            made = _session(each, event, starts_at, _shifted(each.ends_at, shift, zones))
            made.room = rooms.get(each.room_id)
            event.sessions.append(made)
    session.flush()


def _shifted(moment: datetime, shift: timedelta, zones: tuple[ZoneInfo, ZoneInfo]) -> datetime:
    """Move a moment by whole days, at the same time of the clock."""
    wall = moment.astimezone(zones[0]).replace(tzinfo=None) + shift
    return wall.replace(tzinfo=zones[1]).astimezone(UTC)


def _copy_days(source: Event, event: Event, days: Sequence[date], hours: tuple[int, int]) -> None:
    there = list(source.days)
    own = bool(there) and (there[0].opens, there[0].closes) == hours
    for place, day in enumerate(days):
        like = there[place] if place < len(there) else (there[0] if there else None)
        opens, closes = (like.opens, like.closes) if own and like else hours
        breaks = [] if like is None else [list(each) for each in like.breaks]
        inside = [[f, t] for f, t in breaks if opens < f and t < closes]
        event.days.append(EventDay(day=day, opens=opens, closes=closes, breaks=inside))


def _copy_rooms(session: Session, source: Event, event: Event) -> dict[int | None, EventRoom]:
    """Copy rooms with their tables; return the copies by the originals' keys."""
    made: dict[int | None, EventRoom] = {}
    for room in source.rooms:
        copy = EventRoom(
            position=room.position,
            name_zh=room.name_zh,
            name_en=room.name_en,
            online_url=room.online_url,
        )
        copy.tables = [
            EventTable(
                event_id=event.id,
                position=table.position,
                name=table.name,
                closed=[],
            )
            for table in room.tables
        ]
        event.rooms.append(copy)
        made[room.id] = copy
    session.flush()
    return made


def _copy_groups(session: Session, source: Event, event: Event) -> None:
    made = {
        group.id: EventGroup(
            code=group.code,
            position=group.position,
            name_zh=group.name_zh,
            name_en=group.name_en,
        )
        for group in source.groups
    }
    event.groups.extend(made.values())
    session.flush()
    pairs = session.execute(
        sa.select(EventMay.a_id, EventMay.b_id).where(EventMay.event_id == source.id)
    )
    for pair in pairs.all():
        first, second = sorted(made[key].id for key in pair)
        session.add(EventMay(event_id=event.id, a_id=first, b_id=second))


def _copy_interpreters(session: Session, source: Event, event: Event) -> None:
    """Copy who interprets; in which slots they will be away is not known."""
    session.add_all(
        EventInterpreter(
            event_id=event.id, name=each.name, languages=list(each.languages), closed=[]
        )
        for each in interpreters_of(session, source)
    )


def _session(
    like: EventSession, event: Event, starts_at: datetime, ends_at: datetime
) -> EventSession:
    """Copy a session without its speakers: who speaks next time is not known."""
    return EventSession(
        public_id=new_public_id(),
        event_id=event.id,
        kind=like.kind,
        title_zh=like.title_zh,
        title_en=like.title_en,
        text_zh=like.text_zh,
        text_en=like.text_en,
        starts_at=starts_at,
        ends_at=ends_at,
        for_all=like.for_all,
    )
