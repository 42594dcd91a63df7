"""What the desk holds about a person, and how it forgets them.

Notes that were for the author alone go with them; those that a place reads stay without a name.
Their tasks go with them; a head hands over open ones before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.desk.models import DeskNote, DeskTask


@collects("desk")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return the notes that the person wrote, and the tasks that they have or gave."""
    notes = session.scalars(
        sa.select(DeskNote).where(DeskNote.author_id == user.id).order_by(DeskNote.id)
    )
    mine = sa.or_(
        DeskTask.owner_id == user.id, DeskTask.created_by == user.id, DeskTask.done_by == user.id
    )
    tasks = session.scalars(sa.select(DeskTask).where(mine).order_by(DeskTask.id))
    return {
        "notes": [
            {
                "about": each.about_kind,
                "for": each.audience,
                "text": each.text,
                "at": each.created_at.isoformat(),
                "removed_at": None if each.removed_at is None else each.removed_at.isoformat(),
            }
            for each in notes
        ],
        "tasks": [
            {
                "title": each.title,
                "detail": each.detail,
                "due_on": each.due_on.isoformat(),
                "mine": each.owner_id == user.id,
                "done_at": None if each.done_at is None else each.done_at.isoformat(),
            }
            for each in tasks
        ],
    }


@erases("desk")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the register's form
    """Take the person out."""
    owned = sa.select(DeskTask.id).where(DeskTask.owner_id == user.id)
    changes: list[sa.Update | sa.Delete] = [
        sa.delete(DeskNote).where(DeskNote.author_id == user.id, DeskNote.audience == "me"),
        sa.update(DeskNote).where(DeskNote.author_id == user.id).values(author_id=None),
        sa.update(DeskTask).where(DeskTask.follows_id.in_(owned)).values(follows_id=None),
        sa.delete(DeskTask).where(DeskTask.owner_id == user.id),
        sa.update(DeskTask).where(DeskTask.created_by == user.id).values(created_by=None),
        sa.update(DeskTask).where(DeskTask.done_by == user.id).values(done_by=None),
    ]
    for change in changes:
        session.execute(change.execution_options(synchronize_session=False))
