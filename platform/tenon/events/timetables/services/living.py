"""Change the agreed timetable meeting by meeting: on the day, after a cancellation, by hand.

Each verb holds the event's lock, so that of two organisers the second sees what the first did; the
constraints hold whatever happens. People are told what changed for them, so what may not be
released is refused here as well. Never commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import SYSTEM, Actor
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.events.models import Absence, Event, EventSlot, Meeting, Registration
from tenon.events.permissions import may_act_for, may_run
from tenon.events.states import MEETING
from tenon.events.timetables import checking, seating, valuing
from tenon.events.timetables.about import subjects
from tenon.events.timetables.checking import Found
from tenon.events.timetables.differing import Changes
from tenon.events.timetables.permitting import Blocked, lock, require_run
from tenon.events.timetables.picture import Picture, Placed, pair_of
from tenon.events.timetables.reading import picture_of
from tenon.events.timetables.services import holding
from tenon.events.timetables.services.editing import Where
from tenon.events.timetables.services.releasing import placed_of_row
from tenon.events.timetables.telling import tell_changes

AT_A_TIME = 200
"""Meetings that one transaction calls off at most."""


def offers(
    session: Session, event: Event, first: Registration, second: Registration, *, now: datetime
) -> list[tuple[int, int | None]]:
    """Return (slot's id, table's id) of the first five places at which two could still meet."""
    picture = picture_of(session, event, now=now)
    placed = _placed(session, event, picture)
    found = seating.offers(picture, placed, first.id, second.id, without=checking.UNRELEASED)
    return [(picture.slots[one.slot].id, one.table) for one in found]


def kept_apart(
    session: Session, event: Event, first: Registration, second: Registration, *, now: datetime
) -> list[Found]:
    """Return the conflicts that alone keep two from the first place at which both are free."""
    picture = picture_of(session, event, now=now)
    placed = _placed(session, event, picture)
    free = seating.offers(picture, placed, first.id, second.id, most=1)
    if not free:
        return []
    one = Placed(*pair_of(first.id, second.id), free[0].slot, free[0].table)
    found = checking.conflicts_of(picture, placed, seating.helped(picture, placed, one))
    return checking.blocking(found, *checking.UNRELEASED)


def place_ad_hoc(
    session: Session,
    event: Event,
    first: Registration,
    second: Registration,
    where: Where,
    *,
    by: Actor,
    now: datetime,
    agreed: bool = False,
    origin: str = "ad_hoc",
) -> tuple[Meeting, list[Found]]:
    """Agree on a meeting now; return it and the conflicts that do not forbid it.

    Args:
        session: the caller's.
        event: of both.
        first: who takes part.
        second: the other.
        where: slot and table; no table takes a free one.
        by: who organises the event; with ``agreed`` also who acts for one of the two.
        now: the moment.
        agreed: the other side has said yes, as the caller knows.
        origin: ``ad_hoc``, ``request`` or ``organiser``.

    Raises:
        Blocked: conflicts forbid it.
        Conflict: a place was taken meanwhile, or they have a meeting already.
    """
    if not (agreed and (may_act_for(by, first) or may_act_for(by, second))):
        require_run(by, event)
    lock(session, event)
    picture = picture_of(session, event, now=now)
    placed = _placed(session, event, picture)
    pair = pair_of(first.id, second.id)
    if any(one.pair == pair for one in placed):
        raise Conflict("pair_twice", kind="event_meeting")
    one, found = _fitting(picture, placed, pair, where)
    about = subjects(session, event, [pair])
    holding.make(
        session, event, picture, [replace(one, pinned=True)], origin=origin, about=about, now=now
    )
    made = session.scalars(
        sa.select(Meeting).where(Meeting.live_pair == holding.pair_key(event, pair))
    ).one()
    _record(session, made, "agree", by=by, now=now)
    tell_changes(session, event, picture, Changes(new=(one,)), first=False, now=now)
    return made, found


def move(
    session: Session,
    meeting: Meeting,
    where: Where,
    *,
    version: int | None,
    by: Actor,
    now: datetime,
) -> list[Found]:
    """Put an agreed meeting elsewhere; return the conflicts that do not forbid it."""
    event = meeting.event
    require_run(by, event)
    lock(session, event)
    _unchanged(session, meeting, version)
    picture = picture_of(session, event, now=now)
    was = placed_of_row(picture, meeting)
    others = [one for one in _placed(session, event, picture) if one.pair != was.pair]
    one, found = _fitting(picture, others, was.pair, where, was=was)
    one = replace(one, pinned=True)
    if (one.slot, one.table) == (was.slot, was.table):
        raise Invalid({"slot": "same_place"})
    holding.put(session, picture, [(meeting, one)], now=now)
    _record(session, meeting, "move", by=by, now=now)
    tell_changes(session, event, picture, Changes(moved=((was, one),)), first=False, now=now)
    return found


def swap(
    session: Session,
    meeting: Meeting,
    other: Meeting,
    *,
    version: int | None,
    by: Actor,
    now: datetime,
) -> list[Found]:
    """Let two agreed meetings change places; return the conflicts that do not forbid it."""
    event = meeting.event
    require_run(by, event)
    lock(session, event)
    _unchanged(session, meeting, version)
    _unchanged(session, other, None)
    if other.event_id != event.id or other.id == meeting.id:
        raise Invalid({"other": "unknown_code"})
    picture = picture_of(session, event, now=now)
    first, second = placed_of_row(picture, meeting), placed_of_row(picture, other)
    rest = [
        one for one in _placed(session, event, picture) if one.pair not in (first.pair, second.pair)
    ]
    to_second = replace(first, slot=second.slot, table=second.table, pinned=True)
    to_first = replace(second, slot=first.slot, table=first.table, pinned=True)
    to_second = seating.seated(picture, [*rest, to_first], to_second)
    to_first = seating.seated(picture, [*rest, to_second], to_first)
    to_second = seating.helped(picture, [*rest, to_first], to_second)
    to_first = seating.helped(picture, [*rest, to_second], to_first)
    found = checking.conflicts_of(picture, [*rest, to_first], to_second)
    found += checking.conflicts_of(picture, [*rest, to_second], to_first)
    known = _known(picture, [*rest, second], first) | _known(picture, [*rest, first], second)
    _require_releasable(found, known)
    holding.put(session, picture, [(meeting, to_second), (other, to_first)], now=now)
    for each in (meeting, other):
        _record(session, each, "swap", by=by, now=now)
    moved = ((first, to_second), (second, to_first))
    tell_changes(session, event, picture, Changes(moved=moved), first=False, now=now)
    return found


def call_off(
    session: Session,
    meeting: Meeting,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    version: int | None = None,
    without: Sequence[int] = (),
) -> None:
    """Call a planned meeting off, free its place, and tell both but those in ``without``.

    ``reason`` is one of ``MOVED_REASONS``. Who organises may, and who acts for one of the two.
    """
    event = meeting.event
    if not (may_run(by, event) or may_act_for(by, meeting.a) or may_act_for(by, meeting.b)):
        raise Forbidden("not_allowed")
    lock(session, event)
    _unchanged(session, meeting, version)
    picture = picture_of(session, event)
    was = placed_of_row(picture, meeting)
    _end(session, meeting, reason=reason, by=by, now=now)
    tell_changes(
        session, event, picture, Changes(gone=(was,)), first=False, now=now, without=without
    )


def call_off_all_of(
    session: Session, registration: Registration, *, reason: str, by: Actor, now: datetime
) -> int:
    """Call off all planned meetings of somebody who left, tell the others; return how many."""
    rows = session.scalars(
        sa.select(Meeting)
        .where(
            sa.or_(Meeting.a_id == registration.id, Meeting.b_id == registration.id),
            Meeting.state == "planned",
        )
        .order_by(Meeting.id)
    ).all()
    for meeting in rows:
        call_off(session, meeting, reason=reason, by=by, now=now, without=[registration.id])
    return len(rows)


def call_off_rest(session: Session, event: Event, *, now: datetime) -> int:
    """Call off what is still to come of an event that was called off itself; return how many.

    ``AT_A_TIME`` at most, since others wait to write. Nobody is told of each: all were told of the
    event.
    """
    rows = session.scalars(
        sa.select(Meeting)
        .join(EventSlot, EventSlot.id == Meeting.slot_id)
        .where(Meeting.event_id == event.id, Meeting.state == "planned", EventSlot.starts_at > now)
        .order_by(Meeting.id)
        .limit(AT_A_TIME)
    ).all()
    for meeting in rows:
        _end(session, meeting, reason="event_called_off", by=SYSTEM, now=now)
    return len(rows)


def _end(session: Session, meeting: Meeting, *, reason: str, by: Actor, now: datetime) -> None:
    """Call a meeting off, with its next number for calendars, and free its place."""
    along = {
        "called_off_reason": reason,
        "live_pair": None,
        "sequence": meeting.sequence + 1,
        "changed_at": now,
    }
    MEETING.move(meeting, "call_off", by=by, now=now, facts={"reason": reason}, along=along)
    holding.stand_up(session, meeting)


def leave(
    session: Session,
    registration: Registration,
    *,
    from_slot: int | None,
    until_slot: int | None,
    by: Actor,
    now: datetime,
) -> int:
    """Note that somebody is not there, as slots in which they are not free; return how many.

    Args:
        session: the caller's.
        registration: who did not come, comes late or leaves early.
        from_slot: number of the first slot without them; None: the first that has not begun.
        until_slot: number of the slot in which they are back; None: the day's end.
        by: who organises the event.
        now: the moment.
    """
    event = registration.event
    require_run(by, event)
    picture = picture_of(session, event, now=now)
    first = min(set(range(len(picture.slots))) - picture.begun, default=len(picture.slots))
    first = first if from_slot is None else from_slot
    last = len(picture.slots) if until_slot is None else until_slot
    known = set(
        session.scalars(
            sa.select(Absence.slot_id).where(Absence.registration_id == registration.id)
        )
    )
    added = [
        picture.slots[place].id
        for place in range(first, min(last, len(picture.slots)))
        if picture.slots[place].id not in known
    ]
    session.add_all(Absence(registration_id=registration.id, slot_id=slot) for slot in added)
    session.flush()
    return len(added)


def _placed(session: Session, event: Event, picture: Picture) -> list[Placed]:
    return [placed_of_row(picture, row) for row in holding.live_rows(session, event).values()]


def _fitting(
    picture: Picture,
    others: Sequence[Placed],
    pair: tuple[int, int],
    where: Where,
    *,
    was: Placed | None = None,
) -> tuple[Placed, list[Found]]:
    """Return a meeting at a place with its conflicts; raises Blocked, Invalid."""
    if where.slot_id not in picture.slot_of:
        raise Invalid({"slot": "unknown_code"})
    if where.table_id is not None and where.table_id not in picture.table_of:
        raise Invalid({"table": "unknown_code"})
    one = Placed(*pair, picture.slot_of[where.slot_id], where.table_id)
    one = seating.seated(picture, others, replace(one, value=valuing.worth(picture, *pair)))
    if one.table is None and picture.needs_table(pair):
        raise Invalid({"table": "no_free_table"})
    one = seating.helped(picture, others, one)
    found = checking.conflicts_of(picture, others, one)
    _require_releasable(found, frozenset() if was is None else _known(picture, others, was))
    return one, found


def _known(picture: Picture, others: Sequence[Placed], one: Placed) -> frozenset[str]:
    """Return the conflicts that an agreed meeting has where it is: moving it adds none of them."""
    return frozenset(each.code for each in checking.conflicts_of(picture, others, one))


def _require_releasable(found: Sequence[Found], known: frozenset[str]) -> None:
    new = [one for one in found if one.code not in known]
    if checking.blocking(found, "block_scheduling") or checking.blocking(new, "block_release"):
        raise Blocked(found)


def _unchanged(session: Session, meeting: Meeting, version: int | None) -> None:
    """Read a meeting anew and raise Conflict unless it is as the actor saw it, and planned."""
    session.refresh(meeting)
    if (version is not None and meeting.version != version) or meeting.state != "planned":
        raise Conflict("changed_meanwhile", kind="event_meeting")


def _record(session: Session, meeting: Meeting, what: str, *, by: Actor, now: datetime) -> None:
    facts = {"slot": meeting.slot_id, "table": meeting.table_id}
    history.record(
        session,
        chain=("event_meeting", meeting.public_id),
        kind=what,
        by=by,
        now=now,
        facts=facts,
    )
