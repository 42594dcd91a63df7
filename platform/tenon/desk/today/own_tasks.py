"""The broker's own tasks that are due today or were before."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.desk.days import today_of
from tenon.desk.models import DeskTask
from tenon.desk.today.parts import COUNTED, Part, Row, Step, part
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

PATH = "/desk/tasks"


def own_tasks(session: Session, *, by: Actor, now: datetime, language: str) -> Part:  # noqa: ARG001  # a task has one wording
    """Return tasks that are due; one statement."""
    today = today_of(now)
    rows = session.execute(
        sa.select(
            DeskTask.public_id,
            DeskTask.title,
            DeskTask.due_on,
            DeskTask.created_at,
            DeskTask.created_by,
        )
        .where(
            DeskTask.owner_id == by.user_id, DeskTask.done_at.is_(None), DeskTask.due_on <= today
        )
        .order_by(DeskTask.due_on, DeskTask.id)
        .limit(COUNTED)
    ).all()
    found = [
        Row(
            title=row.title,
            path=f"/desk/tasks/{row.public_id}",
            why=N_("You set this task.")
            if row.created_by == by.user_id
            else N_("This task was given to you."),
            since=row.created_at,
            due=row.due_on,
            late=row.due_on < today,
            steps=(
                Step(N_("Done"), f"/desk/tasks/{row.public_id}/done", post=True),
                Step(
                    N_("Next working day"),
                    f"/desk/tasks/{row.public_id}/postpone",
                    post=True,
                    values={"way": "working_day"},
                ),
            ),
        )
        for row in rows
    ]
    return part("tasks", found, PATH)
