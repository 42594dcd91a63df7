"""The dispatcher works or sends what is due, in order, and stumbles over nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.clock import utc_now
from tenon.db import Database
from tenon.outbox import OutboxMessage, emit, handles
from tenon.outbox import dispatcher as dispatching
from tenon.outbox.dispatcher import Dispatcher, drain
from tenon.outbox.leases import holder
from tenon.outbox.models import ProcessLease
from tenon.outbox.working import work
from tests.outbox import topics
from tests.outbox.topics import done


def _emit(database: Database, topic: str, *names: str, now: datetime) -> list[int]:
    with database.writing() as session:
        made = [emit(session, topic, {"name": name}, now=now) for name in names]
        session.flush()
        return [message.id for message in made if message is not None]


def _rows(database: Database) -> list[OutboxMessage]:
    with database.reading() as session:
        return list(session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)))


@pytest.fixture
def running(database: Database) -> Iterator[Dispatcher]:
    dispatcher = Dispatcher(database)
    dispatcher.start()
    yield dispatcher
    dispatcher.stop()


def test_drain_works_everything_and_counts(database: Database, now: datetime) -> None:
    names = [str(number) for number in range(100)]
    _emit(database, topics.COUNTED, *names, now=now)
    assert drain(database, now=now) == 100
    assert done(database) == dict.fromkeys(names, 1)
    assert all(row.done_at == now for row in _rows(database))
    assert drain(database, now=now) == 0


def test_drain_leaves_what_is_not_due(database: Database, now: datetime) -> None:
    _emit(database, topics.COUNTED, "later", now=now + timedelta(minutes=1))
    assert drain(database, now=now) == 0
    assert drain(database, now=now + timedelta(minutes=1)) == 1


def test_drain_where_another_dispatcher_lives_does_nothing(
    database: Database, now: datetime
) -> None:
    other = Dispatcher(database, clock=lambda: now)
    other.turn()
    _emit(database, topics.COUNTED, "a", now=now)
    assert drain(database, now=now) == 0
    with database.reading() as session:
        assert holder(session, "dispatcher", now=now) == other.owner


def test_failure_is_rolled_back_noted_and_tried_again(database: Database, now: datetime) -> None:
    _emit(database, topics.FAILING, "a", now=now)
    _emit(database, topics.COUNTED, "b", now=now)
    drain(database, now=now)
    failed, fine = _rows(database)
    assert done(database) == {"b": 1}
    assert (failed.error, failed.attempts, failed.done_at) == ("RuntimeError: as asked", 1, None)
    assert failed.available_at == now + timedelta(seconds=2)
    assert fine.done_at == now


def test_unknown_topic_holds_up_nobody_and_waits_for_its_handler(
    database: Database, now: datetime
) -> None:
    _emit(database, "test.of_a_newer_version", "a", now=now)
    _emit(database, topics.COUNTED, "b", now=now)
    drain(database, now=now)
    unknown, _ = _rows(database)
    assert unknown.error == "nobody handles test.of_a_newer_version"
    assert done(database) == {"b": 1}


def test_together_works_several_at_once(database: Database, now: datetime) -> None:
    names = ["a", "b", "c"]
    _emit(database, topics.TOGETHER, *names, now=now)
    drain(database, now=now)
    assert done(database) == dict.fromkeys(names, 1)
    assert done(database, "batch") == {"a": 1}


def test_follower_hears_of_a_topic_once_after_its_handler(
    database: Database, now: datetime
) -> None:
    (first,) = _emit(database, topics.HEARD, "a", now=now)
    _emit(database, topics.HEARD_TOGETHER, "b", "c", now=now)
    drain(database, now=now)
    assert done(database, "followed") == {"a": 1, "b": 1, "c": 1}
    with database.writing() as session:  # as if the first had been worked a second time
        session.get_one(OutboxMessage, first).done_at = None
    drain(database, now=now)
    assert done(database) == {"a": 2, "b": 1, "c": 1}
    assert done(database, "followed") == {"a": 1, "b": 1, "c": 1}


def test_follower_hears_nothing_of_what_failed(database: Database, now: datetime) -> None:
    _emit(database, topics.HEARD_TOGETHER, "bad", now=now)
    drain(database, now=now)
    assert done(database, "followed") == {}


def test_what_is_worked_in_turn_gives_way_to_what_came_later(
    database: Database, now: datetime
) -> None:
    mails = [f"mail-{number}" for number in range(dispatching.BATCH + 5)]
    _emit(database, topics.IN_TURN, *mails, now=now)
    _emit(database, topics.COUNTED, "published", now=now + timedelta(milliseconds=1))
    dispatcher = Dispatcher(database, clock=lambda: now + timedelta(seconds=1))
    assert dispatcher.turn() == dispatching.BATCH
    assert done(database) == {"published": 1}
    assert len(done(database, "in_turn")) == dispatching.BATCH - 1
    assert "mail-0:0" not in done(database, "in_turn")  # it saw the entry of what was published
    assert dispatcher.turn() == 6
    assert len(done(database, "in_turn")) == len(mails)


def test_what_nobody_waits_for_comes_last_and_one_at_a_time(
    database: Database, now: datetime
) -> None:
    reports = [f"report-{number}" for number in range(3)]
    _emit(database, topics.IN_BACKGROUND, *reports, now=now)
    _emit(database, topics.COUNTED, "told", now=now + timedelta(milliseconds=1))
    dispatcher = Dispatcher(database, clock=lambda: now + timedelta(seconds=1))
    assert dispatcher.turn() == 2
    assert done(database).keys() == {"told", "report-0"}
    _emit(database, topics.COUNTED, "told again", now=now)
    assert dispatcher.turn() == 2
    assert done(database).keys() == {"told", "report-0", "told again", "report-1"}
    assert dispatcher.turn() == 1
    assert dispatcher.turn() == 0


def test_together_a_bad_one_takes_no_good_one_down(database: Database, now: datetime) -> None:
    _emit(database, topics.TOGETHER, "a", "bad", "c", now=now)
    drain(database, now=now)
    assert done(database) == {"a": 1, "c": 1}
    assert [row.error for row in _rows(database)] == [None, "RuntimeError: a bad one", None]


def test_reading_work_holds_no_lock_while_it_lasts(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    _emit(database, topics.READING, str(tmp_path / "sent"), now=now)
    drain(database, now=now)
    (row,) = _rows(database)
    assert (row.error, row.done_at) == (None, now)
    assert (tmp_path / "sent").exists()
    assert done(database) == {"afterwards": 1}


def test_sent_ids_go_to_workers_except_what_must_run_alone(
    database: Database, now: datetime
) -> None:
    sent: list[int] = []
    (mine,) = _emit(database, topics.ALONE, "index", now=now)
    (yours,) = _emit(database, topics.COUNTED, "mail", now=now)
    assert Dispatcher(database, send=sent.append, clock=lambda: now).turn() == 2
    assert sent == [yours]
    assert done(database) == {"index": 1}
    assert [row.done_at for row in _rows(database)] == [now, None]
    assert mine < yours


def test_sent_message_lost_on_the_way_is_sent_again_after_its_lease(
    database: Database, now: datetime
) -> None:
    moment, sent = now, []  # type: datetime, list[int]
    dispatcher = Dispatcher(database, send=sent.append, clock=lambda: moment)
    (key,) = _emit(database, topics.COUNTED, "a", now=now)
    dispatcher.turn()
    dispatcher.turn()
    assert sent == [key]
    moment = now + timedelta(seconds=3)  # the topic's patience is two
    dispatcher.turn()
    assert sent == [key, key]


def test_broker_that_is_away_costs_no_attempt_and_a_few_seconds(
    database: Database, now: datetime
) -> None:
    moment, sent = now, []  # type: datetime, list[int]

    def send(message_id: int) -> None:
        if moment == now:
            raise ConnectionError("no broker")
        sent.append(message_id)

    ids = _emit(database, topics.COUNTED, "a", "b", now=now)
    dispatcher = Dispatcher(database, send=send, clock=lambda: moment)
    dispatcher.turn()
    assert [row.attempts for row in _rows(database)] == [0, 0]
    moment = now + dispatching.SEND_AGAIN_AFTER
    dispatcher.turn()
    assert sent == ids


def test_work_delivered_twice_is_done_once(database: Database, now: datetime) -> None:
    (key,) = _emit(database, topics.COUNTED, "a", now=now)
    assert work(database, key)
    assert not work(database, key)
    assert not work(database, key + 1)
    assert done(database) == {"a": 1}


# On SQLite the slow one holds the only writer's place, so nobody can overtake it.
@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_work_overtaken_by_another_process_undoes_its_own(
    database: Database, now: datetime
) -> None:
    """It took longer than its patience; another process began it anew and was done first."""
    overtaken = threading.Event()

    @handles("test.slow", patience=1)
    def slow(session: Session, _payload: Mapping[str, Any], moment: datetime) -> None:
        topics.alone(session, {"name": threading.current_thread().name}, moment)
        if threading.current_thread().name == "slow":
            overtaken.wait(120)

    (key,) = _emit(database, "test.slow", "a", now=now)
    thread = threading.Thread(name="slow", target=work, args=(database, key))
    thread.start()
    while not _rows(database)[0].started_at:
        time.sleep(0.02)
    later = utc_now() + timedelta(seconds=5)
    quick = threading.Thread(
        name="quick", target=work, args=(database, key), kwargs={"clock": lambda: later}
    )
    quick.start()
    quick.join()
    overtaken.set()
    thread.join()
    assert done(database) == {"quick": 1}


def test_thread_takes_up_what_it_is_woken_for_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "IDLE_SECONDS", 3600)  # it looks when it is woken, or never
    running = Dispatcher(database)
    running.start()
    for number in range(5):
        start = time.perf_counter()
        _emit(database, topics.COUNTED, f"n{number}", now=datetime.now(UTC))
        running.wake()
        while done(database).get(f"n{number}") is None:
            assert time.perf_counter() - start < 120
            time.sleep(0.005)
    running.stop(60)


def test_thread_finds_work_without_being_woken(database: Database, running: Dispatcher) -> None:
    _emit(database, topics.COUNTED, "a", now=datetime.now(UTC))
    start = time.perf_counter()
    while done(database) != {"a": 1}:
        assert time.perf_counter() - start < 120
        time.sleep(0.01)


def test_heart_beats_while_a_long_piece_of_work_lasts(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    span = timedelta(seconds=0.6)
    monkeypatch.setattr(dispatching, "LEASE_SPAN", span)
    monkeypatch.setattr(dispatching, "HEARTBEAT", span / 3)
    begun, go_on = threading.Event(), threading.Event()

    def send(_message_id: int) -> None:
        begun.set()
        go_on.wait(120)

    dispatcher = Dispatcher(database, send=send)
    _emit(database, topics.COUNTED, "long", now=datetime.now(UTC))
    dispatcher.start()
    assert begun.wait(60)

    def until() -> datetime:
        with database.reading() as session:
            return session.get_one(ProcessLease, "dispatcher").until

    first, limit = until(), time.monotonic() + 60
    while until() <= first:
        assert time.monotonic() < limit
        time.sleep(0.05)
    with database.reading() as session:
        assert holder(session, "dispatcher", now=datetime.now(UTC)) == dispatcher.owner
    go_on.set()
    dispatcher.stop(60)
    with database.reading() as session:
        assert holder(session, "dispatcher", now=datetime.now(UTC)) is None


def test_periodic_is_asked_once_a_heartbeat(database: Database, now: datetime) -> None:
    asked: list[datetime] = []
    moment = now
    dispatcher = Dispatcher(
        database, periodic=lambda _database, at: asked.append(at), clock=lambda: moment
    )
    for seconds in (0, 1, 4, 6, 7, 12):
        moment = now + timedelta(seconds=seconds)
        dispatcher.turn()
    assert asked == [now, now + timedelta(seconds=6), now + timedelta(seconds=12)]


def test_second_handler_of_a_topic_is_refused() -> None:
    with pytest.raises(ValueError, match="already has a handler"):

        @handles(topics.COUNTED)
        def another(_session: Session, _payload: object, _now: datetime) -> None:
            raise NotImplementedError
