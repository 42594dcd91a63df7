"""What the desk tells people: tasks that are due, and tasks that were given to them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.desk.days import today_of
from tenon.desk.models import DeskTask
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import delivery, wording
from tenon.notices.services import notify

MORNING = 7
"""The hour, by the site's clock, from which the day's tasks are told."""

MADE_UP = timedelta(days=3)
"""A site that was down tells of so many days, and no more."""

AT_A_TIME = 500

wording.register(
    {
        "desk_tasks_due": N_("Tasks due today: %(number)s. The first: “%(task)s”."),
        "desk_task_given": N_("%(person)s gave you a task: “%(task)s”, due on %(day)s."),
    },
    group="desk",
    heading=N_("Tasks on the desk"),
    samples={
        "task": {"zh": "请企业确认预算", "en": "Ask the firm to confirm its budget"},
        "day": "2027-03-31",
        "number": 3,
    },
)


def tell_given(session: Session, task: DeskTask, *, now: datetime) -> None:
    """Tell somebody of a task that another set for them."""
    owner, giver = session.get(User, task.owner_id), session.get(User, task.created_by)
    if owner is None or giver is None:
        return
    notify(
        session,
        user=owner,
        kind="desk_task_given",
        facts={"person": giver.name, "task": task.title, "day": task.due_on.isoformat()},
        path=f"/desk/tasks/{task.public_id}",
        about=giver,
        now=now,
    )


def tell_due(session: Session, *, now: datetime) -> int:
    """Tell everybody once, on the morning, of the tasks that are due; returns how many were told.

    Nothing before MORNING; at most AT_A_TIME tasks in one go.
    """
    if now.astimezone(delivery.current().zone).hour < MORNING:
        return 0
    today = today_of(now)
    tasks = session.scalars(
        sa.select(DeskTask)
        .where(_to_tell(today))
        .order_by(DeskTask.owner_id, DeskTask.due_on, DeskTask.id)
        .limit(AT_A_TIME)
    ).all()
    of_owner: dict[int, list[DeskTask]] = {}
    for task in tasks:
        of_owner.setdefault(task.owner_id, []).append(task)
        task.reminded_on = today
    for key, due in of_owner.items():
        owner = session.get(User, key)
        if owner is not None:
            notify(
                session,
                user=owner,
                kind="desk_tasks_due",
                facts={"number": len(due), "task": due[0].title},
                path="/desk/tasks",
                now=now,
            )
    session.flush()
    return len(tasks)


def _to_tell(today: date) -> sa.ColumnElement[bool]:
    return sa.and_(
        DeskTask.done_at.is_(None),
        DeskTask.due_on.between(today - MADE_UP, today),
        sa.or_(DeskTask.reminded_on.is_(None), DeskTask.reminded_on < DeskTask.due_on),
    )
