"""Change a draft by hand: add, move, remove, pin meetings.

A meeting that conflicts forbid is refused with the list; others are entered and the list returned.
Never commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Conflict, Invalid, NotFound
from tenon.events.models import DraftMeeting, TimetableDraft
from tenon.events.timetables import checking, mapping, seating, valuing
from tenon.events.timetables.checking import Found
from tenon.events.timetables.permitting import Blocked, claim, require_run
from tenon.events.timetables.picture import Picture, Placed, pair_of
from tenon.events.timetables.reading import draft_meetings, picture_of
from tenon.events.timetables.running import row_of


@dataclass(frozen=True, slots=True)
class Where:
    """A slot by its id, and a table by its id; None for the table takes a free one."""

    slot_id: int
    table_id: int | None = None


def add(
    session: Session,
    draft: TimetableDraft,
    pair: tuple[int, int],
    where: Where,
    *,
    version: int | None,
    by: Actor,
    now: datetime,
) -> list[Found]:
    """Enter a meeting, pinned; return the conflicts that do not forbid it."""
    picture, placed = _open(session, draft, version=version, by=by, now=now)
    both = pair_of(*pair)
    if any(one.pair == both for one in placed):
        raise Conflict("pair_twice", kind="event_timetable")
    one, found = _fitting(picture, placed, Placed(*both, *_at(picture, where), pinned=True), where)
    _insert(session, draft, picture, one)
    _revalue(session, draft, picture, [*placed, one])
    _record(session, draft, "add", one, by=by, now=now)
    return found


def move(
    session: Session,
    draft: TimetableDraft,
    pair: tuple[int, int],
    where: Where,
    *,
    version: int | None,
    by: Actor,
    now: datetime,
) -> list[Found]:
    """Put a meeting elsewhere and pin it; return the conflicts that do not forbid it."""
    picture, placed = _open(session, draft, version=version, by=by, now=now)
    before = _the(placed, pair)
    others = [one for one in placed if one is not before]
    slot, table = _at(picture, where)
    moved = replace(before, slot=slot, table=table, interpreter=None, pinned=True)
    one, found = _fitting(picture, others, moved, where)
    _delete(session, draft, before)
    _insert(session, draft, picture, one)
    _revalue(session, draft, picture, [*others, one], moved=before)
    _record(session, draft, "move", one, by=by, now=now)
    return found


def remove(
    session: Session,
    draft: TimetableDraft,
    pair: tuple[int, int],
    *,
    version: int | None,
    by: Actor,
    now: datetime,
) -> None:
    """Take a meeting out."""
    picture, placed = _open(session, draft, version=version, by=by, now=now)
    one = _the(placed, pair)
    _delete(session, draft, one)
    _revalue(session, draft, picture, [each for each in placed if each is not one], moved=one)
    _record(session, draft, "remove", one, by=by, now=now)


def pin(
    session: Session,
    draft: TimetableDraft,
    pair: tuple[int, int],
    *,
    pinned: bool,
    version: int | None,
    by: Actor,
    now: datetime,
) -> None:
    """Let the next timetable keep a meeting where it is, or not."""
    require_run(by, draft.event)
    claim(session, draft, version=version)
    both = pair_of(*pair)
    result = session.execute(
        sa.update(DraftMeeting)
        .where(
            DraftMeeting.timetable_id == draft.id,
            DraftMeeting.a_id == both[0],
            DraftMeeting.b_id == both[1],
        )
        .values(pinned=pinned)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise NotFound(kind="event_draft_meeting")
    history.record(
        session,
        chain=("event_timetable", draft.public_id),
        kind="pin" if pinned else "unpin",
        by=by,
        now=now,
    )


def _open(
    session: Session, draft: TimetableDraft, *, version: int | None, by: Actor, now: datetime
) -> tuple[Picture, list[Placed]]:
    require_run(by, draft.event)
    claim(session, draft, version=version)
    picture = picture_of(session, draft.event, now=now)
    return picture, draft_meetings(session, draft, picture)


def _at(picture: Picture, where: Where) -> tuple[int, int | None]:
    if where.slot_id not in picture.slot_of:
        raise Invalid({"slot": "unknown_code"})
    if where.table_id is not None and where.table_id not in picture.table_of:
        raise Invalid({"table": "unknown_code"})
    return picture.slot_of[where.slot_id], where.table_id


def _fitting(
    picture: Picture, others: Sequence[Placed], one: Placed, where: Where
) -> tuple[Placed, list[Found]]:
    """Return the meeting with table and interpreter, and its conflicts; raises Blocked."""
    one = seating.seated(picture, others, replace(one, table=where.table_id))
    if one.table is None and picture.needs_table(one.pair):
        raise Invalid({"table": "no_free_table"})
    one = seating.helped(picture, others, one)
    one = replace(one, value=valuing.worth(picture, *one.pair))
    found = checking.conflicts_of(picture, others, one)
    if checking.blocking(found, "block_scheduling"):
        raise Blocked(found)
    return one, found


def _the(placed: Sequence[Placed], pair: tuple[int, int]) -> Placed:
    both = pair_of(*pair)
    found = next((one for one in placed if one.pair == both), None)
    if found is None:
        raise NotFound(kind="event_draft_meeting")
    return found


def _insert(session: Session, draft: TimetableDraft, picture: Picture, one: Placed) -> None:
    try:
        with session.begin_nested():
            session.execute(sa.insert(DraftMeeting), [row_of(draft, picture, one)])
    except IntegrityError as error:
        raise Conflict("slot_taken", kind="event_timetable") from error


def _delete(session: Session, draft: TimetableDraft, one: Placed) -> None:
    session.execute(
        sa.delete(DraftMeeting)
        .where(
            DraftMeeting.timetable_id == draft.id,
            DraftMeeting.a_id == one.a,
            DraftMeeting.b_id == one.b,
        )
        .execution_options(synchronize_session=False)
    )


def _revalue(
    session: Session,
    draft: TimetableDraft,
    picture: Picture,
    placed: Sequence[Placed],
    *,
    moved: Placed | None = None,
) -> None:
    """Count anew what the draft is worth; the bound stays only where it still is one.

    It was proved for the wishes and rules of then, and beside the meetings that had to stay:
    ``moved`` is the meeting that is not where it was. By hand one may also break a rule that the
    optimiser keeps, and so reach more.
    """
    reached = mapping.reached(picture, placed)
    draft.value, draft.penalties = reached.total, reached.penalties
    draft.floor = reached.floor
    same = draft.settings.get("asked") == mapping.mark_of(picture)
    stayed = moved is None or not moved.pinned
    floor = reached.floor if draft.bound_floor is None else draft.bound_floor
    total = reached.total if draft.bound is None else draft.bound
    if not (same and stayed) or (reached.floor, reached.total) > (floor, total):
        draft.bound = draft.bound_floor = draft.bound_name = None
    if draft.ended == "optimal":
        draft.ended = "time"  # what was proved of the optimiser's own timetable
    session.flush()


def _record(
    session: Session,
    draft: TimetableDraft,
    what: str,
    one: Placed,
    *,
    by: Actor,
    now: datetime,
) -> None:
    facts = {"a": one.a, "b": one.b, "slot": one.slot, "table": one.table}
    history.record(
        session,
        chain=("event_timetable", draft.public_id),
        kind=what,
        by=by,
        now=now,
        facts=facts,
    )
