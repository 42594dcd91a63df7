"""Begin an event: from its kind, or as a copy of an earlier one moved to other days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.db import new_public_id
from tenon.errors import Forbidden, Invalid
from tenon.events.models import (
    Event,
    EventDay,
    EventGroup,
    EventMay,
    EventRoom,
    EventSession,
    EventTable,
)
from tenon.events.models.event import KINDS, MODES, SLOT_MINUTES
from tenon.events.permissions import may_run, may_set_up
from tenon.events.planning.kinds import kinds, usual_phases
from tenon.events.planning.services.basics import faults_of_words, is_zone
from tenon.events.planning.services.copying import copy_parts
from tenon.events.planning.services.timing import MOST_DAYS, rebuild
from tenon.events.planning.slots import DAY, moment_at

MOST_TABLES = 500


@dataclass(frozen=True, slots=True)
class Outline:
    """What one must say to begin: the short form.

    Attributes:
        opens, closes: minutes after midnight, the same on each day.
        tables: how many; ignored for a copy, which brings its own.
    """

    kind: str
    title_zh: str
    title_en: str
    first_day: date
    last_day: date
    opens: int
    closes: int
    organisation_id: int
    mode: str = "on_site"
    venue_zh: str = ""
    venue_en: str = ""
    tables: int = 10
    slot_minutes: int = 20
    zone: str = "Asia/Shanghai"

    @property
    def days(self) -> list[date]:
        """The days, first to last."""
        count = (self.last_day - self.first_day).days + 1
        return [self.first_day + timedelta(days=place) for place in range(count)]


def begin_event(session: Session, outline: Outline, *, by: Actor, now: datetime) -> Event:
    """Begin an event with all that its kind has by default; nobody but its organisers sees it.

    Raises Forbidden for who may not set up events, Invalid at the fields of the outline.
    """
    _require(session, outline, by=by, now=now)
    kind = kinds()[outline.kind]
    event = _new(outline, by=by, now=now)
    event.walk_minutes, event.most_meetings = kind.walk_minutes, kind.most_meetings
    _put_span(event, outline)
    session.add(event)
    session.flush()
    inside = [[f, t] for f, t in kind.breaks if outline.opens < f and t < outline.closes]
    event.days = [
        EventDay(day=day, opens=outline.opens, closes=outline.closes, breaks=inside)
        for day in outline.days
    ]
    room = EventRoom(name_zh="洽谈区", name_en="Meeting area", position=0)
    room.tables = [
        EventTable(event_id=event.id, position=place, name=str(place + 1))
        for place in range(outline.tables)
    ]
    event.rooms = [room] if outline.tables else []
    event.groups = [
        EventGroup(code=code, position=place, name_zh=zh, name_en=en)
        for place, (code, zh, en) in enumerate(kind.groups)
    ]
    event.sessions = _sessions(event, outline)
    session.flush()
    keys = {each.code: each.id for each in event.groups}
    for pair in kind.may:
        first, second = sorted(keys[code] for code in pair)
        session.add(EventMay(event_id=event.id, a_id=first, b_id=second))
    _finish(session, event, by=by, now=now, facts={"kind": outline.kind})
    return event


def copy_event(
    session: Session, source: Event, outline: Outline, *, by: Actor, now: datetime
) -> Event:
    """Begin an event as an earlier one was, on other days.

    Rooms, tables, groups, who may meet whom, costs, levels, texts and limits come along, and days,
    breaks, sessions and phases as far from the start as they were; never who took part. Raises
    Forbidden for who does not organise the earlier one, Invalid at the fields.
    """
    if not may_run(by, source):
        raise Forbidden("not_allowed")
    _require(session, outline, by=by, now=now)
    event = _new(outline, by=by, now=now)
    _put_span(event, outline)
    session.add(event)
    session.flush()
    copy_parts(session, source, event, days=outline.days, hours=(outline.opens, outline.closes))
    _finish(session, event, by=by, now=now, facts={"copied_from": source.public_id})
    return event


def _require(session: Session, outline: Outline, *, by: Actor, now: datetime) -> None:
    if not may_set_up(by):
        raise Forbidden("not_allowed")
    faults = _faults_of_words(session, outline) | _faults_of_time(outline)
    if not faults and _ends(outline) <= now:
        faults["first_day"] = "in_the_past"
    if faults:
        raise Invalid(faults)


def _faults_of_words(session: Session, outline: Outline) -> dict[str, str]:
    faults = faults_of_words({"title_zh": outline.title_zh, "title_en": outline.title_en})
    faults |= faults_of_words({"venue_zh": outline.venue_zh, "venue_en": outline.venue_en})
    if not (outline.title_zh or outline.title_en):
        faults["title_zh"] = "required"
    for name, known in (("kind", KINDS), ("mode", MODES), ("slot_minutes", SLOT_MINUTES)):
        if getattr(outline, name) not in known:
            faults[name] = "unknown_code"
    if not 0 <= outline.tables <= MOST_TABLES:
        faults["tables"] = "out_of_range"
    host = session.get(Organisation, outline.organisation_id)
    if host is None or host.state != "approved":
        faults["organisation"] = "unknown_code"
    return faults


def _faults_of_time(outline: Outline) -> dict[str, str]:
    faults: dict[str, str] = {}
    if not is_zone(outline.zone):
        faults["zone"] = "unknown_code"
    if not 0 <= outline.opens < outline.closes <= DAY:
        faults["closes"] = "ends_before_start"
    count = (outline.last_day - outline.first_day).days + 1
    if not 1 <= count <= MOST_DAYS:
        faults["last_day"] = "ends_before_start" if count < 1 else "too_many"
    return faults


def _ends(outline: Outline) -> datetime:
    return moment_at(outline.last_day, outline.closes, ZoneInfo(outline.zone))


def _put_span(event: Event, outline: Outline) -> None:
    zone = ZoneInfo(outline.zone)
    event.starts_at = moment_at(outline.first_day, outline.opens, zone)
    event.ends_at = _ends(outline)


def _new(outline: Outline, *, by: Actor, now: datetime) -> Event:
    return Event(
        public_id=new_public_id(),
        kind=outline.kind,
        mode=outline.mode,
        title_zh=outline.title_zh,
        title_en=outline.title_en,
        venue_zh=outline.venue_zh,
        venue_en=outline.venue_en,
        organisation_id=outline.organisation_id,
        owner_id=by.user_id,
        zone=outline.zone,
        slot_minutes=outline.slot_minutes,
        created_at=now,
    )


def _sessions(event: Event, outline: Outline) -> list[EventSession]:
    """Return the kind's sessions on the first day, as far as the day is long enough for them."""
    begin, found = event.starts_at.astimezone(UTC), []
    for told in kinds()[outline.kind].sessions:
        starts_at = begin + timedelta(minutes=told["after"])
        if outline.opens + told["after"] + told["minutes"] > outline.closes:
            continue
        found.append(
            EventSession(
                public_id=new_public_id(),
                event_id=event.id,
                kind=told["kind"],
                title_zh=told["zh"],
                title_en=told["en"],
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=told["minutes"]),
                for_all=told["for_all"],
            )
        )
    return found


def _finish(
    session: Session, event: Event, *, by: Actor, now: datetime, facts: dict[str, Any]
) -> None:
    """Make the slots, set the phases unless a copy's still lie ahead, write the first entry."""
    session.flush()
    rebuild(session, event)
    ends = event.registration_until, event.requests_until
    if ends == (None, None) or any(moment is not None and moment <= now for moment in ends):
        phases = usual_phases(event.starts_at, event.ends_at, zone=ZoneInfo(event.zone), now=now)
        for name, moment in phases.items():
            setattr(event, name, moment)
    session.flush()
    history.record(
        session,
        chain=("event", event.public_id),
        kind="begin",
        by=by,
        now=now,
        facts={"version": event.version, **facts},
    )
