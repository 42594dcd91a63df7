"""What this room holds about a person: who reported, confirmed, delivered, answered, wrote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.trials.models import Delivery, Trial, TrialPolicy, TrialReading

_COLUMNS = (
    Trial.learned_by,
    TrialReading.reported_by,
    TrialReading.confirmed_by,
    TrialPolicy.recorded_by,
    Delivery.delivered_by,
    Delivery.answered_by,
)


@collects("trials")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return how often the person did which of these, and the lessons they wrote."""
    counts = {
        f"{column.class_.__tablename__}.{column.key}": session.scalar(
            sa.select(sa.func.count()).select_from(column.class_).where(column == user.id)
        )
        for column in _COLUMNS
    }
    lessons = session.scalars(sa.select(Trial.learned).where(Trial.learned_by == user.id)).all()
    return {"counts": counts, "lessons": [text for text in lessons if text]}


@erases("trials")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the hook's form
    """Forget that it was this person; what their organisation reported stays."""
    for column in _COLUMNS:
        change = sa.update(column.class_).where(column == user.id).values({column.key: None})
        session.execute(change.execution_options(synchronize_session=False))
