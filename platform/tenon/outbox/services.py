"""Verbs of the outbox: emit, claim, finish, fail, and the lease of the one dispatcher.

Never commits. Times are passed in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.outbox.models import OutboxMessage, ProcessLease

MAX_ATTEMPTS = 12
WAKE_AFTER_COMMIT = "tenon_wake_dispatcher"


def emit(
    session: Session,
    topic: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    at: datetime | None = None,
    key: str | None = None,
) -> OutboxMessage | None:
    """Add a message to this transaction; it becomes due at ``at`` or at once.

    With ``key``, a message already queued or done under the same key is left alone and None is
    returned.
    """
    if key is not None:
        taken = session.scalar(sa.select(OutboxMessage.id).where(OutboxMessage.key == key))
        if taken is not None:
            return None
    message = OutboxMessage(
        topic=topic, payload=dict(payload), key=key, created_at=now, available_at=at or now
    )
    session.add(message)
    session.info[WAKE_AFTER_COMMIT] = True
    return message


def claim(
    session: Session,
    *,
    owner: str,
    now: datetime,
    limit: int,
    patience: timedelta,
    topics: Collection[str] | None = None,
) -> Sequence[OutboxMessage]:
    """Lease up to ``limit`` due messages to ``owner`` until ``now + patience``, oldest first.

    PostgreSQL skips rows that others are claiming; SQLite's single writer needs no such care.
    """
    due = sa.select(OutboxMessage.id).where(
        OutboxMessage.done_at.is_(None),
        OutboxMessage.failed_at.is_(None),
        OutboxMessage.available_at <= now,
        sa.or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until <= now),
    )
    if topics is not None:
        due = due.where(OutboxMessage.topic.in_(topics))
    due = due.order_by(OutboxMessage.available_at, OutboxMessage.id).limit(limit)
    ids = session.scalars(due.with_for_update(skip_locked=True)).all()
    if not ids:
        return []
    session.execute(
        sa.update(OutboxMessage)
        .where(OutboxMessage.id.in_(ids))
        .values(leased_by=owner, leased_until=now + patience, attempts=OutboxMessage.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    rows = session.scalars(
        sa.select(OutboxMessage)
        .where(OutboxMessage.id.in_(ids))
        .order_by(OutboxMessage.available_at, OutboxMessage.id)
        .execution_options(populate_existing=True)
    )
    return rows.all()


def any_due(session: Session, *, now: datetime) -> bool:
    """Whether a message waits; a cheap look that takes no lock."""
    waiting = sa.select(OutboxMessage.id).where(
        OutboxMessage.done_at.is_(None),
        OutboxMessage.failed_at.is_(None),
        OutboxMessage.available_at <= now,
        sa.or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until <= now),
    )
    return session.scalar(waiting.limit(1)) is not None


def finish(session: Session, ids: Sequence[int], *, now: datetime) -> int:
    """Mark messages done, unless somebody did already; return how many were marked."""
    result = session.execute(
        sa.update(OutboxMessage)
        .where(OutboxMessage.id.in_(ids), OutboxMessage.done_at.is_(None))
        .values(done_at=now, leased_by=None, leased_until=None, error=None)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a DML result has it


def fail(session: Session, message_id: int, *, error: str, now: datetime) -> None:
    """Note a failure: retried after 2, 4, 8 ... seconds (an hour at most), given up at the last.

    A message given up stays in the table with its error, for an operator to see and send again.
    """
    message = session.get(OutboxMessage, message_id)
    if message is None or message.done_at is not None:
        return
    delay = min(3600, 2**message.attempts)
    message.available_at = now + timedelta(seconds=delay)
    message.leased_by = message.leased_until = None
    message.error = error[:4000]
    if message.attempts >= MAX_ATTEMPTS:
        message.failed_at = now


def retry_failed(session: Session, *, now: datetime) -> int:
    """Give every message that was given up a new start; return how many."""
    result = session.execute(
        sa.update(OutboxMessage)
        .where(OutboxMessage.failed_at.is_not(None), OutboxMessage.done_at.is_(None))
        .values(failed_at=None, attempts=0, available_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a DML result has it


def forget_done(session: Session, *, before: datetime) -> int:
    """Delete messages done before a moment; return how many."""
    result = session.execute(
        sa.delete(OutboxMessage)
        .where(OutboxMessage.done_at < before)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a DML result has it


def hold_lease(session: Session, name: str, *, owner: str, now: datetime, span: timedelta) -> bool:
    """Take or renew the lease ``name``; False while another owner's heartbeat is fresh."""
    result = session.execute(
        sa.update(ProcessLease)
        .where(
            ProcessLease.name == name,
            sa.or_(ProcessLease.owner == owner, ProcessLease.until <= now),
        )
        .values(owner=owner, heartbeat_at=now, until=now + span)
        .execution_options(synchronize_session=False)
    )
    if result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        return True
    if session.get(ProcessLease, name) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(ProcessLease(name=name, owner=owner, heartbeat_at=now, until=now + span))
    except sa.exc.IntegrityError:  # another process inserted it in the same moment
        return False
    return True


def drop_lease(session: Session, name: str, *, owner: str) -> None:
    """Give the lease back, so that the next process need not wait for it to run out."""
    session.execute(
        sa.delete(ProcessLease).where(ProcessLease.name == name, ProcessLease.owner == owner)
    )
