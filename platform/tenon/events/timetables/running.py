"""One run of the optimiser for one draft, with what it reaches written down as it goes.

Takes no session but opens short ones of its own: a run lasts minutes, and nothing may wait for it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.clock import utc_now
from tenon.db import Database
from tenon.events.models import DraftMeeting, Meeting, TimetableDraft
from tenon.events.states import LIVE_MEETINGS
from tenon.events.timetables import mapping, reading, solving
from tenon.events.timetables.mapping import Mapped
from tenon.events.timetables.picture import Picture, Placed
from tenon.timetable import Timetable, check, first_come, greedy

log = logging.getLogger("tenon.events")

Clock = Callable[[], datetime]
MOST_STARTS = 3
"""A run that ended with its process this often is not begun again."""

WRITE_EVERY = 1.0
LOOK_EVERY = 0.5
POINTS = 400
"""Progress is thinned beyond so many points."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a run needs: read once at its start."""

    picture: Picture
    mapped: Mapped
    seconds: int
    before: tuple[Placed, ...] | None
    pinned: frozenset[tuple[int, int]]


def run(database: Database, draft_id: int, *, clock: Clock = utc_now) -> None:
    """Make the timetable of a draft that was queued, or whose making was broken off.

    Every outcome is written on the draft; nothing is raised for a search that fails.
    """
    try:
        task = _begin(database, draft_id, clock())
        if task is None:
            return
        _baselines(database, draft_id, task)
        watch = _Watch(database, draft_id)
        found = solving.solve(
            task.mapped.problem,
            seconds=task.seconds,
            before=None if task.before is None else mapping.meetings_of(task.picture, task.before),
            on_better=watch.note,
            stop=watch.wanted_stop,
        )
        _keep(database, draft_id, task, found, watch.points, clock())
    except Exception as error:
        log.exception("the timetable %s could not be made", draft_id)
        _fail(database, draft_id, f"{type(error).__name__}: {error}", clock())


def _begin(database: Database, draft_id: int, now: datetime) -> Task | None:
    with database.writing() as session:
        draft = session.get(TimetableDraft, draft_id, options=[joinedload(TimetableDraft.event)])
        if draft is None or draft.state not in ("queued", "running"):
            return None
        starts = int(draft.settings.get("starts", 0)) + 1
        if starts > MOST_STARTS:
            _end(draft, "failed", "crashed", now)
            draft.error = "the process that made it ended every time"
            return None
        picture = reading.picture_of(session, draft.event, now=now)
        fixed, before = _kept(session, draft, picture)
        mapped = mapping.problem_of(picture, fixed)
        draft.state, draft.started_at, draft.version = "running", now, draft.version + 1
        draft.progress = []
        draft.settings = {
            **draft.settings,
            "starts": starts,
            "left_out": [list(one.pair) for one in mapped.left_out],
            "asked": mapping.mark_of(picture),
        }
        pinned = frozenset(one.pair for one in fixed if one.pinned)
        return Task(picture, mapped, draft.seconds_allowed, before, pinned)


def _kept(
    session: Session, draft: TimetableDraft, picture: Picture
) -> tuple[list[Placed], tuple[Placed, ...] | None]:
    """Return the meetings that must stay, and the agreed ones where these are re-planned."""
    live = reading.live_meetings(session, draft.event, picture)
    base = session.get(TimetableDraft, draft.settings.get("base") or 0)
    pins = [] if base is None else reading.draft_meetings(session, base, picture)
    marked = _marked(session, draft)
    passed = [one for one in live if one.slot in picture.begun or one.pair in marked]
    pinned = [one for one in (*pins, *live) if one.pinned]
    fixed = mapping.fixed_of(picture, [*passed, *pinned])
    if draft.kind != "replan":
        return fixed, None
    return fixed, tuple(live)


def _marked(session: Session, draft: TimetableDraft) -> frozenset[tuple[int, int]]:
    """Return the pairs that met, or missed each other: their meetings stay where they are."""
    rows = session.execute(
        sa.select(Meeting.a_id, Meeting.b_id).where(
            Meeting.event_id == draft.event_id,
            Meeting.state.in_([state for state in LIVE_MEETINGS if state != "planned"]),
        )
    )
    return frozenset((row.a_id, row.b_id) for row in rows)


def _baselines(database: Database, draft_id: int, task: Task) -> None:
    """Write down what first come, first served and greedy reach, before the search begins."""
    simple, better = first_come(task.mapped.problem), greedy(task.mapped.problem)
    with database.writing() as session:
        draft = session.get_one(TimetableDraft, draft_id)
        draft.first_come_value, draft.greedy_value = simple.worth.total, better.worth.total


class _Watch:
    """What a run tells and is told while it goes on, at most once a second each."""

    def __init__(self, database: Database, draft_id: int) -> None:
        self._database, self._id = database, draft_id
        self.points: list[list[float]] = []
        self._since = time.monotonic()
        self._written = 0.0
        self._looked = 0.0
        self._stop = False

    def note(self, better: Timetable) -> None:
        """Keep a better value, and write it down if the last time is a while ago."""
        self.points.append([round(time.monotonic() - self._since, 1), better.worth.total])
        if len(self.points) > POINTS:
            self.points = [*self.points[:1], *self.points[2:-1:2], self.points[-1]]
        if time.monotonic() - self._written < WRITE_EVERY:
            return
        self._written = time.monotonic()
        with self._database.writing() as session:
            draft = session.get_one(TimetableDraft, self._id)
            if draft.state != "running":
                return
            draft.progress, draft.value = list(self.points), better.worth.total
            draft.floor = better.worth.floor
            if better.bound is not None:
                draft.bound, draft.bound_floor = better.bound.total, better.bound.floor

    def wanted_stop(self) -> bool:
        """Whether the organiser wants the best so far."""
        if not self._stop and time.monotonic() - self._looked > LOOK_EVERY:
            self._looked = time.monotonic()
            with self._database.reading() as session:
                self._stop = bool(
                    session.scalar(
                        sa.select(TimetableDraft.wanted_stop).where(TimetableDraft.id == self._id)
                    )
                )
        return self._stop


def _keep(
    database: Database,
    draft_id: int,
    task: Task,
    found: Timetable,
    points: Sequence[list[float]],
    now: datetime,
) -> None:
    broken = check(task.mapped.problem, found.meetings)
    if broken:
        raise ValueError(f"the timetable breaks {len(broken)} rules, {broken[0]} among them")
    placed = mapping.placed_of(task.picture, found, pinned=task.pinned)
    with database.writing() as session:
        draft = session.get_one(TimetableDraft, draft_id)
        if draft.state != "running":
            return
        session.execute(
            sa.delete(DraftMeeting)
            .where(DraftMeeting.timetable_id == draft.id)
            .execution_options(synchronize_session=False)
        )
        rows = [row_of(draft, task.picture, one) for one in placed]
        if rows:
            session.execute(sa.insert(DraftMeeting), rows)
        draft.value, draft.penalties = found.worth.total, found.worth.penalties
        draft.floor, draft.progress = found.worth.floor, list(points)
        if found.bound is not None:
            draft.bound, draft.bound_floor = found.bound.total, found.bound.floor
            draft.bound_name = found.bound.name[:60]
        if task.before is not None:
            draft.meetings_moved = _moved(task.before, placed)
        _end(draft, "stopped" if found.ended == "stopped" else "ready", found.ended, now)


def row_of(draft: TimetableDraft, picture: Picture, one: Placed) -> dict[str, int | bool | None]:
    """Return the columns of a meeting in a draft."""
    return {
        "timetable_id": draft.id,
        "slot_id": picture.slots[one.slot].id,
        "table_id": one.table,
        "a_id": one.a,
        "b_id": one.b,
        "interpreter_id": one.interpreter,
        "value": one.value,
        "pinned": one.pinned,
    }


def _moved(before: Sequence[Placed], after: Sequence[Placed]) -> int:
    """Return how many meetings of the agreed timetable are elsewhere in the new one, or gone."""
    now_at = {one.pair: (one.slot, one.table) for one in after}
    return sum(now_at.get(one.pair) != (one.slot, one.table) for one in before)


def _end(draft: TimetableDraft, state: str, ended: str, now: datetime) -> None:
    draft.state, draft.ended, draft.finished_at = state, ended, now
    draft.version += 1


def _fail(database: Database, draft_id: int, error: str, now: datetime) -> None:
    with database.writing() as session:
        draft = session.get(TimetableDraft, draft_id)
        if draft is not None and draft.state in ("queued", "running"):
            _end(draft, "failed", "crashed", now)
            draft.error = error[:2000]
