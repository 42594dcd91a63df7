"""What the clock asks for is queued once a slot, however many ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from tenon.app import load_tasks
from tenon.db import Database
from tenon.operations import periodic
from tenon.outbox import OutboxMessage, topics


@pytest.fixture(autouse=True)
def two_topics(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [("test.hourly", timedelta(hours=1)), ("test.daily", timedelta(days=1))]
    monkeypatch.setattr(periodic, "periodic_topics", lambda: asked)


def _keys(database: Database) -> list[str | None]:
    with database.reading() as session:
        return list(session.scalars(sa.select(OutboxMessage.key).order_by(OutboxMessage.key)))


def test_queue_due_queues_each_slot_once(database: Database, now: datetime) -> None:
    for minutes in (0, 1, 59):
        periodic.queue_due(database, now + timedelta(minutes=minutes))
    day, hour = int(now.timestamp()) // 86400, int(now.timestamp()) // 3600
    assert _keys(database) == [f"test.daily:{day}", f"test.hourly:{hour}"]
    periodic.queue_due(database, now + timedelta(minutes=60))
    assert len(_keys(database)) == 3


def test_queue_due_by_many_at_once_queues_once(database: Database, now: datetime) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: periodic.queue_due(database, now), range(12)))
    assert len(_keys(database)) == 2


def test_queue_due_after_a_long_silence_makes_up_for_no_missed_slot(
    database: Database, now: datetime
) -> None:
    periodic.queue_due(database, now)
    periodic.queue_due(database, now + timedelta(days=30))
    assert len(_keys(database)) == 4


def test_every_periodic_topic_has_a_handler_and_works_on_an_empty_site(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    load_tasks()
    asked = periodic.periodic_topics()
    assert {topic for topic, _ in asked} <= topics()
    assert all(interval >= timedelta(minutes=1) for _, interval in asked)
