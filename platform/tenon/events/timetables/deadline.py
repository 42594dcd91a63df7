"""By when a timetable is to be released, and which events have none although it is time.

Knows no page.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.events.models import Event, PairRule, TimetableDraft, Wish

AHEAD = timedelta(days=3)
"""So long before the deadline it is on the organiser's desk, once requests have closed."""


def how_near(event: Event, *, released: bool, now: datetime) -> str:
    """Return how near the deadline is: ``ahead``, ``near`` or ``missed``; empty for no word of it.

    Near only once requests have closed: before, the timetable cannot be made yet.
    """
    until = event.schedule_until
    if until is None or released or event.state not in ("draft", "open") or event.ends_at <= now:
        return ""
    if until <= now:
        return "missed"
    closed = event.requests_until is None or event.requests_until <= now
    return "near" if closed and until <= now + AHEAD else "ahead"


def unreleased(
    session: Session, owner_id: int | None, *, now: datetime, limit: int
) -> Sequence[Event]:
    """Return somebody's public events whose deadline is near or missed; one statement.

    Those where nobody wishes to meet anybody have nothing to release. The first due comes first.
    """
    wished = sa.exists().where(
        Wish.event_id == Event.id,
        Wish.kind != "rather_not",
        Wish.state.in_(("open", "accepted")),
    )
    paired = sa.exists().where(PairRule.event_id == Event.id, PairRule.rule != "forbid")
    released = sa.exists().where(
        TimetableDraft.event_id == Event.id, TimetableDraft.state == "released"
    )
    closed = sa.or_(Event.requests_until.is_(None), Event.requests_until <= now)
    return session.scalars(
        sa.select(Event)
        .where(
            Event.owner_id == owner_id,
            Event.state == "open",
            Event.ends_at > now,
            sa.or_(
                Event.schedule_until <= now, sa.and_(closed, Event.schedule_until <= now + AHEAD)
            ),
            sa.or_(wished, paired),
            ~released,
        )
        .order_by(Event.schedule_until, Event.id)
        .limit(limit)
    ).all()
