"""Work the messages of a topic one after another, each settled before the next begins.

For work whose effect is elsewhere and must not happen twice (a mail): what each message asks to be
written is committed at once, over one connection to the database. The outbox's own rows are
settled for many; a message that was worked and not settled comes up again and finds its work done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.outbox import pausing, services
from tenon.outbox.handlers import Handler, Later
from tenon.outbox.models import OutboxMessage

READ_AGAIN_AFTER = timedelta(seconds=5)

Clock = Callable[[], datetime]
Note = Callable[[OutboxMessage, Exception], None]
Settle = Callable[[Session, Sequence[OutboxMessage]], None]


class Run:
    """One run over messages that were begun.

    Args:
        database: where the outbox lies.
        handler: does the work.
        owner: who began the messages.
        clock: what time it is.
        note: writes down that a message failed.
        settle: marks messages done.
    """

    def __init__(
        self,
        database: Database,
        handler: Handler,
        *,
        owner: str,
        clock: Clock,
        note: Note,
        settle: Settle,
    ) -> None:
        self._database, self._handler, self._owner = database, handler, owner
        self._clock, self._note, self._mark_done = clock, note, settle
        self._done: list[OutboxMessage] = []
        self._ahead: dict[int, Mapping[str, Any]] = {}
        self._ahead_at: datetime | None = None
        self._was_paused = False
        self.finished = 0

    def work(self, messages: Sequence[OutboxMessage], stopped: Callable[[], bool]) -> None:
        """Work the messages until the topic pauses or ``stopped``; the rest is as never begun."""
        waiting, renewed = list(messages), self._clock()
        until = self._paused_until()
        try:
            while waiting and until is None:
                now = self._clock()
                if stopped():
                    until = now
                elif now - renewed > timedelta(seconds=self._handler.patience / 3):
                    renewed, waiting = now, self._still_ours(waiting, now)
                else:
                    until = self._work_one(waiting, now)
        finally:
            self._settle()
        if waiting and until is not None:
            with self._database.writing() as session:
                left = [each.id for each in waiting]
                pausing.put_off(session, left, until=until, reason="not reached")

    def _paused_until(self) -> datetime | None:
        """Return until when the topic pauses: another process may have found the server away."""
        with self._database.reading() as session:
            until = pausing.standing(session, self._handler.topic)
        self._was_paused = until is not None
        return until if until is not None and until > self._clock() else None

    def _work_one(self, waiting: list[OutboxMessage], now: datetime) -> datetime | None:
        """Work the next message; return until when its topic pauses, if that is what came."""
        payload = self._payload(waiting, now)
        message = waiting.pop(0)
        try:
            with self._database.reading() as session:
                outcome = self._handler.work(session, payload, now)
            if isinstance(outcome, Later):
                return self._put_off(message, outcome)
            if outcome is not None:
                with self._database.writing() as session:
                    outcome(session)
        except Exception as error:  # noqa: BLE001  # whatever it was, it is noted on the message
            self._note(message, error)
            return None
        self._done.append(message)
        if self._was_paused:
            self._end_pause()
        return None

    def _put_off(self, message: OutboxMessage, later: Later) -> datetime | None:
        with self._database.writing() as session:
            until = pausing.put_off_as_told(
                session, self._handler.topic, [message.id], later, now=self._clock()
            )
        if until is None and self._was_paused:
            self._end_pause()
        return until

    def _end_pause(self) -> None:
        """End the topic's pause with the first message that got through."""
        with self._database.writing() as session:
            pausing.resume(session, self._handler.topic, now=self._clock())
        self._was_paused = False

    def _payload(self, waiting: Sequence[OutboxMessage], now: datetime) -> Mapping[str, Any]:
        """Return the next payload, with what was read ahead for it and those after it."""
        if self._handler.ahead is None:
            return waiting[0].payload
        if self._ahead_at is None or now - self._ahead_at > READ_AGAIN_AFTER:
            with self._database.reading() as session:
                read = self._handler.ahead(session, [each.payload for each in waiting])
            self._ahead = {each.id: found for each, found in zip(waiting, read, strict=True)}
            self._ahead_at = now
        return self._ahead[waiting[0].id]

    def _still_ours(self, messages: Sequence[OutboxMessage], now: datetime) -> list[OutboxMessage]:
        """Hold on to what is left of a slow batch; return what nobody else has taken up."""
        self._settle()
        with self._database.writing() as session:
            held = services.renew(
                session,
                [message.id for message in messages],
                owner=self._owner,
                until=now + timedelta(seconds=self._handler.patience),
            )
        return [message for message in messages if message.id in held]

    def _settle(self) -> None:
        """Mark done what was worked; where that fails, it comes up again, to find itself done."""
        if not self._done:
            return
        done, self._done = self._done, []
        with self._database.writing() as session:
            self._mark_done(session, done)
        self.finished += len(done)
