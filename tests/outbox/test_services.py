"""Messages are written with the change, claimed by one, started by one, finished once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.outbox import OutboxMessage, emit, services

MINUTE = timedelta(minutes=1)


def _patience(_topic: str) -> timedelta:
    return 2 * MINUTE


def _claim(session: Session, owner: str, now: datetime, limit: int = 100) -> list[int]:
    found = services.claim(session, owner=owner, now=now, limit=limit, patience=_patience)
    return [message.id for message in found]


def _emit(database: Database, now: datetime, count: int = 1) -> list[int]:
    with database.writing() as session:
        made = [emit(session, "test.counted", {"name": str(n)}, now=now) for n in range(count)]
        session.flush()
        return [message.id for message in made if message is not None]


def _row(database: Database, key: int) -> OutboxMessage:
    with database.reading() as session:
        return session.get_one(OutboxMessage, key)


def test_emit_is_part_of_the_transaction(database: Database, now: datetime) -> None:
    with database.writer() as session:
        emit(session, "test.counted", {}, now=now)
        session.rollback()
    with database.reading() as session:
        assert session.scalars(sa.select(OutboxMessage)).all() == []


def test_emit_under_a_key_queues_once(database: Database, now: datetime) -> None:
    with database.writing() as session:
        first = emit(session, "test.counted", {"n": 1}, now=now, key="day:1")
        second = emit(session, "test.counted", {"n": 2}, now=now, key="day:1")
    with database.writing() as session:
        third = emit(session, "test.counted", {"n": 3}, now=now, key="day:1")
        rows = session.scalars(sa.select(OutboxMessage)).all()
    assert first is not None
    assert (second, third) == (None, None)
    assert [row.payload for row in rows] == [{"n": 1}]


def test_emit_under_a_key_taken_meanwhile_spares_the_rest_of_the_transaction(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        emit(session, "test.counted", {}, now=now, key="k")
    with database.writing() as session:
        emit(session, "test.counted", {"with": "it"}, now=now)
        assert emit(session, "test.counted", {}, now=now, key="k") is None
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(OutboxMessage.id))) == 2


def test_claim_takes_what_is_due_oldest_first(database: Database, now: datetime) -> None:
    with database.writing() as session:
        for minutes in (3, 1, 2, -1):
            at = now - minutes * MINUTE
            emit(session, "test.counted", {"minutes": minutes}, now=at, at=at)
    with database.writing() as session:
        found = services.claim(session, owner="a", now=now, limit=2, patience=_patience)
        assert [message.payload["minutes"] for message in found] == [3, 2]
        found = services.claim(session, owner="a", now=now, limit=9, patience=_patience)
        assert [message.payload["minutes"] for message in found] == [1]


def test_claim_by_two_never_gives_the_same(database: Database, now: datetime) -> None:
    ids = _emit(database, now, 10)
    with database.writer() as first:
        mine = _claim(first, "a", now, 6)
        if database.engine.dialect.name == "postgresql":
            with database.writing() as second:  # while the first has not committed
                yours = _claim(second, "b", now)
            first.commit()
        else:
            first.commit()
            with database.writing() as second:
                yours = _claim(second, "b", now)
    assert mine == ids[:6]
    assert yours == ids[6:]


def test_claim_again_when_the_lease_has_run_out_and_longer_each_time(
    database: Database, now: datetime
) -> None:
    (key,) = _emit(database, now)
    moment = now
    spans = []
    for _ in range(7):
        with database.writing() as session:
            assert _claim(session, "a", moment) == [key]
            assert _claim(session, "b", moment + 2 * MINUTE - timedelta(seconds=1)) == []
        until = _row(database, key).leased_until
        assert until is not None
        spans.append((until - moment) // MINUTE)
        moment = until
    assert spans == [2, 4, 8, 16, 32, 60, 60]


def test_start_of_a_message_sent_twice_is_granted_once(database: Database, now: datetime) -> None:
    (key,) = _emit(database, now)
    with database.writing() as session:
        _claim(session, "dispatcher", now)
    granted = []
    for owner, minutes in (("a", 0), ("b", 1), ("c", 3), ("d", 4)):
        with database.writing() as session:
            at = now + minutes * MINUTE
            found = services.start(session, [key], owner=owner, now=at, patience=2 * MINUTE)
            granted.append([message.leased_by for message in found])
    assert granted == [["a"], [], ["c"], []]
    assert _row(database, key).attempts == 2


def test_start_leaves_out_what_is_done_or_given_up(database: Database, now: datetime) -> None:
    done, given_up, waiting = _emit(database, now, 3)
    with database.writing() as session:
        assert services.finish(session, [done], now=now) == 1
        session.get_one(OutboxMessage, given_up).failed_at = now
    with database.writing() as session:
        ids = [done, given_up, waiting]
        found = services.start(session, ids, owner="a", now=now, patience=MINUTE)
        assert [message.id for message in found] == [waiting]


def test_finish_counts_only_what_was_open(database: Database, now: datetime) -> None:
    ids = _emit(database, now, 2)
    with database.writing() as session:
        assert services.finish(session, ids[:1], now=now) == 1
        assert services.finish(session, ids, now=now) == 1


def test_fail_waits_twice_as_long_each_time_and_gives_up_at_the_last(
    database: Database, now: datetime
) -> None:
    (key,) = _emit(database, now)
    waits, moment = [], now
    for _ in range(services.MAX_ATTEMPTS):
        with database.writing() as session:
            assert _claim(session, "a", moment) == [key]
            services.start(session, [key], owner="a", now=moment, patience=MINUTE)
            services.fail(session, key, error="no", now=moment)
        row = _row(database, key)
        waits.append((row.available_at - moment).total_seconds())
        moment = row.available_at
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600]
    assert (row.failed_at is not None, row.error, row.leased_by) == (True, "no", None)
    with database.writing() as session:
        assert _claim(session, "a", moment + timedelta(days=1)) == []


def test_message_whose_process_dies_every_time_is_given_up(
    database: Database, now: datetime
) -> None:
    (key,) = _emit(database, now)
    moment = now
    for _ in range(services.MAX_ATTEMPTS):
        with database.writing() as session:
            assert _claim(session, "a", moment) == [key]
            services.start(session, [key], owner="a", now=moment, patience=MINUTE)
        moment += timedelta(hours=2)  # silence
    with database.writing() as session:
        assert _claim(session, "a", moment) == []
    assert _row(database, key).error == services.NEVER_FINISHED
    with database.writing() as session:
        assert services.retry_failed(session, now=moment) == 1
        assert _claim(session, "a", moment) == [key]


def test_fail_of_a_message_done_meanwhile_changes_nothing(
    database: Database, now: datetime
) -> None:
    (key,) = _emit(database, now)
    with database.writing() as session:
        services.finish(session, [key], now=now)
        services.fail(session, key, error="late", now=now)
        services.fail(session, key + 1, error="never was", now=now)
    assert _row(database, key).error is None


def test_release_frees_one_owners_messages_at_once_or_later(
    database: Database, now: datetime
) -> None:
    ids = _emit(database, now, 3)
    with database.writing() as session:
        mine = _claim(session, "a", now, 2)
        _claim(session, "b", now)
        assert services.release(session, owner="a", ids=mine[:1], at=now + MINUTE) == 1
        assert services.release(session, owner="a") == 1
        assert _claim(session, "c", now) == ids[1:2]
        assert _claim(session, "c", now + MINUTE) == ids[:1]


def test_forget_done_deletes_what_was_done_long_ago(database: Database, now: datetime) -> None:
    old, young, waiting = _emit(database, now, 3)
    with database.writing() as session:
        services.finish(session, [old], now=now - timedelta(days=40))
        services.finish(session, [young], now=now)
        assert services.forget_done(session, before=now - timedelta(days=30)) == 1
        left = session.scalars(sa.select(OutboxMessage.id).order_by(OutboxMessage.id)).all()
    assert left == [young, waiting]


@pytest.mark.parametrize("due", [True, False])
def test_any_due_looks_without_taking(database: Database, now: datetime, due: bool) -> None:
    _emit(database, now)
    with database.reading() as session:
        moment = now if due else now - MINUTE
        assert services.any_due(session, now=moment) is due
        assert services.any_due(session, now=moment) is due
