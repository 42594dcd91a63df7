"""Verbs of the outbox: emit, claim, start, finish, fail, release.

A message is claimed by the one dispatcher, which works it or sends it to a worker; whoever works
it starts it first, and finishes it in the same transaction as the work. Never commits. Times are
passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tenon.outbox.models import OutboxMessage, OutboxPause

MAX_ATTEMPTS = 12
LONGEST_WAIT = timedelta(hours=1)
WAKE_AFTER_COMMIT = "tenon_wake_dispatcher"
NEVER_FINISHED = "never finished: the process that worked it ended or fell silent every time"

OPEN = sa.and_(OutboxMessage.done_at.is_(None), OutboxMessage.failed_at.is_(None))
_BY_AGE = (OutboxMessage.available_at, OutboxMessage.id)

Patience = Callable[[str], timedelta]


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
    returned, also where two transactions queue it in the same moment.
    """
    session.info[WAKE_AFTER_COMMIT] = True
    values = {
        "topic": topic,
        "payload": dict(payload),
        "created_at": now,
        "available_at": at or now,
    }
    if key is None:
        message = OutboxMessage(**values)
        session.add(message)
        return message
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(OutboxMessage).values(**values, key=key)
    return session.scalars(
        statement.on_conflict_do_nothing(index_elements=["key"]).returning(OutboxMessage)
    ).one_or_none()


def emit_many(
    session: Session, topic: str, payloads: Sequence[Mapping[str, Any]], *, now: datetime
) -> None:
    """Add many messages of one topic to this transaction, due at once, in few statements."""
    if not payloads:
        return
    session.info[WAKE_AFTER_COMMIT] = True
    session.execute(
        sa.insert(OutboxMessage),
        [
            {"topic": topic, "payload": dict(each), "created_at": now, "available_at": now}
            for each in payloads
        ],
    )


def emit_again(
    session: Session, topic: str, payload: Mapping[str, Any], *, now: datetime, key: str
) -> None:
    """Make the one message of this key due again, or add it; one that still waits is left alone.

    For work that goes on slice by slice, or is asked for by many, and wants one row for all time.
    """
    session.info[WAKE_AFTER_COMMIT] = True
    again = (
        sa.update(OutboxMessage)
        .where(
            OutboxMessage.key == key,
            sa.or_(OutboxMessage.done_at.is_not(None), OutboxMessage.failed_at.is_not(None)),
        )
        .values(
            payload=dict(payload),
            available_at=now,
            done_at=None,
            failed_at=None,
            started_at=None,
            leased_by=None,
            leased_until=None,
            error=None,
            attempts=0,
            claims=0,
        )
        .execution_options(synchronize_session=False)
    )
    if not session.execute(again).rowcount:  # type: ignore[attr-defined]  # a DML result has it
        emit(session, topic, payload, now=now, key=key)


def _due(now: datetime) -> sa.ColumnElement[bool]:
    paused = sa.select(OutboxPause.topic).where(OutboxPause.until > now)
    return sa.and_(
        OPEN,
        OutboxMessage.available_at <= now,
        OutboxMessage.topic.not_in(paused),
        sa.or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until <= now),
    )


def any_due(session: Session, *, now: datetime) -> bool:
    """Whether a message waits; a cheap look that takes no lock."""
    return session.scalar(sa.select(OutboxMessage.id).where(_due(now)).limit(1)) is not None


def claim(
    session: Session,
    *,
    owner: str,
    now: datetime,
    limit: int,
    patience: Patience,
    topics: Collection[str] | None = None,
    without: Collection[str] = (),
) -> Sequence[OutboxMessage]:
    """Lease up to ``limit`` due messages to ``owner``, oldest first.

    A lease lasts as long as the topic's patience, twice as long at every further claim (an hour
    at most), so that a site whose workers are away does not flood their queue. PostgreSQL skips
    rows that others are claiming; SQLite's single writer needs no such care. A message whose
    every start came to nothing is given up here: nobody was left to note the failure.
    """
    due = sa.select(OutboxMessage).where(_due(now))
    if topics is not None:
        due = due.where(OutboxMessage.topic.in_(topics))
    if without:
        due = due.where(OutboxMessage.topic.not_in(without))
    due = due.order_by(*_BY_AGE).limit(limit)
    found = session.scalars(
        due.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    ).all()
    claimed = []
    for message in found:
        if message.attempts >= MAX_ATTEMPTS:
            message.failed_at, message.error = now, message.error or NEVER_FINISHED
            continue
        span = patience(message.topic)
        longer = min(span * 2 ** min(message.claims, 10), max(span, LONGEST_WAIT))
        message.leased_by, message.leased_until = owner, now + longer
        message.started_at = None
        message.claims += 1
        claimed.append(message)
    session.flush()
    return claimed


def start(
    session: Session, ids: Collection[int], *, owner: str, now: datetime, patience: timedelta
) -> Sequence[OutboxMessage]:
    """Begin the work of messages and return those that are ``owner``'s to work now.

    Left out are messages that are done, given up, or being worked by somebody whose time is not
    over: so a message that arrives twice is worked once.
    """
    started = (
        sa.update(OutboxMessage)
        .where(
            OutboxMessage.id.in_(ids),
            OPEN,
            sa.or_(OutboxMessage.started_at.is_(None), OutboxMessage.leased_until <= now),
        )
        .values(
            started_at=now,
            leased_by=owner,
            leased_until=now + patience,
            attempts=OutboxMessage.attempts + 1,
        )
        .returning(OutboxMessage)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(session.scalars(started), key=lambda message: (message.available_at, message.id))


def renew(
    session: Session, ids: Collection[int], *, owner: str, until: datetime
) -> Collection[int]:
    """Hold on to messages in work until a later moment; return the ids still ``owner``'s."""
    held = (
        sa.update(OutboxMessage)
        .where(OutboxMessage.id.in_(ids), OutboxMessage.leased_by == owner, OPEN)
        .values(leased_until=until)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return set(session.scalars(held))


def finish(session: Session, ids: Collection[int], *, now: datetime) -> int:
    """Mark messages done, unless somebody did already; return how many were marked."""
    result = session.execute(
        sa.update(OutboxMessage)
        .where(OutboxMessage.id.in_(ids), OutboxMessage.done_at.is_(None))
        .values(done_at=now, failed_at=None, leased_by=None, leased_until=None, error=None)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a DML result has it


def fail(session: Session, message_id: int, *, error: str, now: datetime) -> None:
    """Note a failure: retried after 2, 4, 8 ... seconds (an hour at most), given up at the last.

    A message given up stays in the table with its error, for an operator to see and send again.
    """
    message = session.get(OutboxMessage, message_id, with_for_update=True, populate_existing=True)
    if message is None or message.done_at is not None:
        return
    message.available_at = now + min(LONGEST_WAIT, timedelta(seconds=2**message.attempts))
    message.leased_by = message.leased_until = message.started_at = None
    message.error = error[:4000]
    if message.attempts >= MAX_ATTEMPTS:
        message.failed_at = now
    session.flush()


def release(
    session: Session,
    *,
    owner: str,
    ids: Collection[int] | None = None,
    at: datetime | None = None,
) -> int:
    """Free what ``owner`` claimed (all of it, or ``ids``), due again ``at`` a moment or at once.

    Return how many messages were freed.
    """
    values: dict[str, Any] = {"leased_by": None, "leased_until": None, "started_at": None}
    if at is not None:
        values["available_at"] = at
    freed = sa.update(OutboxMessage).where(OutboxMessage.leased_by == owner, OPEN)
    if ids is not None:
        freed = freed.where(OutboxMessage.id.in_(ids))
    result = session.execute(freed.values(values).execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]  # a DML result has it


def retry_failed(session: Session, *, now: datetime) -> int:
    """Give every message that was given up a new start; return how many."""
    result = session.execute(
        sa.update(OutboxMessage)
        .where(OutboxMessage.failed_at.is_not(None), OutboxMessage.done_at.is_(None))
        .values(
            failed_at=None,
            attempts=0,
            claims=0,
            available_at=now,
            started_at=None,
            leased_by=None,
            leased_until=None,
        )
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
