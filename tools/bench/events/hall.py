"""The hall while the load runs: screens that ask again and again, and an organiser who marks.

Screens ask as the page's script does: three seconds after each answer, with the stamp that they
have. The organiser works by the services, in this process: what counts is how long after the
commit every screen shows it.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.clock import utc_now
from tenon.db import Database
from tenon.events import queries
from tenon.events.hall.arriving import Seen, check_in
from tenon.events.hall.marking import mark
from tenon.events.models import EventSlot, Meeting
from tools.bench.events.world import RUNNING, Hall
from tools.bench.load import Latency
from tools.bench.site import HOST

EVERY: Final = 3.0
"""Seconds from an answer to the next question, as in events.js."""

_MARK_EVERY: Final = 4
"""Of what the organiser does, one a second, the rest are arrivals."""

_HELD: Final = re.compile(
    r'hallboard__table--held">\s*<span class="hallboard__name">([^<]+)</span>'
)
_NEXT_SPAN: Final = 'id="board-2"'


def held_tables(fragment: str) -> frozenset[str]:
    """Return the tables of the slot that runs at which the board says that they met."""
    return frozenset(_HELD.findall(fragment.partition(_NEXT_SPAN)[0]))


@dataclass(slots=True)
class Screen:
    """One screen: what it asked and when it first showed what.

    Attributes:
        port, path, cookie: what it asks for, where, as whom.
        took: seconds of each answer.
        unchanged: how many of them said that nothing has.
        failed: answers that were neither.
        shown: table -> when it was first shown as held (time.perf_counter).
    """

    port: int
    path: str
    cookie: str
    took: list[float] = field(default_factory=list)
    unchanged: int = 0
    failed: int = 0
    shown: dict[str, float] = field(default_factory=dict)

    def run(self, begins: float, over: threading.Event) -> None:
        """Ask from a moment on (time.perf_counter) until it is over."""
        over.wait(max(0.0, begins - time.perf_counter()))
        connection, stamp = HTTPConnection(HOST, self.port, timeout=30), ""
        while not over.is_set():
            start = time.perf_counter()
            try:
                headers = {"Cookie": self.cookie, "If-None-Match": stamp}
                connection.request("GET", self.path, headers=headers)
                answer = connection.getresponse()
                fragment = answer.read().decode()
            except (OSError, HTTPException):
                self.failed += 1
                connection.close()
            else:
                self._take(answer.status, fragment, start)
                stamp = answer.headers.get("ETag") or ""
            over.wait(EVERY)
        connection.close()

    def _take(self, status: int, fragment: str, start: float) -> None:
        """Note an answer."""
        now = time.perf_counter()
        if status not in (200, 304):
            self.failed += 1
            return
        self.took.append(now - start)
        if status == 304:
            self.unchanged += 1
        else:
            for table in held_tables(fragment):
                self.shown.setdefault(table, now)


@dataclass(slots=True)
class Organiser:
    """Somebody who marks meetings of the slot that runs and lets people in.

    Attributes:
        database: of the site.
        hall: in which they do it.
        marked: table -> when its meeting was marked as held, and committed (time.perf_counter).
        arrivals: how many were let in.
        error: what stopped it; None where nothing did.
    """

    database: Database
    hall: Hall
    marked: dict[str, float] = field(default_factory=dict)
    arrivals: int = 0
    error: Exception | None = None

    def run(self, seconds: float) -> None:
        """Do something every second."""
        try:
            self._work(seconds)
        except Exception as error:  # noqa: BLE001  # told by who started this thread
            self.error = error

    def _work(self, seconds: float) -> None:
        start = time.perf_counter()
        waiting, expected = self._waiting(), iter(self.hall.expected)
        for turn in range(int(seconds)):
            time.sleep(max(0.0, start + turn - time.perf_counter()))
            if turn % _MARK_EVERY == 0 and waiting:
                self._mark(waiting.pop())
            else:
                self._let_in(next(expected, None))

    def _waiting(self) -> list[str]:
        """Return public ids of the meetings of the slot that runs."""
        with self.database.reading() as session:
            return list(
                session.scalars(
                    sa.select(Meeting.public_id)
                    .join(EventSlot, EventSlot.id == Meeting.slot_id)
                    .where(EventSlot.number == RUNNING, Meeting.state == "planned")
                    .order_by(Meeting.public_id)
                )
            )

    def _mark(self, public_id: str) -> None:
        with self.database.writing() as session:
            meeting = session.scalars(
                sa.select(Meeting)
                .where(Meeting.public_id == public_id)
                .options(joinedload(Meeting.table))
            ).one()
            table = meeting.table.name if meeting.table is not None else ""
            by = self._actor(session)
            mark(session, meeting, "held", version=meeting.version, by=by, now=utc_now())
        self.marked[table] = time.perf_counter()

    def _let_in(self, code: str | None) -> None:
        if code is None:
            return
        with self.database.writing() as session:
            by, now = self._actor(session), utc_now()
            event = queries.find_to_run(session, self.hall.event, by=by)
            check_in(session, event, Seen(code, "scanner", now), by=by, now=now)
        self.arrivals += 1

    def _actor(self, session: Session) -> Actor:
        return actor_of(session.get_one(User, self.hall.organiser))


@dataclass(frozen=True, slots=True)
class Watched:
    """What the screens showed, and how late.

    Attributes:
        answers: of all screens.
        unchanged: how many of them said that nothing has changed.
        delay: from the commit of a mark to its being shown, each mark on each screen; ``failed``
            are those never shown.
        marks, arrivals: what happened meanwhile.
    """

    answers: Latency
    unchanged: int
    delay: Latency
    marks: int
    arrivals: int


class Going:
    """Screens and organiser in threads of their own; what they saw once they have ended."""

    def __init__(self, screens: Sequence[Screen], organiser: Organiser, seconds: float) -> None:
        self._screens, self._organiser = screens, organiser
        self._over = threading.Event()
        start = time.perf_counter()
        apart = EVERY / max(1, len(screens))
        self._working = threading.Thread(target=organiser.run, args=(seconds,))
        self._watching = [
            threading.Thread(target=screen.run, args=(start + place * apart, self._over))
            for place, screen in enumerate(screens)
        ]
        for thread in (self._working, *self._watching):
            thread.start()

    def end(self) -> Watched:
        """Wait for the organiser and for the last mark to be shown; return what was seen.

        Raises what stopped the organiser.
        """
        self._working.join()
        time.sleep(2 * EVERY)
        self._over.set()
        for thread in self._watching:
            thread.join()
        if self._organiser.error is not None:
            raise self._organiser.error
        late, never = delays(self._organiser.marked, [each.shown for each in self._screens])
        return Watched(
            Latency.of(
                [took for each in self._screens for took in each.took],
                sum(each.failed for each in self._screens),
            ),
            sum(each.unchanged for each in self._screens),
            Latency.of(late, never),
            len(self._organiser.marked),
            self._organiser.arrivals,
        )


def delays(
    marked: Mapping[str, float], shown: Sequence[Mapping[str, float]]
) -> tuple[list[float], int]:
    """Return the seconds from each mark to each screen that shows it, and how many never did."""
    late = [
        screen[table] - at for screen in shown for table, at in marked.items() if table in screen
    ]
    return late, len(marked) * len(shown) - len(late)
