"""Tasks by list and by public id."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload
from sqlalchemy.orm.interfaces import ORMOption

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.desk.models import DeskTask
from tenon.desk.queries.sight import tasks_for
from tenon.errors import NotFound

LISTS = ("due", "later", "given", "done")
"""Mine until today; mine after today; what I gave to others and is open; mine that are done."""


def _in_list(name: str, by: Actor, today: date) -> sa.ColumnElement[bool]:
    mine = DeskTask.owner_id == by.user_id
    still = DeskTask.done_at.is_(None)
    if name == "given":
        return sa.and_(DeskTask.created_by == by.user_id, DeskTask.owner_id != by.user_id, still)
    if name == "done":
        return sa.and_(mine, DeskTask.done_at.is_not(None))
    return sa.and_(
        mine, still, DeskTask.due_on <= today if name == "due" else DeskTask.due_on > today
    )


def tasks_in(
    session: Session, name: str, *, by: Actor, today: date, limit: int = 20, offset: int = 0
) -> Sequence[DeskTask]:
    """Return a page of one of LISTS: what is due first; of what is done, the latest first."""
    order = (
        (DeskTask.done_at.desc(), DeskTask.id.desc())
        if name == "done"
        else (DeskTask.due_on, DeskTask.id)
    )
    return session.scalars(
        sa.select(DeskTask)
        .where(_in_list(name, by, today))
        .options(*_people())
        .order_by(*order)
        .limit(limit)
        .offset(offset)
    ).all()


def task_counts(session: Session, *, by: Actor, today: date) -> Mapping[str, int]:
    """Return list -> how many tasks it holds; one statement."""
    counts = [
        sa.select(sa.func.count(DeskTask.id)).where(_in_list(name, by, today)).scalar_subquery()
        for name in LISTS
    ]
    row = session.execute(sa.select(*counts)).one()
    return dict(zip(LISTS, row, strict=True))


def find_task(session: Session, public_id: str, *, by: Actor) -> DeskTask:
    """Return a task that the actor may know of; raises NotFound for all others."""
    found = find_tasks(session, [public_id], by=by)
    if not found:
        raise NotFound(kind="task")
    return found[0]


def find_tasks(session: Session, public_ids: Collection[str], *, by: Actor) -> Sequence[DeskTask]:
    """Return those of the tasks that the actor may know of."""
    return session.scalars(
        sa.select(DeskTask)
        .where(DeskTask.public_id.in_(public_ids), tasks_for(by))
        .options(*_people())
        .order_by(DeskTask.id)
    ).all()


def tasks_about(
    session: Session, kind: str, key: int, *, by: Actor, limit: int = 20
) -> Sequence[DeskTask]:
    """Return the open tasks about a thing that the actor may know of, the next due first."""
    return session.scalars(
        sa.select(DeskTask)
        .where(
            DeskTask.about_kind == kind,
            DeskTask.about_id == key,
            DeskTask.done_at.is_(None),
            tasks_for(by),
        )
        .options(*_people())
        .order_by(DeskTask.due_on, DeskTask.id)
        .limit(limit)
    ).all()


def _people() -> tuple[ORMOption, ...]:
    bare = (lazyload(User.roles), lazyload(User.memberships))
    return (joinedload(DeskTask.owner).options(*bare), joinedload(DeskTask.giver).options(*bare))
