"""Putting off: single messages until a moment, or a topic as a whole while what it needs is away.

Neither costs an attempt, so an outage of any length loses nothing. Never commits; times are
passed in.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.outbox.handlers import Later
from tenon.outbox.models import OutboxMessage, OutboxPause
from tenon.outbox.services import OPEN

FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=5)
BEHIND = timedelta(seconds=1)
_REASON = 300


def put_off(session: Session, ids: Collection[int], *, until: datetime, reason: str) -> None:
    """Make messages that were begun due again at ``until``, as if nobody had begun them."""
    session.execute(
        sa.update(OutboxMessage)
        .where(OutboxMessage.id.in_(ids), OPEN)
        .values(
            available_at=until,
            attempts=sa.case((OutboxMessage.attempts > 0, OutboxMessage.attempts - 1), else_=0),
            claims=0,
            started_at=None,
            leased_by=None,
            leased_until=None,
            error=reason,
        )
        .execution_options(synchronize_session=False)
    )


def put_off_as_told(
    session: Session, topic: str, ids: Collection[int], later: Later, *, now: datetime
) -> datetime | None:
    """Put messages off as their handler asks; return until when the topic pauses, if it does."""
    until = later.until
    if until is None:
        paused = pause(session, topic, reason=later.reason, now=now)
        # Behind all others, so that one message that breaks the server does not block them.
        put_off(session, ids, until=paused + BEHIND, reason=later.reason)
    else:
        paused = None
        put_off(session, ids, until=until, reason=later.reason)
    if later.then is not None:
        later.then(session)
    return paused


def pause(session: Session, topic: str, *, reason: str, now: datetime) -> datetime:
    """Let a topic wait as a whole and return until when: 15 seconds, then twice as long every time.

    Five minutes at most. Of several processes that find the same at once the first decides.
    """
    standing = session.get(OutboxPause, topic, with_for_update=True, populate_existing=True)
    if standing is not None and standing.until > now:
        return standing.until
    if standing is None:
        standing = OutboxPause(topic=topic, since=now, tries=0, until=now, reason="")
        session.add(standing)
    standing.tries += 1
    standing.until = now + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(standing.tries - 1, 10))
    standing.reason = reason[:_REASON]
    session.flush()
    _move(session, topic, since=None, before=standing.until, to=standing.until)
    return standing.until


def resume(session: Session, topic: str, *, now: datetime) -> bool:
    """End a topic's pause, and return whether there was one; what waited for its end is due now."""
    until = session.scalar(
        sa.delete(OutboxPause).where(OutboxPause.topic == topic).returning(OutboxPause.until)
    )
    if until is None:
        return False
    if until > now:
        _move(session, topic, since=until, before=until + timedelta(microseconds=1), to=now)
    return True


def standing(session: Session, topic: str) -> datetime | None:
    """Return until when a topic pauses or was to pause, or None where it does not."""
    return session.scalar(sa.select(OutboxPause.until).where(OutboxPause.topic == topic))


def pauses(session: Session) -> Sequence[OutboxPause]:
    """Return every topic that waits as a whole or is about to be tried again."""
    return session.scalars(sa.select(OutboxPause).order_by(OutboxPause.topic)).all()


def _move(
    session: Session, topic: str, *, since: datetime | None, before: datetime, to: datetime
) -> None:
    """Move what nobody works, so that a search for due messages need not step over it."""
    moved = sa.update(OutboxMessage).where(
        OPEN,
        OutboxMessage.topic == topic,
        OutboxMessage.available_at < before,
        OutboxMessage.leased_by.is_(None),
    )
    if since is not None:
        moved = moved.where(OutboxMessage.available_at >= since)
    session.execute(moved.values(available_at=to).execution_options(synchronize_session=False))
