"""Do the work of messages: start, work, and finish in the work's own transaction.

Runs in the dispatcher's process or in a worker's; knows nothing of who sent the message.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tenon.clock import utc_now
from tenon.db import Database
from tenon.outbox import services
from tenon.outbox.handlers import Handler, handler_of
from tenon.outbox.models import OutboxMessage

log = logging.getLogger("tenon.outbox")

Clock = Callable[[], datetime]


class Overtaken(Exception):
    """Somebody else finished the message while this process worked it; its own work is undone."""


def process_name() -> str:
    """Return a name that tells an operator which process it is, and that nobody else ever gets."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def work(
    database: Database, message_id: int, *, owner: str | None = None, clock: Clock = utc_now
) -> bool:
    """Do one message's work and mark it done in the same transaction.

    False where it was done already, is in work elsewhere, or failed; a failure is rolled back,
    noted on the row, and tried again later.
    """
    with database.reading() as session:
        message = session.get(OutboxMessage, message_id)
    if message is None or message.done_at is not None:
        return False
    try:
        handler = handler_of(message.topic)
        started = _start(database, handler, [message_id], owner=owner, clock=clock)
        if not started:
            return False
        _work(database, handler, started[0].payload, [message_id], clock)
    except Overtaken:
        log.warning("message %s was finished by another process meanwhile", message_id)
        return False
    except Exception as error:
        log.exception("message %s of %s failed", message_id, message.topic)
        note_failure(database, [message_id], _words(error), now=clock())
        return False
    return True


def work_together(
    database: Database,
    handler: Handler,
    ids: Sequence[int],
    *,
    owner: str | None = None,
    clock: Clock = utc_now,
) -> None:
    """Do several messages of one topic in one go; where that fails, each by itself.

    So one bad message takes no good one down with it.
    """
    started = _start(database, handler, ids, owner=owner, clock=clock)
    if not started:
        return
    try:
        _work_payloads(database, handler, started, clock)
    except Exception as error:
        if len(started) == 1:
            log.exception("message %s of %s failed", started[0].id, handler.topic)
            note_failure(database, [started[0].id], _words(error), now=clock())
            return
        log.warning("%s messages of %s failed together: one by one", len(started), handler.topic)
        for message in started:
            try:
                _work_payloads(database, handler, [message], clock)
            except Exception as own:
                log.exception("message %s of %s failed", message.id, handler.topic)
                note_failure(database, [message.id], _words(own), now=clock())


def note_failure(database: Database, ids: Sequence[int], error: str, *, now: datetime) -> None:
    """Write down that messages failed, in a transaction of its own."""
    with database.writing() as session:
        for message_id in ids:
            services.fail(session, message_id, error=error, now=now)


def _start(
    database: Database, handler: Handler, ids: Sequence[int], *, owner: str | None, clock: Clock
) -> Sequence[OutboxMessage]:
    with database.writing() as session:
        return services.start(
            session,
            ids,
            owner=owner or process_name(),
            now=clock(),
            patience=timedelta(seconds=handler.patience),
        )


def _work_payloads(
    database: Database, handler: Handler, messages: Sequence[OutboxMessage], clock: Clock
) -> None:
    payload = {"payloads": [message.payload for message in messages]}
    _work(database, handler, payload, [message.id for message in messages], clock)


def _work(
    database: Database,
    handler: Handler,
    payload: Mapping[str, Any],
    ids: Sequence[int],
    clock: Clock,
) -> None:
    """Work and finish: in one transaction, or for a handler that only reads one after the other."""
    if handler.reads:
        with database.reading() as session:
            then = handler.work(session, payload, clock())
        with database.writing() as session:
            services.finish(session, ids, now=clock())
            if then is not None:
                then(session)
        return
    with database.writing() as session:
        handler.work(session, payload, clock())
        if services.finish(session, ids, now=clock()) != len(ids):
            raise Overtaken


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
