"""What this room holds about a person: the events that they run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.events.models import Event


@collects("events")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return the titles and states of the events that the person runs."""
    rows = session.scalars(
        sa.select(Event).where(Event.owner_id == user.id).order_by(Event.starts_at, Event.id)
    )
    return {
        "runs": [
            {"event": each.public_id, "title": each.title(user.language), "state": each.state}
            for each in rows
        ]
    }


@erases("events")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the hook's form
    """Leave the person's events to the organisations that host them."""
    session.execute(
        sa.update(Event)
        .where(Event.owner_id == user.id)
        .values(owner_id=None)
        .execution_options(synchronize_session=False)
    )
