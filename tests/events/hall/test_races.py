"""Two devices at once: one writes the arrival, the other is told who was first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
import sqlalchemy as sa

from tenon.clock import utc_now
from tenon.db import Database
from tenon.errors import Conflict, DomainError
from tenon.events.hall import devices, marking
from tenon.events.hall.arriving import Seen
from tenon.events.models import CheckIn, Device, Meeting
from tests.events.hall.cast import Cast

AT_ONCE = 4


def _begin_together(database: Database, barrier: threading.Barrier, *, read: bool) -> None:
    """Wait for the others: on PostgreSQL after reading, on SQLite, with one writer, before."""
    if (database.engine.dialect.name == "postgresql") == read:
        barrier.wait(timeout=30)


def test_devices_that_check_the_same_person_in_write_one_arrival(
    database: Database, today: Cast
) -> None:
    now, boss, code = utc_now(), today.actor("boss"), today.parts["lan"].code
    with database.writing() as session:
        made = [
            devices.register(session, session.merge(today.event), name=name, by=boss, now=now).id
            for name in "abcd"
        ]
    barrier = threading.Barrier(AT_ONCE)

    def send(key: int) -> str:
        _begin_together(database, barrier, read=False)
        with database.writing() as session:
            device = session.get_one(Device, key)
            _begin_together(database, barrier, read=True)
            seen = [Seen(code, "camera", now, f"device-{key}")]
            return devices.sync(session, device, seen, by=boss, now=now)[0].result

    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = sorted(pool.map(send, made))
    assert results == ["already"] * (AT_ONCE - 1) + ["arrived"]
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(CheckIn.id))) == 1


@pytest.mark.parametrize("marks", [("held", "a"), ("b", "both")])
def test_of_two_marks_at_once_one_holds_and_the_other_is_told(
    database: Database, today: Cast, marks: tuple[str, str], now: datetime
) -> None:
    key, boss = today.meetings[0].id, today.actor("boss")
    barrier = threading.Barrier(2)

    def mark(what: str) -> DomainError | None:
        try:
            _begin_together(database, barrier, read=False)
            with database.writing() as session:
                meeting = session.get_one(Meeting, key)
                _begin_together(database, barrier, read=True)
                marking.mark(session, meeting, what, version=1, by=boss, now=now)
        except DomainError as error:
            return error
        return None

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(mark, marks))
    assert outcomes.count(None) == 1
    assert isinstance(next(each for each in outcomes if each), Conflict)
    with database.reading() as session:
        found = session.get_one(Meeting, key)
        won = marks[outcomes.index(None)]
        assert (found.state, found.missed_by) == (
            ("held", None) if won == "held" else ("no_show", won)
        )
