"""Clocks that jump, are coarse, or bring a time twice: nothing is missed or held too long."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching import store
from matching.engine import MatchEngine
from matching.snapshot import SnapshotKeeper
from matching.writer import IndexWriter
from tenon.clock import utc_now
from tenon.db import Database
from tenon.listings.services import announce
from tenon.matches import indexing
from tenon.matches.engine import engine_of
from tenon.operations.periodic import queue_due
from tenon.outbox import emit
from tenon.outbox.dispatcher import HEARTBEAT, LEASE, LEASE_SPAN, Dispatcher
from tenon.outbox.leases import holder
from tenon.outbox.models import OutboxMessage, ProcessLease
from tenon.settings import Settings
from tests.factories.listings import make_achievement
from tests.faults.moments import FIRST, document
from tests.outbox import topics

HOUR = timedelta(hours=1)


def test_reader_sees_a_new_pointer_by_what_it_says_not_by_its_time(tmp_path: Path) -> None:
    IndexWriter.rebuild(FIRST, tmp_path, [document(1)])
    pointer = tmp_path / store.POINTER
    reader = SnapshotKeeper(tmp_path, FIRST.id)
    reader.get()
    before = pointer.stat()
    content_before = pointer.read_bytes()
    IndexWriter.rebuild(FIRST, tmp_path / "other", [document(2)])
    store.current_generation(tmp_path / "other").rename(tmp_path / "g000009")
    pointer.write_bytes(b"g000009 " + content_before.split()[1] + b"\n")
    os.utime(pointer, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = pointer.stat()

    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert reader.get().column("key", reader.get().live_rows()).tolist() == [2]


def test_an_index_made_anew_from_nothing_is_told_from_the_one_before(tmp_path: Path) -> None:
    """The folder was deleted and built: the name comes round again, the pointer's word does not."""
    IndexWriter.rebuild(FIRST, tmp_path, [document(1)])
    reader = SnapshotKeeper(tmp_path, FIRST.id)
    reader.get()
    for path in tmp_path.glob("g*"):
        shutil.rmtree(path)
    IndexWriter.rebuild(FIRST, tmp_path, [document(2)])

    assert store.current_generation(tmp_path).name == "g000001"
    assert reader.get().column("key", reader.get().live_rows()).tolist() == [2]


def test_words_are_followed_though_their_list_has_the_time_it_had(tmp_path: Path) -> None:
    with IndexWriter(FIRST, tmp_path) as writer:
        writer.add([document(1)])
        writer.commit()
        engine = MatchEngine(FIRST, tmp_path)
        engine.find("水稻")
        words = store.current_generation(tmp_path) / store.WORDS / "meta.json"
        before = words.stat()
        writer.add([document(2, "水稻种植")])
        writer.commit()
        os.utime(words, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert [key for key, _ in engine.find("水稻")][:1] == [2]


class Clock:
    """A clock that can be set, and a watch that only goes on."""

    def __init__(self) -> None:
        self.now = utc_now()
        self.seconds = 0.0

    def pass_(self, span: timedelta) -> None:
        self.now += span
        self.seconds += span.total_seconds()

    def dispatcher(self, database: Database) -> Dispatcher:
        return Dispatcher(database, clock=lambda: self.now, watch=lambda: self.seconds)


def test_holder_goes_on_renewing_after_its_clock_went_back(database: Database) -> None:
    clock = Clock()
    first = clock.dispatcher(database)
    first.turn()
    clock.now -= HOUR
    clock.pass_(HEARTBEAT)
    first.turn()
    with database.reading() as session:
        lease = session.get_one(ProcessLease, LEASE)
        assert lease.until == clock.now + LEASE_SPAN
        assert holder(session, LEASE, now=clock.now) == first.owner


def test_dead_holder_is_followed_within_a_span_though_the_clock_went_back(
    database: Database,
) -> None:
    clock = Clock()
    clock.dispatcher(database).turn()  # and is never heard of again
    clock.now -= HOUR
    second = clock.dispatcher(database)
    with database.writing() as session:
        emit(session, topics.COUNTED, {"name": "a"}, now=clock.now)
    second.turn()
    assert topics.done(database) == {}
    for _ in range(4):
        clock.pass_(HEARTBEAT)
        second.turn()
    second.turn()
    assert topics.done(database) == {"a": 1}


def test_living_holder_is_not_robbed_by_a_clock_that_went_ahead_and_back(
    database: Database,
) -> None:
    clock = Clock()
    first, second = clock.dispatcher(database), clock.dispatcher(database)
    first.turn()
    clock.now -= HOUR
    for _ in range(8):
        clock.pass_(HEARTBEAT)
        first.turn()
        second.turn()
        with database.reading() as session:
            assert session.get_one(ProcessLease, LEASE).owner == first.owner


def test_turns_are_queued_by_the_new_time_after_the_clock_went_back(database: Database) -> None:
    clock = Clock()
    dispatcher = Dispatcher(
        database, periodic=queue_due, clock=lambda: clock.now, watch=lambda: clock.seconds
    )
    dispatcher.turn()
    clock.now -= timedelta(days=2)
    clock.pass_(HEARTBEAT)
    dispatcher.turn()
    with database.reading() as session:
        sweeps = session.scalars(
            sa.select(OutboxMessage.id).where(OutboxMessage.topic == "index.sweep")
        )
        assert len(sweeps.all()) == 2


@pytest.mark.parametrize("jump", [-HOUR * 24, HOUR * 24])
def test_change_announced_while_the_clock_was_wrong_is_swept_in(
    session: Session, database: Database, site: Settings, jump: timedelta
) -> None:
    """Its message waits for a time that is far; the sweeper does not ask for messages."""
    now = utc_now()
    session.commit()
    with database.reading() as reader:
        indexing.rebuild(reader, now=now)
    listing = make_achievement(session, state="published", title="片球菌发酵剂")
    announce(session, [listing.id], now=now + jump)
    session.commit()
    with database.reading() as reader:
        indexing.sweep(reader, now=utc_now())
    assert [key for key, _ in engine_of(site).find("片球菌")] == [listing.id]
