"""Meetings of the broker's own events whose outcome is overdue, an event a row."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.desk.today.parts import COUNTED, Part, Row, Step, part
from tenon.events.models import Event, EventSlot, Meeting
from tenon.events.results.queries.meetings import REMIND_AFTER, TOOK_PLACE, unanswered
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

PATH = "/events"
LOOKED_BACK = timedelta(days=180)


def follow_ups(session: Session, *, by: Actor, now: datetime, language: str) -> Part:
    """Return own events with outcomes that are overdue; one statement."""
    last = now - timedelta(days=REMIND_AFTER[-1])
    overdue = sa.or_(
        Event.follow_up_until <= now,
        sa.and_(Event.follow_up_until.is_(None), EventSlot.ends_at <= last),
    )
    rows = session.execute(
        sa.select(
            Event.public_id,
            Event.title_zh,
            Event.title_en,
            sa.func.count(Meeting.id).label("number"),
            sa.func.min(EventSlot.ends_at).label("since"),
        )
        .join(Meeting, Meeting.event_id == Event.id)
        .join(EventSlot, EventSlot.id == Meeting.slot_id)
        .where(
            Event.owner_id == by.user_id,
            Event.ends_at >= now - LOOKED_BACK,
            Meeting.state.in_(TOOK_PLACE),
            EventSlot.ends_at <= now,
            overdue,
            unanswered(),
        )
        .group_by(Event.id, Event.public_id, Event.title_zh, Event.title_en)
        .order_by(sa.func.min(EventSlot.ends_at))
        .limit(COUNTED)
    ).all()
    found = [
        Row(
            title=(row.title_zh or row.title_en)
            if language == "zh"
            else (row.title_en or row.title_zh),
            path=f"/events/{row.public_id}/overdue",
            why=N_("Meetings whose outcome nobody has told: %(number)s."),
            facts={"number": row.number},
            since=row.since,
            late=True,
            steps=(Step(N_("Remind them"), f"/events/{row.public_id}/overdue"),),
        )
        for row in rows
    ]
    return part("follow_ups", found, PATH)
