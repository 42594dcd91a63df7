"""Tasks: set, done, opened again, put off, handed on; one that repeats has its follower made."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.desk import permissions
from tenon.desk.about import About
from tenon.desk.days import following, next_working_day, today_of
from tenon.desk.models import LONGEST_DETAIL, LONGEST_TITLE, REPEATS, DeskTask
from tenon.desk.notifying import tell_given
from tenon.desk.queries.people import may_give_to
from tenon.errors import Conflict, Forbidden, Invalid, NotFound

WAYS = ("tomorrow", "working_day", "week")
"""By one click: to tomorrow, the next working day, the same day next week."""

FURTHEST = timedelta(days=3 * 366)


def set_task(
    session: Session,
    *,
    title: str,
    due_on: date | None,
    by: Actor,
    now: datetime,
    detail: str = "",
    about: About | None = None,
    owner_id: int | None = None,
    repeats: str | None = None,
) -> DeskTask:
    """Set a task for oneself, or for somebody whose place one heads.

    Raises Forbidden to who has no desk, Invalid by field (``title``, ``due_on``, ``detail``,
    ``repeats``, ``owner``).
    """
    if by.user_id is None or not permissions.works_here(by):
        raise Forbidden(action="task")
    problems = _problems(title, due_on, detail, repeats, today_of(now))
    owner = owner_id or by.user_id
    if owner != by.user_id and not may_give_to(session, owner, by=by):
        problems["owner"] = "unknown_code"
    if problems or due_on is None:
        raise Invalid(problems)
    task = DeskTask(
        title=title.strip(),
        detail=detail.strip(),
        due_on=due_on,
        about_kind=None if about is None else about.kind,
        about_id=None if about is None else about.key,
        owner_id=owner,
        created_by=by.user_id,
        repeats=repeats or None,
        created_at=now,
    )
    session.add(task)
    session.flush()
    if owner != by.user_id:
        tell_given(session, task, now=now)
    return task


def change_task(
    session: Session,
    task: DeskTask,
    *,
    title: str,
    due_on: date | None,
    detail: str,
    repeats: str | None,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Change what is to be done and until when. Raises NotFound, Invalid, Conflict."""
    _require(task, by)
    problems = _problems(title, due_on, detail, repeats, min(today_of(now), task.due_on))
    if problems:
        raise Invalid(problems)
    values: dict[str, object] = {
        "title": title.strip(),
        "due_on": due_on,
        "detail": detail.strip(),
        "repeats": repeats or None,
    }
    _swap(session, task, values, expected_version)


def do_tasks(
    session: Session, tasks: Collection[DeskTask], *, by: Actor, now: datetime
) -> list[DeskTask]:
    """Mark tasks as done; those that are done already stay as they are. Returns what it marked.

    A task that repeats is followed by the next of its series. Raises NotFound for others' tasks.
    """
    marked = []
    for task in tasks:
        _require(task, by)
        if task.done_at is not None:
            continue
        _swap(session, task, {"done_at": now, "done_by": by.user_id})
        if task.repeats is not None:
            _follow(session, task, now=now)
        marked.append(task)
    return marked


def reopen(session: Session, task: DeskTask, *, by: Actor) -> None:
    """Open a task again; the next of its series goes, unless that was done already."""
    _require(task, by)
    if task.done_at is None:
        return
    _swap(session, task, {"done_at": None, "done_by": None})
    follower = session.scalars(
        sa.select(DeskTask).where(DeskTask.follows_id == task.id, DeskTask.done_at.is_(None))
    ).first()
    if follower is not None:
        session.delete(follower)
        session.flush()


def postpone(session: Session, task: DeskTask, way: str, *, by: Actor, now: datetime) -> date:
    """Put a task off by one of ``WAYS``, counted from today; returns the new day.

    Raises NotFound for others' tasks and unknown ways, Conflict for one that is done.
    """
    _require(task, by)
    if way not in WAYS:
        raise NotFound(kind="way")
    if task.done_at is not None:
        raise Conflict
    today = today_of(now)
    due = {
        "tomorrow": today + timedelta(days=1),
        "week": max(today, task.due_on) + timedelta(days=7),
    }.get(way) or next_working_day(session, today)
    _swap(session, task, {"due_on": due})
    return due


def hand_on(session: Session, *, from_id: int, to_id: int, about: int | None = None) -> int:
    """Give the open tasks of one person to another; returns how many. For a hand-over.

    With ``about`` (a firm's key) only those about that firm.
    """
    conditions = [DeskTask.owner_id == from_id, DeskTask.done_at.is_(None)]
    if about is not None:
        conditions += [DeskTask.about_kind == "organisation", DeskTask.about_id == about]
    done = session.execute(
        sa.update(DeskTask)
        .where(*conditions)
        .values(owner_id=to_id, version=DeskTask.version + 1)
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # a DML result has it


def _follow(session: Session, task: DeskTask, *, now: datetime) -> None:
    known = session.scalar(sa.select(DeskTask.id).where(DeskTask.follows_id == task.id))
    if known is not None:
        return
    session.add(
        DeskTask(
            title=task.title,
            detail=task.detail,
            due_on=following(task.due_on, task.repeats or "", after=today_of(now)),
            about_kind=task.about_kind,
            about_id=task.about_id,
            owner_id=task.owner_id,
            created_by=task.created_by,
            repeats=task.repeats,
            follows_id=task.id,
            created_at=now,
        )
    )
    session.flush()


def _problems(
    title: str, due_on: date | None, detail: str, repeats: str | None, earliest: date
) -> dict[str, str]:
    found = {}
    if not title.strip():
        found["title"] = "required"
    elif len(title.strip()) > LONGEST_TITLE:
        found["title"] = "too_long"
    if len(detail.strip()) > LONGEST_DETAIL:
        found["detail"] = "too_long"
    if due_on is None:
        found["due_on"] = "required"
    elif due_on < earliest:
        found["due_on"] = "in_the_past"
    elif due_on > earliest + FURTHEST:
        found["due_on"] = "out_of_range"
    if repeats and repeats not in REPEATS:
        found["repeats"] = "unknown_code"
    return found


def _require(task: DeskTask, by: Actor) -> None:
    if not permissions.may_see_task(by, task):
        raise NotFound(kind="task")


def _swap(
    session: Session,
    task: DeskTask,
    values: dict[str, object],
    expected: int | None = None,
) -> None:
    version = task.version if expected is None else expected
    done = session.execute(
        sa.update(DeskTask)
        .where(DeskTask.id == task.id, DeskTask.version == version)
        .values(version=version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict
    session.refresh(task)
