"""One run of the optimiser: what it writes down, how it is stopped, and what a fault leaves."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.clock import utc_now
from tenon.db import Database
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid
from tenon.events.models import Absence, DraftMeeting, PairRule, TimetableDraft, Wish
from tenon.events.timetables import running, services, solving, tasks
from tenon.events.timetables.services import editing
from tenon.outbox.dispatcher import drain
from tenon.outbox.models import OutboxMessage
from tenon.timetable import Timetable, greedy, solve_apart
from tests.events.timetables.cast import NOW, Cast, make_cast, make_draft, meetings, whole


def order(database: Database, cast: Cast, **more: Any) -> int:
    with database.writing() as session:
        values: dict[str, Any] = {"seconds": 10, "by": cast.actor("broker"), "now": NOW} | more
        return services.order(session, session.merge(cast.event), **values).id


def run(database: Database, key: int) -> TimetableDraft:
    running.run(database, key, clock=lambda: NOW)
    with database.reading() as session:
        return session.get_one(TimetableDraft, key)


def test_a_run_writes_meetings_value_bound_and_what_simpler_ways_reach(
    database: Database, settled: Cast
) -> None:
    key = order(database, settled)
    draft = run(database, key)
    assert (draft.state, draft.ended, draft.floor) == ("ready", "optimal", 6)
    assert draft.value == draft.bound
    assert draft.bound_name
    assert draft.greedy_value is not None
    assert draft.first_come_value is not None
    assert draft.first_come_value <= draft.greedy_value <= draft.value  # type: ignore[operator]  # it is ready
    with database.reading() as session:
        found = session.scalars(sa.select(DraftMeeting)).all()
        assert len(found) == 8
        pairs = {(one.a_id, one.b_id) for one in found}
        wished = {
            tuple(sorted((r.id, c.id))) for r in settled.researchers[:2] for c in settled.companies
        }
        assert pairs == wished
        assert all(one.value == 40 for one in found)
        assert draft.progress


def test_a_bound_is_shown_only_while_it_is_one(database: Database, settled: Cast) -> None:
    key = order(database, settled)
    proved = run(database, key).bound
    broker, (first, second) = settled.actor("broker"), settled.researchers[:2]

    def pin(one: DraftMeeting, *, pinned: bool) -> None:
        with database.writing() as session:
            draft = session.get_one(TimetableDraft, key)
            pair = (one.a_id, one.b_id)
            editing.pin(session, draft, pair, pinned=pinned, version=None, by=broker, now=NOW)

    def take_out(one: DraftMeeting) -> int | None:
        with database.writing() as session:
            draft = session.get_one(TimetableDraft, key)
            pair = (one.a_id, one.b_id)
            editing.remove(session, draft, pair, version=None, by=broker, now=NOW)
            return draft.bound

    with database.reading() as session:
        rows = session.scalars(sa.select(DraftMeeting).order_by(DraftMeeting.id)).all()
    mine = [one for one in rows if first.id in (one.a_id, one.b_id)]
    assert take_out(mine[0]) == proved  # what is proved is so whatever is done by hand
    pin(mine[1], pinned=True)
    assert take_out(mine[1]) is None  # it may have been one that had to stay

    key = order(database, settled)
    assert run(database, key).bound == proved
    with database.writing() as session:
        for wish in session.scalars(sa.select(Wish).where(Wish.from_id == second.id)):
            wish.state = "accepted"
    with database.reading() as session:
        left = session.scalars(
            sa.select(DraftMeeting).where(DraftMeeting.timetable_id == key)
        ).first()
    assert left is not None
    assert take_out(left) is None  # wishes are worth more now than when it was proved


def test_absences_and_fixed_pairs_are_kept(database: Database, settled: Cast) -> None:
    r1, c1 = settled.researchers[0], settled.companies[0]
    with database.writing() as session:
        session.add(settled.event)
        slots, table = settled.slots(session), settled.tables()[2]
        session.add(Absence(registration_id=r1.id, slot_id=slots[0].id))
        a, b = sorted((r1.id, c1.id))
        session.add(
            PairRule(
                event_id=settled.event.id,
                a_id=a,
                b_id=b,
                rule="fix",
                slot_id=slots[3].id,
                table_id=table.id,
                made_at=NOW,
            )
        )
    run(database, order(database, settled))
    with database.reading() as session:
        mine = session.scalars(
            sa.select(DraftMeeting).where(
                sa.or_(DraftMeeting.a_id == r1.id, DraftMeeting.b_id == r1.id)
            )
        ).all()
        assert slots[0].id not in {one.slot_id for one in mine}
        fixed = [one for one in mine if c1.id in (one.a_id, one.b_id)]
        assert [(one.slot_id, one.table_id, one.pinned) for one in fixed] == [
            (slots[3].id, table.id, True)
        ]


def test_pins_of_a_draft_are_kept_by_the_next(database: Database, settled: Cast) -> None:
    r2, c4 = settled.researchers[1], settled.companies[3]
    with database.writing() as session:
        session.add(settled.event)
        base = make_draft(session, settled, [(r2, c4, 2, 1)], pinned=True)
    key = order(database, settled, base=base)
    run(database, key)
    with database.reading() as session:
        slots = settled.slots(session)
        kept = session.scalars(
            sa.select(DraftMeeting).where(DraftMeeting.timetable_id == key, DraftMeeting.pinned)
        ).all()
        assert [(one.slot_id, one.table_id) for one in kept] == [
            (slots[2].id, settled.tables()[1].id)
        ]


def test_only_one_is_made_at_a_time(database: Database, settled: Cast) -> None:
    order(database, settled)
    with pytest.raises(Conflict, match="being_made"):
        order(database, settled)


def test_what_cannot_be_ordered(database: Database, settled: Cast) -> None:
    with pytest.raises(Forbidden):
        order(database, settled, by=settled.actor("stranger"))
    with pytest.raises(Forbidden):
        order(database, settled, by=settled.actor("researcher"))
    with pytest.raises(Invalid):
        order(database, settled, seconds=7)
    after = settled.event.ends_at + timedelta(hours=1)
    with pytest.raises(Invalid, match="no_slots_left"):
        order(database, settled, now=after)


def test_stopping_one_that_waits_ends_it_and_another_may_be_ordered(
    database: Database, settled: Cast
) -> None:
    key = order(database, settled)
    with database.writing() as session:
        draft = session.get_one(TimetableDraft, key)
        services.stop(session, draft, by=settled.actor("broker"), now=NOW)
    assert run(database, key).state == "failed"
    order(database, settled)
    with database.writing() as session:
        draft = session.get_one(TimetableDraft, key)
        with pytest.raises(IllegalTransition):
            services.stop(session, draft, by=settled.actor("broker"), now=NOW)


def test_stopping_a_search_keeps_the_best_so_far(
    database: Database, settled: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def searches(problem: Any, seconds: float, on_better: Any, *, stop: Any) -> Any:
        found = greedy(problem)
        on_better(found)
        for _ in range(200):
            if stop():
                return type(found)(found.meetings, found.worth, None, 1.0, "stopped")
            time.sleep(0.05)
        raise AssertionError("nobody said stop")

    monkeypatch.setattr(solving, "solve_apart", searches)
    key = order(database, settled)
    thread = threading.Thread(target=run, args=(database, key))
    thread.start()
    while True:
        with database.writing() as session:
            draft = session.get_one(TimetableDraft, key)
            if draft.state == "running" and draft.progress:
                services.stop(session, draft, by=settled.actor("broker"), now=NOW)
                break
        time.sleep(0.05)
    thread.join(30)
    with database.reading() as session:
        draft = session.get_one(TimetableDraft, key)
        assert (draft.state, draft.ended) == ("stopped", "stopped")
        assert session.scalar(sa.select(sa.func.count(DraftMeeting.id))) == 8


def test_a_solver_that_breaks_a_rule_makes_no_timetable(
    database: Database, settled: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(problem: Any, seconds: float, on_better: Any, *, stop: Any) -> Any:
        found = greedy(problem)
        twice = (*found.meetings, found.meetings[0])
        return type(found)(twice, found.worth, None, 1.0, "time")

    monkeypatch.setattr(solving, "solve_apart", wrong)
    draft = run(database, order(database, settled))
    assert draft.state == "failed"
    assert "breaks" in str(draft.error)
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(DraftMeeting.id))) == 0


def test_a_run_whose_process_ends_every_time_is_given_up(database: Database, settled: Cast) -> None:
    key = order(database, settled)
    for _ in range(running.MOST_STARTS):
        assert running._begin(database, key, NOW) is not None
    assert run(database, key).state == "failed"


def test_the_handler_leaves_other_work_room_and_finishes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = threading.Event()

    def when_let_go(*given: Any, **named: Any) -> Timetable:
        held.wait(120)
        return solve_apart(*given, **named)

    monkeypatch.setattr(solving, "solve_apart", when_let_go)
    with database.writing() as session:
        cast = make_cast(session, starts_at=utc_now().replace(hour=1) + timedelta(days=3))
    at = utc_now()
    key = order(database, cast, now=at)
    drain(database, now=at)  # it comes back while the search goes on
    held.set()
    tasks.wait_for_runs(60)
    with database.reading() as session:
        assert session.get_one(TimetableDraft, key).state == "ready"
    drain(database, now=at + timedelta(seconds=2))
    with database.reading() as session:
        left = sa.select(OutboxMessage).where(OutboxMessage.done_at.is_(None))
        assert session.scalars(left.where(OutboxMessage.topic == services.ORDERED)).all() == []


def test_a_replan_moves_little_and_leaves_out_who_left(database: Database, settled: Cast) -> None:
    first = run(database, order(database, settled))
    with database.writing() as session:
        draft = session.get_one(TimetableDraft, first.id)
        services.release(
            session, draft, version=None, mark=None, by=settled.actor("broker"), now=NOW
        )
        gone = settled.companies[0]
        services.leave(
            session,
            session.merge(gone),
            from_slot=None,
            until_slot=None,
            by=settled.actor("broker"),
            now=NOW,
        )
    key = order(database, settled, kind="replan")
    draft = run(database, key)
    assert (draft.state, draft.meetings_moved) == ("ready", 2)
    with database.writing() as session:
        draft = session.get_one(TimetableDraft, key)
        seen = services.outlook(session, draft, now=NOW)
        assert [len(seen.changes.kept), len(seen.changes.gone)] == [6, 2]
        assert {settled.companies[0].id} == set.intersection(
            *(set(one.pair) for one in seen.changes.gone)
        )
        services.release(
            session, draft, version=None, mark=seen.mark, by=settled.actor("broker"), now=NOW
        )
        whole(session, settled)
        reasons = {one.called_off_reason for one in meetings(session, settled)}
        assert reasons == {None, "replan"}


def test_history_names_who_ordered(session: Session, cast: Cast) -> None:
    made = services.order(session, cast.event, seconds=10, by=cast.actor("editor"), now=NOW)
    assert made.ordered_by == cast.people["editor"].id
    assert made.number == 1
