"""The dispatcher: one process per database that sees to it that every message is handled.

It holds a lease with a heartbeat. Topics that must run ``alone`` (the index has one writer) it
works itself; the others too, or sends them to Celery where that is set up. Either way the row in
the table is the record: what was lost is sent again when its lease runs out.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy.orm import Session

from tenon.clock import utc_now
from tenon.db import Database
from tenon.outbox import leases, services
from tenon.outbox.handlers import (
    PATIENCE,
    Handler,
    giving_way,
    in_background,
    known_handler,
)
from tenon.outbox.models import OutboxMessage
from tenon.outbox.working import note_failure, process_name, work, work_in_turn, work_together

log = logging.getLogger("tenon.outbox")

LEASE = "dispatcher"
LEASE_SPAN = timedelta(seconds=15)
HEARTBEAT = LEASE_SPAN / 3
IDLE_SECONDS = 0.25
SEND_AGAIN_AFTER = timedelta(seconds=5)
BATCH = 64

Send = Callable[[int], None]
Periodic = Callable[[Database, datetime], None]
Clock = Callable[[], datetime]


class Dispatcher:
    """Claims due messages and works or sends them, until stopped.

    Args:
        database: where the outbox lies.
        send: hands a message id to a worker elsewhere; None works everything here.
        periodic: called once a heartbeat to queue what is due by the clock.
        clock: what time it is.
        watch: seconds that go on evenly, whatever happens to the clock.
    """

    def __init__(
        self,
        database: Database,
        *,
        send: Send | None = None,
        periodic: Periodic | None = None,
        clock: Clock = utc_now,
        watch: Callable[[], float] = time.monotonic,
    ) -> None:
        self.owner = process_name()
        self._watch = watch
        self._sign: leases.Sign | None = None
        self._sign_at = 0.0
        self._database = database
        self._send = send
        self._periodic = periodic
        self._clock = clock
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._holding = threading.Lock()
        self._lease_until: datetime | None = None
        self._periodic_at: datetime | None = None

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
        heart = threading.Thread(target=self._beat, name="tenon-heartbeat", daemon=True)
        heart.start()
        while not self._stop.is_set():
            done = 0
            try:
                done = self.turn()
            except Exception:
                log.exception("the dispatcher stumbled and goes on")
            if not done:
                self._wake.wait(IDLE_SECONDS)
                self._wake.clear()
        heart.join()
        self.let_go()

    def let_go(self) -> None:
        """Give the lease back, so that the next process need not wait for it to run out."""
        self._lease_until = None
        with self._database.writing() as session:
            leases.drop_lease(session, LEASE, owner=self.owner)

    def turn(self) -> int:
        """Hold the lease and handle one batch; return how many messages were claimed."""
        if not self._hold_lease():
            return 0
        self._queue_periodic()
        now = self._clock()
        with self._database.reading() as session:
            if not services.any_due(session, now=now):
                return 0
        claimed = self._claim(now)
        for topic, group in groupby(claimed, lambda message: message.topic):
            if self._stop.is_set() or not self._hold_lease():
                break
            self._handle(topic, list(group))
        return len(claimed)

    def _claim(self, now: datetime) -> list[OutboxMessage]:
        """Claim a batch: what gives way (mail, which may be a hundred thousand) fills what is left.

        So a large mailing does not keep what was just published out of the index. Last comes one
        piece of work in the background, so that whoever waits for a notice does not wait for it.
        """
        slow, background, claimed = giving_way(), in_background(), list[OutboxMessage]()
        rounds = [({"without": slow | background}, BATCH)]
        rounds += [
            ({"topics": each}, most) for each, most in ((slow, BATCH), (background, 1)) if each
        ]
        with self._database.writing() as session:
            for asked, most in rounds:
                claimed += services.claim(
                    session,
                    owner=self.owner,
                    now=now,
                    limit=min(most, BATCH - len(claimed)),
                    patience=_patience_of,
                    **asked,
                )
                if len(claimed) == BATCH:
                    break
        return claimed

    def _handle(self, topic: str, messages: Sequence[OutboxMessage]) -> None:
        """Work or send neighbours of one topic, in order."""
        handler = known_handler(topic)
        ids = [message.id for message in messages]
        if handler is None:
            # Perhaps from a newer version of the site; kept and tried again like any failure.
            log.error("nobody handles the topic %s", topic)
            with self._database.writing() as session:
                services.start(
                    session, ids, owner=self.owner, now=self._clock(), patience=_patience_of(topic)
                )
            note_failure(self._database, ids, f"nobody handles {topic}", now=self._clock())
        elif self._send is not None and not handler.alone:
            self._send_all(handler, ids)
        elif handler.in_turn:
            work_in_turn(
                self._database,
                handler,
                ids,
                owner=self.owner,
                clock=self._clock,
                stopped=self._stop.is_set,
            )
        elif handler.together:
            work_together(self._database, handler, ids, owner=self.owner, clock=self._clock)
        else:
            for message_id in ids:
                if not self._stop.is_set():
                    work(self._database, message_id, owner=self.owner, clock=self._clock)

    def _send_all(self, handler: Handler, ids: Sequence[int]) -> None:
        """Hand ids to the workers; what cannot be sent is free again soon."""
        assert self._send is not None  # noqa: S101  # the caller asked; said for the type checker
        for place, message_id in enumerate(ids):
            try:
                self._send(message_id)
            except Exception:
                log.exception("cannot send %s to the workers", handler.topic)
                with self._database.writing() as session:
                    services.release(
                        session,
                        owner=self.owner,
                        ids=ids[place:],
                        at=self._clock() + SEND_AGAIN_AFTER,
                    )
                return

    def _beat(self) -> None:
        """Renew the lease beside the work, so that a long piece of it is not taken for death."""
        while not self._stop.wait(HEARTBEAT.total_seconds()):
            try:
                if self._lease_until is not None:
                    self._hold_lease()
            except Exception:
                log.exception("the dispatcher's heartbeat failed")

    def _hold_lease(self) -> bool:
        """Take the lease, or renew it when a third of it is gone."""
        with self._holding:
            now = self._clock()
            left = None if self._lease_until is None else self._lease_until - now
            # More left than was ever given: the clock has gone back.
            if left is not None and LEASE_SPAN - HEARTBEAT < left <= LEASE_SPAN:
                return True
            with self._database.writing() as session:
                held = leases.hold_lease(
                    session,
                    LEASE,
                    owner=self.owner,
                    now=now,
                    span=LEASE_SPAN,
                    silent=self._silent(session),
                )
            self._lease_until = now + LEASE_SPAN if held else None
            return held

    def _silent(self, session: Session) -> leases.Sign | None:
        """Return the other holder's last sign of life if it is a lease's span old by our watch.

        The watch goes on where the clock jumps; a dead holder's lease may end hours from now.
        """
        sign = leases.last_sign(session, LEASE)
        if sign is None or sign != self._sign:
            self._sign, self._sign_at = sign, self._watch()
            return None
        return sign if self._watch() - self._sign_at > LEASE_SPAN.total_seconds() else None

    def _queue_periodic(self) -> None:
        now = self._clock()
        if self._periodic is None or (
            # Of either sign: after a clock has gone back, turns must not wait for it.
            self._periodic_at is not None and abs(now - self._periodic_at) < HEARTBEAT
        ):
            return
        self._periodic(self._database, now)
        self._periodic_at = now


def _patience_of(topic: str) -> timedelta:
    handler = known_handler(topic)
    return timedelta(seconds=PATIENCE if handler is None else handler.patience)


def drain(database: Database, *, now: datetime | None = None, limit: int = 100_000) -> int:
    """Work everything that is due (at ``now``, or by the clock) here; return how many messages.

    For commands and tests. Where another dispatcher holds the lease, it does the work and 0 is
    returned.
    """
    dispatcher = Dispatcher(database, clock=utc_now if now is None else lambda: now)
    done = 0
    try:
        while done < limit and (count := dispatcher.turn()):
            done += count
    finally:
        dispatcher.let_go()
    return done
