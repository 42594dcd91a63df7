"""The index follows the database: built, kept up, compared, repaired; never another database's."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.documents import Document
from matching.engine import MatchEngine
from matching.writer import IndexWriter
from tenon.clock import utc_now
from tenon.db import Database
from tenon.listings.documents import expert_key
from tenon.listings.services import announce, announce_experts
from tenon.matches import indexing, reading
from tenon.matches.engine import encoder_of
from tenon.outbox.dispatcher import drain
from tenon.outbox.models import OutboxMessage
from tenon.settings import Settings
from tests.factories.accounts import make_organisation
from tests.factories.listings import make_achievement, make_expert, make_need
from tests.matches.conftest import Index


def _keys(engine: MatchEngine, text: str = "高温管道测温") -> set[int]:
    return {key for key, _ in engine.find(text)}


def test_rebuild_holds_exactly_what_is_public(
    session: Session, index: Index, engine: MatchEngine
) -> None:
    public = make_achievement(session, state="published")
    matching = make_need(session, state="in_matching")
    for state in ("draft", "approved", "in_review", "on_hold", "returned", "rejected"):
        make_achievement(session, state=state)
    for state in ("concluded", "withdrawn", "expired"):
        make_need(session, state=state)
    index()
    assert _keys(engine) == {public.id, matching.id}


def test_published_listing_is_findable_when_the_outbox_was_drained(
    session: Session, database: Database, index: Index, engine: MatchEngine, now: datetime
) -> None:
    index()
    listing = make_achievement(session, state="published")
    announce(session, [listing.id], now=utc_now())
    session.commit()
    assert _keys(engine) == set()
    drain(database)
    assert _keys(engine) == {listing.id}


@pytest.mark.parametrize("state", ["withdrawn", "concluded", "expired", "draft"])
def test_what_is_closed_leaves_the_index_when_the_outbox_was_drained(
    session: Session,
    database: Database,
    index: Index,
    engine: MatchEngine,
    now: datetime,
    state: str,
) -> None:
    kept = make_achievement(session, state="published")
    listing = make_achievement(session, state="published")
    index()
    listing.state = state
    announce(session, [listing.id], now=utc_now())
    session.commit()
    drain(database)
    assert _keys(engine) == {kept.id}


def test_handler_twice_or_late_changes_nothing(
    session: Session, database: Database, index: Index, engine: MatchEngine, now: datetime
) -> None:
    listing = make_achievement(session, state="published")
    index()
    announce(session, [listing.id], now=utc_now())
    announce(session, [listing.id], now=utc_now())
    listing.state = "withdrawn"
    announce(session, [listing.id], now=utc_now())
    session.commit()
    drain(database)
    session.execute(sa.update(OutboxMessage).values(done_at=None))
    session.commit()
    drain(database)
    assert engine.state().listings == 0


def test_edited_listing_is_found_by_its_new_words_only(
    session: Session, database: Database, index: Index, engine: MatchEngine, now: datetime
) -> None:
    listing = make_achievement(session, state="published", title="乳酸片球菌保护性培养物")
    index()
    assert _keys(engine, "片球菌") == {listing.id}
    listing.texts[0].title = "磁浮膨胀机"
    listing.version += 1
    announce(session, [listing.id], now=utc_now())
    session.commit()
    drain(database)
    assert _keys(engine, "片球菌") == set()
    assert _keys(engine, "膨胀机") == {listing.id}


def test_expert_is_found_by_public_results_alone(
    session: Session, database: Database, index: Index, engine: MatchEngine, now: datetime
) -> None:
    expert = make_expert(session, bio_zh="从事教学。")
    listing = make_achievement(
        session, state="published", title="乳酸片球菌保护性培养物", contributors=[expert]
    )
    index()
    assert expert_key(expert.id) in _keys(engine, "片球菌")
    listing.state = "withdrawn"
    announce(session, [listing.id], now=utc_now())
    session.commit()
    drain(database)
    assert _keys(engine, "片球菌") == set()


def test_unpublished_expert_leaves_the_index(
    session: Session, database: Database, index: Index, engine: MatchEngine, now: datetime
) -> None:
    expert = make_expert(session)
    index()
    assert _keys(engine, "光纤传感") == {expert_key(expert.id)}
    expert.published = False
    announce_experts(session, [expert.id], now=utc_now())
    session.commit()
    drain(database)
    assert _keys(engine, "光纤传感") == set()


def test_sweep_repairs_whatever_was_missed(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    gone = make_achievement(session, state="published")
    edited = make_achievement(session, state="published")
    expert = make_expert(session)
    index()
    gone.state = "withdrawn"
    edited.version += 1
    expert.bio_zh = "研究片球菌。"
    fresh = make_need(session, state="published")
    session.commit()
    found = indexing.sweep(session, now=now)
    assert found.missing == (fresh.id,)
    assert found.outdated == (edited.id, expert_key(expert.id))
    assert found.extra == (gone.id,)
    assert indexing.compare(session, now=now).none
    assert _keys(engine, "片球菌") == {expert_key(expert.id)}


def test_sweep_takes_out_what_expired_since(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    listing = make_need(session, state="published")
    index()
    later = now + timedelta(days=400)
    assert indexing.sweep(session, now=later).extra == (listing.id,)
    assert engine.state().listings == 0


def test_missing_index_is_built_by_the_first_change(
    session: Session, database: Database, site: Settings, engine: MatchEngine, now: datetime
) -> None:
    before = make_achievement(session, state="published")
    listing = make_need(session, state="published")
    announce(session, [listing.id], now=utc_now())
    session.commit()
    assert indexing.needs_build(session) == "missing"
    drain(database)
    assert indexing.needs_build(session) is None
    assert _keys(engine) == {before.id, listing.id}


def test_damaged_index_is_built_anew(
    session: Session, index: Index, site: Settings, engine: MatchEngine, now: datetime
) -> None:
    listing = make_achievement(session, state="published")
    index()
    for path in site.index_folder.glob("g*/vectors.faiss"):
        path.write_bytes(b"not an index")
    assert indexing.needs_build(session) == "damaged"
    indexing.sweep(session, now=now)
    assert _keys(engine) == {listing.id}


def test_index_of_another_database_is_never_used(
    session: Session, index: Index, site: Settings, engine: MatchEngine, now: datetime
) -> None:
    own = make_achievement(session, state="published")
    foreign = Document(own.id, "need", "zh", "别家的片球菌", "别家的文字", version=own.version)
    index()
    IndexWriter.rebuild(encoder_of(site), site.index_folder, [foreign])
    (site.index_folder / indexing.MARK).write_text("somebody-else", encoding="ascii")
    assert indexing.needs_build(session) == "foreign"
    indexing.sweep(session, now=now)
    assert indexing.needs_build(session) is None
    assert _keys(engine, "片球菌") == set()
    assert _keys(engine) == {own.id}


def test_readers_see_the_old_index_until_the_new_one_is_whole(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    ids = {make_achievement(session, state="published").id for _ in range(3)}
    index()
    seen: set[int] = set()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.add(len(_keys(engine) & ids))

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(3):
        indexing.rebuild(session, now=now)
    stop.set()
    reader.join()
    assert seen == {3}


def test_batches_read_with_few_statements(
    session: Session, database: Database, site: Settings, now: datetime
) -> None:
    counts = []
    for number in (1, 30):
        owner = make_organisation(session)
        expert = make_expert(session)
        ids = [
            make_achievement(
                session,
                organisation=owner,
                state="published",
                contributors=[expert],
                fields=[("hitech", "1")],
                deal_forms=["service"],
            ).id
            for _ in range(number)
        ]
        session.commit()
        statements: list[str] = []
        sa.event.listen(
            database.engine,
            "before_cursor_execute",
            lambda *args, kept=statements: kept.append(args[2]),
        )
        with database.reading() as reader:
            assert {d.key for d in reading.listing_documents(reader, ids, now=now)} == set(ids)
        counts.append(len([text for text in statements if text.startswith("SELECT")]))
    assert counts == [5, 5]


def test_index_work_holds_no_writer_lock(
    session: Session, database: Database, index: Index, now: datetime
) -> None:
    listing = make_achievement(session, state="published")
    index()
    with database.writing() as other:
        other.execute(sa.text("SELECT 1"))  # holds SQLite's one writer's lock
        indexing.apply_changes(session, listing_ids=[listing.id], now=now)
    session.rollback()
