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

from sqlalchemy.orm import Session

from tenon.clock import utc_now
from tenon.db import Database
from tenon.outbox import pausing, services
from tenon.outbox.handlers import Handler, Later, Then, followers, handler_of
from tenon.outbox.in_turn import Run
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
        handler, me = handler_of(message.topic), owner or process_name()
        started = _start(database, handler, [message_id], owner=me, clock=clock)
        if not started:
            return False
        if handler.in_turn:
            return _run_in_turn(database, handler, started, me, clock) == 1
        outcome = _work(database, handler, started[0].payload, started, clock)
    except Overtaken:
        log.warning("message %s was finished by another process meanwhile", message_id)
        return False
    except Exception as error:
        log.exception("message %s of %s failed", message_id, message.topic)
        note_failure(database, [message_id], _words(error), now=clock())
        return False
    return not isinstance(outcome, Later)


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


def work_in_turn(
    database: Database,
    handler: Handler,
    ids: Sequence[int],
    *,
    owner: str,
    clock: Clock = utc_now,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Begin several messages of one topic in one go, and work and settle them one after another.

    What was not reached, since the topic pauses or ``stopped`` says so, is as if never begun.
    """
    started = _start(database, handler, ids, owner=owner, clock=clock)
    if started:
        _run_in_turn(database, handler, started, owner, clock, stopped)


def _run_in_turn(
    database: Database,
    handler: Handler,
    started: Sequence[OutboxMessage],
    owner: str,
    clock: Clock,
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    def note(message: OutboxMessage, error: Exception) -> None:
        log.error("message %s of %s failed", message.id, handler.topic, exc_info=error)
        note_failure(database, [message.id], _words(error), now=clock())

    def settle(session: Session, done: Sequence[OutboxMessage]) -> None:
        services.finish(session, [message.id for message in done], now=clock())
        _tell_followers(session, done, clock())

    run = Run(database, handler, owner=owner, clock=clock, note=note, settle=settle)
    run.work(started, stopped)
    return run.finished


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
    _work(database, handler, payload, messages, clock)


def _work(
    database: Database,
    handler: Handler,
    payload: Mapping[str, Any],
    messages: Sequence[OutboxMessage],
    clock: Clock,
) -> Then | Later | None:
    """Work and finish: in one transaction, or for a handler that only reads one after the other."""
    ids = [message.id for message in messages]
    if handler.reads:
        with database.reading() as session:
            outcome = handler.work(session, payload, clock())
        with database.writing() as session:
            if isinstance(outcome, Later):
                pausing.put_off_as_told(session, handler.topic, ids, outcome, now=clock())
                return outcome
            services.finish(session, ids, now=clock())
            _tell_followers(session, messages, clock())
            if outcome is not None:
                outcome(session)
        return outcome
    with database.writing() as session:
        handler.work(session, payload, clock())
        if services.finish(session, ids, now=clock()) != len(ids):
            raise Overtaken
        _tell_followers(session, messages, clock())
    return None


def _tell_followers(session: Session, messages: Sequence[OutboxMessage], now: datetime) -> None:
    for message in messages:
        for topic in followers(message.topic):
            services.emit(session, topic, message.payload, now=now, key=f"{topic}:{message.id}")


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
