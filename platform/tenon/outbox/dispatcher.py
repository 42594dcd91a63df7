"""The dispatcher: one process per database that sees to it that every message is handled.

It holds a lease with a heartbeat. Topics that must run ``alone`` (the index has one writer) it
works itself; the others too, or sends them to Celery where that is set up. Either way the row in
the table is the record: what was lost is sent again when its lease runs out.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from tenon.clock import utc_now
from tenon.db import Database
from tenon.outbox import services
from tenon.outbox.handlers import Handler, handler_of
from tenon.outbox.models import OutboxMessage

log = logging.getLogger("tenon.outbox")

LEASE = "dispatcher"
LEASE_SPAN = timedelta(seconds=15)
IDLE_SECONDS = 0.25
BATCH = 64

Send = Callable[[int], None]
Periodic = Callable[[Database, datetime], None]


def process_name() -> str:
    """Return a name for this process that no other live one has."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_native_id()}"


class Dispatcher:
    """Claims due messages and works or sends them, until stopped.

    Args:
        database: where the outbox lies.
        send: hands a message id to a worker elsewhere; None works everything here.
        periodic: called once a heartbeat to queue what is due by the clock.
    """

    def __init__(
        self,
        database: Database,
        *,
        send: Send | None = None,
        periodic: Periodic | None = None,
    ) -> None:
        self._database = database
        self._send = send
        self._periodic = periodic
        self._owner = process_name()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lease_until: datetime | None = None

    def wake(self) -> None:
        """Look for work now rather than at the next turn."""
        self._wake.set()

    def start(self) -> None:
        """Run in a daemon thread of this process."""
        self._thread = threading.Thread(target=self.run, name="tenon-dispatcher", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 10) -> None:
        """Finish the message in hand, give the lease back, and return."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def run(self) -> None:
        """Turn until stopped; an error is logged and does not end it."""
        while not self._stop.is_set():
            busy = False
            try:
                busy = self.turn(utc_now())
            except Exception:
                log.exception("the dispatcher stumbled and goes on")
            if not busy:
                self._wake.wait(IDLE_SECONDS)
                self._wake.clear()
        with self._database.writing() as session:
            services.drop_lease(session, LEASE, owner=self._owner)

    def turn(self, now: datetime) -> bool:
        """Hold the lease and handle one batch; return whether there was work."""
        if not self._hold_lease(now):
            return False
        with self._database.reading() as session:
            if not services.any_due(session, now=now):
                return False
        with self._database.writing() as session:
            claimed = services.claim(
                session, owner=self._owner, now=now, limit=BATCH, patience=timedelta(minutes=5)
            )
        for handler, messages in _by_handler(claimed):
            if self._send is not None and not handler.alone:
                for message in messages:
                    self._send(message.id)
            elif handler.together:
                work_together(self._database, handler, messages)
            else:
                for message in messages:
                    work(self._database, message.id)
            self._hold_lease(utc_now())
        return bool(claimed)

    def _hold_lease(self, now: datetime) -> bool:
        """Renew the lease when a third of it is gone; queue the clock's work as often."""
        if self._lease_until is not None and self._lease_until - now > LEASE_SPAN * 2 / 3:
            return True
        with self._database.writing() as session:
            held = services.hold_lease(session, LEASE, owner=self._owner, now=now, span=LEASE_SPAN)
        self._lease_until = now + LEASE_SPAN if held else None
        if held and self._periodic is not None:
            self._periodic(self._database, now)
        return held


def _by_handler(
    messages: Sequence[OutboxMessage],
) -> list[tuple[Handler, list[OutboxMessage]]]:
    """Group neighbours of one topic, keeping the order; a topic nobody handles is an error."""
    return [(handler_of(topic), list(group)) for topic, group in groupby(messages, _topic)]


def _topic(message: OutboxMessage) -> str:
    return message.topic


def work(database: Database, message_id: int) -> bool:
    """Do one message's work and mark it done in the same transaction; False where it was done.

    A failure is rolled back, noted on the row, and tried again later.
    """
    now = utc_now()
    try:
        with database.writing() as session:
            message = session.get(OutboxMessage, message_id, with_for_update=True)
            if message is None or message.done_at is not None:
                return False
            handler_of(message.topic).work(session, message.payload, now)
            services.finish(session, [message_id], now=utc_now())
    except Exception as error:
        log.exception("message %s failed", message_id)
        _note_failure(database, [message_id], error)
        return False
    return True


def work_together(database: Database, handler: Handler, messages: Sequence[OutboxMessage]) -> None:
    """Do several messages of one topic in one go; on failure each is tried again by itself."""
    ids = [message.id for message in messages]
    payloads = [message.payload for message in messages]
    try:
        with database.writing() as session:
            handler.work(session, {"payloads": payloads}, utc_now())
            services.finish(session, ids, now=utc_now())
    except Exception as error:
        log.exception("messages %s of %s failed", ids, handler.topic)
        _note_failure(database, ids, error)


def _note_failure(database: Database, ids: Sequence[int], error: Exception) -> None:
    with database.writing() as session:
        for message_id in ids:
            services.fail(
                session, message_id, error=f"{type(error).__name__}: {error}", now=utc_now()
            )


def drain(database: Database, *, limit: int = 100_000) -> int:
    """Work everything that is due here and now; return the number of batches."""
    dispatcher = Dispatcher(database)
    done = 0
    while done < limit and dispatcher.turn(utc_now()):
        done += 1
    dispatcher.stop()
    with database.writing() as session:
        services.drop_lease(session, LEASE, owner=dispatcher._owner)  # noqa: SLF001  # same module
    return done
