"""Make a draft the agreed timetable: differences, conflicts, meetings, and who is told what.

One transaction. Meetings that do not change keep their id and sequence; those that are elsewhere
keep their id and count one up; the others are called off. Never commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Conflict
from tenon.events.models import Event, Meeting, TimetableDraft
from tenon.events.timetables import checking
from tenon.events.timetables.about import subjects
from tenon.events.timetables.checking import Found
from tenon.events.timetables.differing import Changes, changes
from tenon.events.timetables.permitting import Blocked, claim, lock, require_run
from tenon.events.timetables.picture import Picture, Placed
from tenon.events.timetables.reading import draft_meetings, picture_of
from tenon.events.timetables.services import holding
from tenon.events.timetables.telling import tell_changes

CALLED_OFF_BY = {"full": "organiser", "replan": "replan"}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a release would do.

    Attributes:
        changes: of the agreed timetable.
        found: conflicts, the gravest first.
        mark: of the agreed timetable as it stands; a release by another mark is refused.
    """

    changes: Changes
    found: tuple[Found, ...]
    mark: str

    @property
    def blocking(self) -> list[Found]:
        """The conflicts that forbid the release."""
        return checking.blocking(self.found, *checking.UNRELEASED)


def mark_of(session: Session, event: Event) -> str:
    """Return what changes whenever the agreed timetable does, but for marks of who came."""
    row = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(Meeting.sequence), 0),
            sa.func.count().filter(Meeting.state == "called_off"),
        ).where(Meeting.event_id == event.id)
    ).one()
    released = session.scalar(
        sa.select(TimetableDraft.number).where(
            TimetableDraft.event_id == event.id, TimetableDraft.state == "released"
        )
    )
    return ".".join(str(each) for each in (released or 0, *row))


def outlook(session: Session, draft: TimetableDraft, *, now: datetime) -> Outlook:
    """Return what releasing a draft would do now."""
    picture = picture_of(session, draft.event, now=now)
    rows = holding.live_rows(session, draft.event)
    mark = mark_of(session, draft.event)
    return _outlook(session, draft, picture, rows, mark)


def release(
    session: Session,
    draft: TimetableDraft,
    *,
    version: int | None,
    mark: str | None,
    by: Actor,
    now: datetime,
) -> Changes:
    """Make a draft the agreed timetable, and queue what people are told.

    Args:
        session: the caller's.
        draft: to release.
        version: of the draft, as the actor saw it; None: as it is.
        mark: of the agreed timetable, as the actor saw it (``Outlook.mark``); None: as it is.
        by: who organises the event.
        now: the moment.

    Raises:
        Blocked: conflicts forbid it.
        Conflict: draft or agreed timetable were changed meanwhile, or a place was taken.
    """
    event = draft.event
    require_run(by, event)
    lock(session, event)
    claim(session, draft, version=version)
    standing = mark_of(session, event)
    if mark is not None and mark != standing:
        raise Conflict("changed_meanwhile", kind="event_timetable")
    picture = picture_of(session, event, now=now)
    rows = holding.live_rows(session, event)
    seen = _outlook(session, draft, picture, rows, standing)
    if seen.blocking:
        raise Blocked(seen.found)
    first = _replace(session, draft, by=by, now=now) and not rows
    _write(session, draft, picture, rows, seen.changes, now=now)
    _record(session, draft, seen.changes, by=by, now=now)
    tell_changes(session, event, picture, seen.changes, first=first, now=now)
    return seen.changes


def _outlook(
    session: Session,
    draft: TimetableDraft,
    picture: Picture,
    rows: Mapping[tuple[int, int], Meeting],
    mark: str,
) -> Outlook:
    agreed = [placed_of_row(picture, row) for row in rows.values()]
    settled = {
        one.pair for one in agreed if one.slot in picture.begun or rows[one.pair].state != "planned"
    }
    planned = draft_meetings(session, draft, picture)
    found = changes(agreed, planned, settled=settled)
    after = [*found.kept, *(new for _, new in found.moved), *found.new]
    conflicts = checking.conflicts(picture, after)
    passed = [one for one in conflicts if not _settled(one, settled, picture)]
    return Outlook(found, tuple(passed), mark)


def _settled(one: Found, settled: set[tuple[int, int]], picture: Picture) -> bool:
    """Whether a conflict lies in what has happened already, which no draft can change."""
    if one.slot is not None and one.slot in picture.begun:
        return one.people in settled or len(one.people) < 2
    return one.people in settled


def placed_of_row(picture: Picture, row: Meeting) -> Placed:
    """Return an agreed meeting as placed."""
    slot = picture.slot_of[row.slot_id]
    return Placed(row.a_id, row.b_id, slot, row.table_id, row.interpreter_id, row.pinned, row.value)


def _replace(session: Session, draft: TimetableDraft, *, by: Actor, now: datetime) -> bool:
    """Let the draft take the place of the released one; whether it is the event's first."""
    result = session.execute(
        sa.update(TimetableDraft)
        .where(TimetableDraft.event_id == draft.event_id, TimetableDraft.state == "released")
        .values(state="replaced", version=TimetableDraft.version + 1)
        .execution_options(synchronize_session=False)
    )
    ever = session.scalar(
        sa.select(TimetableDraft.id)
        .where(TimetableDraft.event_id == draft.event_id, TimetableDraft.state == "replaced")
        .limit(1)
    )
    draft.state, draft.released_at, draft.released_by = "released", now, by.user_id
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError as error:
        raise Conflict("changed_meanwhile", kind="event_timetable") from error
    replaced: int = result.rowcount  # type: ignore[attr-defined]  # a DML result has it
    return not replaced and ever is None


def _write(
    session: Session,
    draft: TimetableDraft,
    picture: Picture,
    rows: Mapping[tuple[int, int], Meeting],
    found: Changes,
    *,
    now: datetime,
) -> None:
    event = draft.event
    reason = CALLED_OFF_BY[draft.kind]
    gone = [rows[one.pair] for one in found.gone]
    if gone:
        holding.clear(session, gone, reason=reason, now=now)
    holding.put(session, picture, [(rows[was.pair], one) for was, one in found.moved], now=now)
    holding.make(
        session,
        event,
        picture,
        found.new,
        origin="timetable",
        about=subjects(session, event, [one.pair for one in found.new]),
        now=now,
    )


def _record(
    session: Session, draft: TimetableDraft, found: Changes, *, by: Actor, now: datetime
) -> None:
    facts = {
        "number": draft.number,
        "kept": len(found.kept),
        "moved": len(found.moved),
        "called_off": len(found.gone),
        "new": len(found.new),
    }
    history.record(
        session,
        chain=("event_timetable", draft.public_id),
        kind="release",
        by=by,
        now=now,
        facts=facts,
    )
