"""Several people at one timetable in the same moment: one wins, the others are told.

With real threads, each in a transaction of its own, on both databases. The last tests go past the
services, so that it is the constraints that hold.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.errors import Conflict, DomainError
from tenon.events.models import Event, Meeting, Registration, TimetableDraft
from tenon.events.timetables import services, telling
from tenon.events.timetables.services import Where
from tenon.outbox.models import OutboxMessage
from tests.events.timetables.cast import NOW, Cast, make_draft, meetings, whole
from tests.factories import events

Act = Callable[[Session], object]


def together(database: Database, acts: Sequence[Act]) -> list[Exception | None]:
    """Let every act begin in the same moment in a transaction of its own; what came of each."""
    start = threading.Barrier(len(acts))

    def run(act: Act) -> Exception | None:
        start.wait(timeout=30)
        try:
            with database.writing() as session:
                act(session)
        except (DomainError, IntegrityError) as error:
            return error
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def one_won(outcomes: Sequence[Exception | None]) -> None:
    """Of several, one did it, and every other was told of a conflict."""
    lost = [each for each in outcomes if each is not None]
    assert len(lost) == len(outcomes) - 1, outcomes
    assert all(isinstance(each, Conflict) for each in lost), lost


def prepare(database: Database, cast: Cast, count: int) -> list[tuple[int, int, str]]:
    """Make drafts; return (id, version, mark) of each as its organiser sees it."""
    found = []
    with database.writing() as session:
        session.add(cast.event)
        for number in range(count):
            r, c = cast.researchers[number], cast.companies[number]
            draft = make_draft(session, cast, [(r, c, 0, 0), (cast.researchers[3], c, 1, 1)])
            found.append(draft.id)
        marks = [services.mark_of(session, cast.event) for _ in found]
        versions = [session.get_one(TimetableDraft, key).version for key in found]
    return list(zip(found, versions, marks, strict=True))


def release(cast: Cast, role: str, key: int, version: int, mark: str) -> Act:
    by = cast.actor(role)

    def act(session: Session) -> None:
        draft = session.get_one(TimetableDraft, key)
        services.release(session, draft, version=version, mark=mark, by=by, now=NOW)

    return act


def test_two_organisers_release_one_draft_at_once(database: Database, settled: Cast) -> None:
    ((key, version, mark),) = prepare(database, settled, 1)
    one_won(
        together(
            database,
            [release(settled, role, key, version, mark) for role in ("broker", "editor")],
        )
    )
    with database.reading() as session:
        whole(session, settled)
        assert len(meetings(session, settled)) == 2
        told = sa.select(sa.func.count(OutboxMessage.id)).where(OutboxMessage.topic == telling.TOLD)
        assert session.scalar(told) == 3


def test_two_organisers_release_two_drafts_at_once(database: Database, settled: Cast) -> None:
    seen = prepare(database, settled, 2)
    one_won(
        together(
            database,
            [
                release(settled, role, *each)
                for role, each in zip(("broker", "editor"), seen, strict=True)
            ],
        )
    )
    with database.reading() as session:
        whole(session, settled)
        states = session.scalars(sa.select(TimetableDraft.state)).all()
        assert sorted(states) == ["ready", "released"]


def test_a_request_sent_again_changes_nothing(database: Database, settled: Cast) -> None:
    ((key, version, mark),) = prepare(database, settled, 1)
    again = release(settled, "broker", key, version, mark)
    one_won(together(database, [again, again, again]))
    with database.reading() as session:
        assert len(meetings(session, settled)) == 2


def place(cast: Cast, first: Registration, second: Registration, slot: int, table: int) -> Act:
    by, a, b, event = cast.actor("broker"), first.id, second.id, cast.event.id

    def act(session: Session) -> None:
        services.place_ad_hoc(
            session,
            session.get_one(Event, event),
            session.get_one(Registration, a),
            session.get_one(Registration, b),
            Where(slot, table),
            by=by,
            now=NOW,
        )

    return act


def test_one_person_wanted_by_four_in_one_slot_meets_one(database: Database, settled: Cast) -> None:
    with database.reading() as session:
        session.add(settled.event)
        slot = settled.slots(session)[0].id
        tables = [table.id for table in settled.tables()]
    r1 = settled.researchers[0]
    acts = [
        place(settled, r1, c, slot, table)
        for c, table in zip(settled.companies[:3], tables, strict=True)
    ]
    one_won(together(database, acts))
    with database.reading() as session:
        whole(session, settled)
        assert len(meetings(session, settled)) == 1


def test_one_table_taken_by_two_pairs_at_once_seats_one(database: Database, settled: Cast) -> None:
    with database.reading() as session:
        session.add(settled.event)
        slot, table = settled.slots(session)[0].id, settled.tables()[0].id
    pairs = zip(settled.researchers[:3], settled.companies[:3], strict=True)
    one_won(together(database, [place(settled, r, c, slot, table) for r, c in pairs]))
    with database.reading() as session:
        whole(session, settled)
        assert len(meetings(session, settled)) == 1


def test_moved_and_called_off_at_once(database: Database, settled: Cast) -> None:
    ((key, version, mark),) = prepare(database, settled, 1)
    with database.writing() as session:
        release(settled, "broker", key, version, mark)(session)
        session.add(settled.event)
        slot = settled.slots(session)[3].id
        found = meetings(session, settled)[0]
        meeting, seen = found.id, found.version

    def move(session: Session) -> None:
        services.move(
            session,
            session.get_one(Meeting, meeting),
            Where(slot),
            version=seen,
            by=settled.actor("broker"),
            now=NOW,
        )

    def call_off(session: Session) -> None:
        services.call_off(
            session,
            session.get_one(Meeting, meeting),
            reason="other",
            version=seen,
            by=settled.actor("editor"),
            now=NOW,
        )

    one_won(together(database, [move, call_off, move]))
    with database.reading() as session:
        whole(session, settled)
        assert session.get_one(Meeting, meeting).sequence == 1


def test_two_orders_at_once_make_one_run(database: Database, settled: Cast) -> None:
    def order(role: str) -> Act:
        return lambda session: services.order(
            session,
            session.get_one(Event, settled.event.id),
            seconds=10,
            by=settled.actor(role),
            now=NOW,
        )

    one_won(together(database, [order("broker"), order("editor"), order("operator")]))


def test_the_constraints_hold_without_the_services(database: Database, settled: Cast) -> None:
    """Rows written past every check: a person, a table, a pair are never there twice."""
    with database.reading() as session:
        session.add(settled.event)
        slots, tables = settled.slots(session), settled.tables()
    (r1, r2, *_), (c1, c2, *_) = settled.researchers, settled.companies

    def raw(first: Registration, second: Registration, slot: int, table: int) -> Act:
        return lambda session: events.make_meeting(
            session, first, second, slots[slot], table=tables[table]
        )

    for acts in (
        [raw(r1, c1, 0, 0), raw(r1, c2, 0, 1)],  # one person in one slot
        [raw(r1, c2, 1, 0), raw(r2, c1, 1, 0)],  # one table in one slot
        [raw(r2, c2, 2, 0), raw(r2, c2, 3, 1)],  # one pair
    ):
        outcomes = together(database, acts)
        assert sorted(each is None for each in outcomes) == [False, True], outcomes
        assert any(isinstance(each, IntegrityError) for each in outcomes)
    with database.reading() as session:
        whole(session, settled)
        assert len(meetings(session, settled)) == 3
