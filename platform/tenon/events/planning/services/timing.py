"""Days, breaks and slots: slots are rows, made anew from the days whenever those change.

A slot that meetings or fixed pairs use is never taken away: then the change is refused. Who is not
free in a slot that goes is not free in those that take its time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.errors import Invalid
from tenon.events.models import (
    Absence,
    DraftMeeting,
    Event,
    EventDay,
    EventInterpreter,
    EventSlot,
    EventTable,
    Meeting,
    PairRule,
    TimetableDraft,
)
from tenon.events.models.event import SLOT_MINUTES
from tenon.events.planning.services.changing import begin, note
from tenon.events.planning.slots import DAY, Hours, Span, moment_at, spans
from tenon.events.queries import slots_of

MOST_DAYS = 14
LONGEST_WALK = 30
DROPPED_DRAFTS = ("ready", "stopped", "failed")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What became of the slots: how many stayed, came, went, and drafts that went with them."""

    kept: int = 0
    added: int = 0
    removed: int = 0
    drafts: int = 0


def change_days(
    session: Session,
    event: Event,
    *,
    days: Sequence[Hours],
    slot_minutes: int,
    walk_minutes: int,
    version: int,
    by: Actor,
    now: datetime,
) -> Rebuilt:
    """Set the days with their breaks and how long slots last, and make the slots anew.

    Raises Forbidden, Conflict, Invalid: at ``days`` (required, too_many), ``slot_minutes``,
    ``walk_minutes``, ``days-<row>-<part>``, or ``slots_in_use`` where slots that would go have
    meetings, with ``meetings`` in its facts.
    """
    begin(session, event, version=version, by=by)
    faults = faults_of_days(days)
    if slot_minutes not in SLOT_MINUTES:
        faults["slot_minutes"] = "unknown_code"
    if not 0 <= walk_minutes <= LONGEST_WALK:
        faults["walk_minutes"] = "out_of_range"
    if faults:
        raise Invalid(faults)
    event.slot_minutes, event.walk_minutes = slot_minutes, walk_minutes
    _put_days(event, days)
    before = event.starts_at, event.ends_at
    made = rebuild(session, event)
    facts = {
        "days": len(days),
        "kept": made.kept,
        "added": made.added,
        "removed": made.removed,
        "drafts": made.drafts,
    }
    told = before != (event.starts_at, event.ends_at)
    note(session, event, "change_days", by=by, now=now, facts=facts, told=told)
    return made


def faults_of_days(days: Sequence[Hours]) -> dict[str, str]:
    """Return field -> code of what is wrong with days, by their place in the list."""
    if not days:
        return {"days": "required"}
    if len(days) > MOST_DAYS:
        return {"days": "too_many"}
    faults: dict[str, str] = {}
    seen: set[object] = set()
    for place, each in enumerate(days):
        if each.day in seen:
            faults[f"days-{place}-day"] = "already_taken"
        seen.add(each.day)
        if not 0 <= each.opens < each.closes <= DAY:
            faults[f"days-{place}-closes"] = "ends_before_start"
        if not _are_breaks(each.breaks):
            faults[f"days-{place}-breaks"] = "not_breaks"
    return faults


def _are_breaks(breaks: Sequence[Sequence[int]]) -> bool:
    whole = all(0 <= first < last <= DAY for first, last in breaks)
    return whole and all(before[1] <= after[0] for before, after in pairwise(breaks))


def _put_days(event: Event, days: Sequence[Hours]) -> None:
    """Keep the rows of days that stay, so that one day is never there twice at once."""
    known = {each.day: each for each in event.days}
    wanted = {each.day: each for each in days}
    for day, row in known.items():
        if day not in wanted:
            event.days.remove(row)
    for each in days:
        row = known.get(each.day) or EventDay(day=each.day)
        if each.day not in known:
            event.days.append(row)
        row.opens, row.closes = each.opens, each.closes
        row.breaks = [[first, last] for first, last in each.breaks]


def rebuild(session: Session, event: Event, *, was: ZoneInfo | None = None) -> Rebuilt:
    """Make the slots that days, breaks and sessions for all give; those that still fit stay.

    Also sets from when until when the event is, sessions included. ``was`` is the zone by whose
    clock the slots were made, where the event's is another now: none of them stays. Raises
    Invalid ``slots_in_use``.
    """
    zone = ZoneInfo(event.zone)
    wanted = spans(
        [Hours(each.day, each.opens, each.closes, each.breaks) for each in event.days],
        zone=zone,
        minutes=event.slot_minutes,
        walk=event.walk_minutes,
        blocked=[Span(each.starts_at, each.ends_at) for each in event.sessions if each.for_all],
    )
    set_span(event)
    session.flush()
    there = slots_of(session, event)
    places = {span: number for number, span in enumerate(wanted)}
    kept = {
        slot: None if was else places.pop(Span(slot.starts_at, slot.ends_at), None)
        for slot in there
    }
    gone = [slot for slot, number in kept.items() if number is None]
    drafts = _let_go(session, event, gone)
    moved = {slot.number: number for slot, number in kept.items() if number is not None}
    heirs = _heirs(gone, places, was or zone, zone)
    away = _absences(session, gone)
    for slot in gone:
        session.delete(slot)
    for slot, number in kept.items():
        if number is not None and slot.number != number:
            slot.number = -1 - number  # out of the way of the numbers there are
    session.flush()
    for slot, number in kept.items():
        if number is not None:
            slot.number = number
    session.add_all(
        EventSlot(event_id=event.id, number=number, starts_at=span.starts_at, ends_at=span.ends_at)
        for span, number in places.items()
    )
    if moved != {number: number for number in moved} or gone:
        became = {number: [new] for number, new in moved.items()} | heirs
        _renumber_closed(session, event, became)
    session.flush()
    _stay_away(session, event, away, heirs)
    return Rebuilt(len(moved), len(places), len(gone), drafts)


def set_span(event: Event) -> None:
    """Set from when until when the event is: its days and its sessions."""
    zone = ZoneInfo(event.zone)
    begins = [moment_at(each.day, each.opens, zone) for each in event.days]
    ends = [moment_at(each.day, each.closes, zone) for each in event.days]
    event.starts_at = min([*begins, *(each.starts_at for each in event.sessions)])
    event.ends_at = max([*ends, *(each.ends_at for each in event.sessions)])


def _let_go(session: Session, event: Event, gone: Sequence[EventSlot]) -> int:
    """Make sure that nothing holds on to slots that go; return how many drafts were dropped.

    Called-off meetings hold on as well: what became of them must stay readable.
    """
    if not gone:
        return 0
    keys = [slot.id for slot in gone]
    meetings = sum(
        _count(session, sa.type_coerce(column, sa.BigInteger), keys)
        for column in (Meeting.slot_id, PairRule.slot_id)
    )
    if meetings:
        raise Invalid({"": "slots_in_use"}, meetings=meetings)
    wanted = (
        sa.select(TimetableDraft)
        .join(DraftMeeting, DraftMeeting.timetable_id == TimetableDraft.id)
        .where(TimetableDraft.event_id == event.id, DraftMeeting.slot_id.in_(keys))
        .distinct()
        .order_by(TimetableDraft.id)
    )
    drafts = list(session.scalars(wanted))
    running = sa.select(TimetableDraft.id).where(
        TimetableDraft.event_id == event.id, TimetableDraft.state.in_(("queued", "running"))
    )
    if session.scalar(running.limit(1)) is not None or any(
        each.state not in DROPPED_DRAFTS for each in drafts
    ):
        raise Invalid({"": "timetable_holds_slots"})
    for draft in drafts:
        session.delete(draft)
    session.flush()
    return len(drafts)


def _count(session: Session, column: sa.ColumnElement[Any], keys: Collection[int]) -> int:
    found = session.scalar(sa.select(sa.func.count()).where(column.in_(keys)))
    return found or 0


def _heirs(
    gone: Sequence[EventSlot], places: Mapping[Span, int], was: ZoneInfo, zone: ZoneInfo
) -> dict[int, list[int]]:
    """Return number of a slot that goes -> numbers of the new ones that take some of its time.

    By the clock on the wall: moved to another zone, ten o'clock stays ten o'clock.
    """

    def clock(span: EventSlot | Span, at: ZoneInfo) -> tuple[datetime, datetime]:
        begins, ends = span.starts_at.astimezone(at), span.ends_at.astimezone(at)
        return begins.replace(tzinfo=None), ends.replace(tzinfo=None)

    new = [(clock(span, zone), number) for span, number in places.items()]
    found = {}
    for slot in gone:
        begins, ends = clock(slot, was)
        found[slot.number] = [number for (b, e), number in new if b < ends and begins < e]
    return found


def _absences(session: Session, gone: Sequence[EventSlot]) -> list[tuple[int, int]]:
    """Return (key of a part, number of the slot) of who is not free in slots that go."""
    number = {slot.id: slot.number for slot in gone}
    rows = session.execute(
        sa.select(Absence.registration_id, Absence.slot_id).where(Absence.slot_id.in_(number))
    )
    return [(part, number[slot]) for part, slot in rows]


def _stay_away(
    session: Session,
    event: Event,
    away: Sequence[tuple[int, int]],
    heirs: Mapping[int, Sequence[int]],
) -> None:
    """Let whoever was not free in a slot that is gone not be free in those in its place."""
    if not away:
        return
    key = {slot.number: slot.id for slot in slots_of(session, event)}
    wanted = {(part, key[new]) for part, number in away for new in heirs[number]}
    if wanted:
        rows = [{"registration_id": part, "slot_id": slot} for part, slot in sorted(wanted)]
        session.execute(sa.insert(Absence), rows)


def _renumber_closed(session: Session, event: Event, became: Mapping[int, Collection[int]]) -> None:
    """Let tables and interpreters that are away in some slots be away in what became of them."""
    tables = session.scalars(sa.select(EventTable).where(EventTable.event_id == event.id))
    people = session.scalars(
        sa.select(EventInterpreter).where(EventInterpreter.event_id == event.id)
    )
    for row in (*tables, *people):
        row.closed = sorted({new for number in row.closed for new in became.get(number, ())})
