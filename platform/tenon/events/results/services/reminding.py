"""Reminders of outcomes: by the clock on days 1, 3, 7 and 14, and by the organiser, in bulk."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Forbidden, Invalid
from tenon.events.models import Event, EventSlot, Meeting
from tenon.events.permissions import may_run
from tenon.events.results.notifying import AGAIN, remind
from tenon.events.results.queries.meetings import (
    REMIND_AFTER,
    TOOK_PLACE,
    Missing,
    loaded,
    missing_of,
    overdue,
    round_due,
    rounds_passed,
    unanswered,
)
from tenon.events.states import EVENT
from tenon.outbox import emit

AT_A_TIME = 200
LONGEST_KEY = 60


def remind_due(session: Session, *, now: datetime) -> int:
    """Remind of meetings whose next round has come; return how many meetings were looked at.

    One reminder goes out for all rounds that have passed; ``Meeting.reminded`` says how many have.
    """
    first = now - timedelta(days=REMIND_AFTER[0])
    passed = [
        sa.and_(Meeting.reminded < number, EventSlot.ends_at <= now - timedelta(days=days))
        for number, days in enumerate(REMIND_AFTER, start=1)
    ]
    rows = session.scalars(
        sa.select(Meeting)
        .join(EventSlot, EventSlot.id == Meeting.slot_id)
        .join(Event, Event.id == Meeting.event_id)
        .where(
            Meeting.state.in_(TOOK_PLACE),
            Event.state != "called_off",
            EventSlot.ends_at <= first,
            unanswered(),
            sa.or_(*passed),
        )
        .options(*loaded())
        .order_by(Meeting.id)
        .limit(AT_A_TIME)
    ).all()
    to_ask = []
    for each in rows:
        if round_due(each, now) is not None:
            to_ask.append(each)
        _count_rounds(session, each, now)
    remind(session, missing_of(session, to_ask), "event_outcome_due", now=now)
    return len(rows)


def _count_rounds(session: Session, meeting: Meeting, now: datetime) -> None:
    """Note the rounds that have passed by the calendar, so that none comes up again."""
    session.execute(
        sa.update(Meeting)
        .where(Meeting.id == meeting.id)
        .values(reminded=rounds_passed(meeting, now))
        .execution_options(synchronize_session=False)
    )
    session.expire(meeting, ["reminded"])


def chosen_overdue(
    session: Session, event: Event, keys: Collection[str], *, now: datetime
) -> Sequence[Missing]:
    """Return those of the overdue that were chosen and can be asked; nothing chosen is nobody."""
    wanted = set(keys)
    return [
        each
        for each in overdue(session, event, now=now)
        if each.key in wanted and each.registration.user is not None
    ]


def remind_again(
    session: Session,
    event: Event,
    keys: Collection[str],
    *,
    request_key: str,
    by: Actor,
    now: datetime,
) -> int:
    """Remind those chosen of the overdue ones once more; return how many.

    The same ``request_key`` again reminds nobody. Raises Forbidden, and Invalid at ``chosen``
    where nobody was.
    """
    if not may_run(by, event):
        raise Forbidden("not_allowed")
    if not request_key or len(request_key) > LONGEST_KEY:
        raise Invalid({"request_key": "required"})
    found = chosen_overdue(session, event, keys, now=now)
    if not found:
        raise Invalid({"chosen": "nobody"})
    payload = {"event": event.id, "keys": [each.key for each in found]}
    if emit(session, "events.remind_again", payload, now=now, key=f"remind:{request_key}") is None:
        return len(found)
    history.record(
        session,
        chain=(EVENT.kind, event.public_id),
        kind="reminded_again",
        by=by,
        now=now,
        facts={"asked": len(found)},
    )
    return len(found)


def ask_again(session: Session, event: Event, keys: Collection[str], *, now: datetime) -> None:
    """Write the reminders of one request; who has answered meanwhile is left alone."""
    remind(session, chosen_overdue(session, event, keys, now=now), AGAIN, now=now)
