"""From a draft to agreed meetings: ids that stay, sequences that count, and who is told what."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.errors import Conflict, Forbidden, IllegalTransition
from tenon.events.models import Meeting, TimetableDraft
from tenon.events.states import MEETING
from tenon.events.timetables import services, telling
from tenon.events.timetables.services import Blocked
from tenon.history import HistoryEntry
from tenon.notices.models import Notice
from tenon.outbox.models import OutboxMessage
from tests.events.timetables.cast import NOW, Cast, make_cast, make_draft, meetings, whole


def told(session: Session) -> dict[int, dict[str, object]]:
    """Person -> the last message queued for them, emptied."""
    rows = session.scalars(
        sa.select(OutboxMessage).where(OutboxMessage.topic == telling.TOLD).order_by("id")
    ).all()
    found = {row.payload["registration"]: row.payload for row in rows}
    for row in rows:
        session.delete(row)
    session.flush()
    return found


def release(session: Session, cast: Cast, draft: TimetableDraft) -> None:
    services.release(session, draft, version=None, mark=None, by=cast.actor("broker"), now=NOW)


def by_pair(session: Session, cast: Cast) -> dict[tuple[int, int], Meeting]:
    session.expire_all()
    return {
        (one.a_id, one.b_id): one for one in meetings(session, cast) if one.state != "called_off"
    }


def test_the_first_release_makes_meetings_and_seats_and_tells_how_many(
    session: Session, cast: Cast
) -> None:
    (r1, r2, *_), (c1, c2, *_) = cast.researchers, cast.companies
    draft = make_draft(session, cast, [(r1, c1, 0, 0), (r1, c2, 1, 0), (r2, c1, 1, 1)])
    release(session, cast, draft)
    whole(session, cast)
    made = meetings(session, cast)
    assert [(one.state, one.sequence, one.origin) for one in made] == [
        ("planned", 0, "timetable")
    ] * 3
    assert (draft.state, draft.released_by) == ("released", cast.people["broker"].id)
    said = told(session)
    assert {key: each["facts"] for key, each in said.items()} == {
        r1.id: {"number": 2},
        c1.id: {"number": 2},
        r2.id: {"number": 1},
        c2.id: {"number": 1},
    }
    assert {each["kind"] for each in said.values()} == {telling.FIRST}


def test_a_second_release_keeps_moves_and_calls_off_and_tells_only_whom_it_concerns(
    session: Session, cast: Cast
) -> None:
    (r1, r2, _r3, r4), (c1, c2, c3, c4) = cast.researchers, cast.companies
    first = make_draft(
        session, cast, [(r1, c1, 0, 0), (r2, c2, 0, 1), (r1, c3, 1, 0), (r4, c4, 3, 0)]
    )
    release(session, cast, first)
    before = by_pair(session, cast)
    ids = {pair: one.id for pair, one in before.items()}
    told(session)
    second = make_draft(
        session, cast, [(r1, c1, 0, 0), (r2, c2, 2, 1), (r2, c3, 3, 2), (r4, c4, 3, 0)]
    )
    found = services.release(
        session, second, version=second.version, mark=None, by=cast.actor("editor"), now=NOW
    )
    assert [len(each) for each in (found.kept, found.moved, found.gone, found.new)] == [2, 1, 1, 1]
    after = by_pair(session, cast)
    whole(session, cast)
    kept, moved = (r1.id, c1.id), (r2.id, c2.id)
    assert (after[kept].id, after[kept].sequence, after[kept].version) == (ids[kept], 0, 1)
    assert (after[moved].id, after[moved].sequence) == (ids[moved], 1)
    assert after[moved].changed_at == NOW
    gone = session.get_one(Meeting, ids[(r1.id, c3.id)])
    assert (gone.state, gone.called_off_reason, gone.sequence) == ("called_off", "organiser", 1)
    assert first.state == "replaced"
    said = told(session)
    assert set(said) == {r1.id, r2.id, c2.id, c3.id}
    facts = said[r2.id]["facts"]["changes"]  # type: ignore[index]  # JSON
    assert facts["en"] == (
        "Moved: with Company 2, from 09:00 at table 2 to 09:50 at table 2. "
        "New: with Company 3, 10:15 at table 3. "
        "Times are those of China Standard Time (UTC+8)."
    )
    assert "Company 1" not in facts["en"]


def test_people_who_swap_places_are_moved_without_a_clash(session: Session, cast: Cast) -> None:
    (r1, r2, *_), (c1, c2, *_) = cast.researchers, cast.companies
    release(
        session, cast, make_draft(session, cast, [(r1, c1, 0, 0), (r1, c2, 1, 0), (r2, c1, 1, 1)])
    )
    release(
        session, cast, make_draft(session, cast, [(r1, c1, 1, 0), (r1, c2, 0, 0), (r2, c1, 0, 1)])
    )
    whole(session, cast)
    assert {one.sequence for one in by_pair(session, cast).values()} == {1}


def test_releasing_the_same_again_changes_and_tells_nothing(session: Session, cast: Cast) -> None:
    placed = [(cast.researchers[0], cast.companies[0], 0, 0)]
    release(session, cast, make_draft(session, cast, placed))
    told(session)
    again = make_draft(session, cast, placed)
    found = services.release(
        session, again, version=None, mark=None, by=cast.actor("broker"), now=NOW
    )
    assert found.nothing
    assert told(session) == {}


def test_a_release_by_a_stale_page_is_refused(session: Session, cast: Cast) -> None:
    (r1, *_), (c1, c2, *_) = cast.researchers, cast.companies
    release(session, cast, make_draft(session, cast, [(r1, c1, 0, 0)]))
    draft = make_draft(session, cast, [(r1, c1, 0, 0), (r1, c2, 1, 0)])
    seen = services.outlook(session, draft, now=NOW)
    meeting = meetings(session, cast)[0]
    by = cast.actor("broker")
    services.call_off(session, meeting, reason="other", by=by, now=NOW)
    with pytest.raises(Conflict):
        services.release(session, draft, version=None, mark=seen.mark, by=by, now=NOW)


def test_marks_on_the_day_do_not_make_a_page_stale(session: Session, cast: Cast) -> None:
    release(
        session, cast, make_draft(session, cast, [(cast.researchers[0], cast.companies[0], 0, 0)])
    )
    before = services.mark_of(session, cast.event)
    MEETING.move(meetings(session, cast)[0], "hold", by=cast.actor("broker"), now=NOW)
    assert services.mark_of(session, cast.event) == before


def test_what_was_held_or_has_begun_stays_whatever_the_draft_says(
    session: Session, cast: Cast
) -> None:
    (r1, r2, *_), (c1, c2, *_) = cast.researchers, cast.companies
    release(session, cast, make_draft(session, cast, [(r1, c1, 0, 0), (r2, c2, 3, 0)]))
    during = cast.slots(session)[1].starts_at
    draft = make_draft(session, cast, [(r2, c2, 2, 0)], kind="replan")
    found = services.release(
        session, draft, version=None, mark=None, by=cast.actor("broker"), now=during
    )
    assert [one.pair for one in found.kept] == [(r1.id, c1.id)]
    assert [one.pair for _, one in found.moved] == [(r2.id, c2.id)]
    whole(session, cast)


def test_conflicts_that_block_refuse_a_release_with_the_list(session: Session, cast: Cast) -> None:
    (r1, *_), (c1, *_) = cast.researchers, cast.companies
    draft = make_draft(session, cast, [(r1, c1, 0, 0)])
    r1.most_meetings = 1
    c1.state, c1.live_key = "cancelled", None
    session.flush()
    with pytest.raises(Blocked) as refused:
        release(session, cast, draft)
    assert [one.code for one in refused.value.found][:1] == ["not_taking_part"]
    session.rollback()


@pytest.mark.parametrize("role", ["researcher", "stranger"])
def test_others_may_not_release(session: Session, cast: Cast, role: str) -> None:
    draft = make_draft(session, cast)
    with pytest.raises(Forbidden):
        services.release(session, draft, version=None, mark=None, by=cast.actor(role), now=NOW)


@pytest.mark.parametrize("state", ["queued", "running", "failed", "released", "replaced"])
def test_only_finished_drafts_are_released(session: Session, cast: Cast, state: str) -> None:
    at = NOW if state in ("released", "replaced") else None
    draft = make_draft(session, cast, state=state, released_at=at)
    with pytest.raises(Conflict):
        release(session, cast, draft)


def test_an_event_that_is_over_gets_no_timetable(session: Session, cast: Cast) -> None:
    draft = make_draft(session, cast)
    cast.event.state = "over"
    session.flush()
    with pytest.raises(IllegalTransition):
        release(session, cast, draft)


def test_the_notice_is_written_by_the_handler_and_kept_in_history(
    session: Session, cast: Cast
) -> None:
    r1, c1 = cast.researchers[0], cast.companies[0]
    draft = make_draft(session, cast, [(r1, c1, 0, 0)])
    release(session, cast, draft)
    telling.write_notice(session, told(session)[r1.id], NOW)
    notice = session.scalars(sa.select(Notice)).one()
    assert (notice.user_id, notice.kind) == (r1.user_id, telling.FIRST)
    assert notice.path == f"/events/{cast.event.public_id}/agenda"
    entry = session.scalars(
        sa.select(HistoryEntry).where(HistoryEntry.chain_kind == "event_timetable")
    ).one()
    assert (entry.kind, entry.facts["new"]) == ("release", 1)


_places = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)),
    max_size=10,
)


def feasible(
    asked: list[tuple[int, int, int, int]],
) -> list[tuple[int, int, int, int]]:
    """Those of some placings that fit beside the ones before them, as an optimiser would give."""
    kept: list[tuple[int, int, int, int]] = []
    for r, c, slot, table in asked:
        clash = any(
            (r, c) == (one[0], one[1])
            or (slot == one[2] and (r == one[0] or c == one[1] or table == one[3]))
            for one in kept
        )
        if not clash:
            kept.append((r, c, slot, table))
    return kept


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(_places, min_size=2, max_size=4))
def test_whatever_the_optimiser_gives_release_never_double_books(
    session: Session, plans: list[list[tuple[int, int, int, int]]]
) -> None:
    with session.begin_nested() as nested:
        cast = make_cast(session)
        for asked in plans:
            placed = [
                (cast.researchers[r], cast.companies[c], slot, table)
                for r, c, slot, table in feasible(asked)
            ]
            release(session, cast, make_draft(session, cast, placed))
            session.expire_all()
            live = by_pair(session, cast)
            assert set(live) == {tuple(sorted((one[0].id, one[1].id))) for one in placed}
            whole(session, cast)
        nested.rollback()
