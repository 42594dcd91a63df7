"""Who attends online: meetings without a table, with one, and what follows a change."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Invalid
from tenon.events.models import Meeting, Registration
from tenon.events.timetables import checking, mapping, services, tasks, telling
from tenon.events.timetables.checking import Found
from tenon.events.timetables.picture import Place, Placed
from tenon.events.timetables.reading import picture_of
from tenon.events.timetables.services import Where
from tenon.events.timetables.services.releasing import placed_of_row
from tenon.outbox.models import OutboxMessage
from tenon.timetable import check, optimise
from tests.events.timetables.cast import NOW, Cast, make_cast, make_draft, meetings, whole
from tests.events.timetables.pictures import people, picture


@pytest.fixture
def hybrid(session: Session) -> Cast:
    """Two tables; the first researcher and the first company attend online."""
    cast = make_cast(session, mode="hybrid", tables=2)
    for part in (cast.researchers[0], cast.companies[0]):
        part.attends = "online"
    session.flush()
    return cast


def _notices(session: Session) -> dict[int, str]:
    """Person -> what they are told in English, emptied."""
    topic = OutboxMessage.topic == telling.TOLD
    rows = session.scalars(sa.select(OutboxMessage).where(topic).order_by("id")).all()
    found = {
        row.payload["registration"]: row.payload["facts"].get("changes", {}).get("en", "")
        for row in rows
    }
    session.execute(sa.delete(OutboxMessage).where(topic))
    return found


def _agree(
    session: Session, cast: Cast, a: Registration, b: Registration, slot: int, table: int | None
) -> Meeting:
    slots, tables = cast.slots(session), cast.tables()
    where = Where(slots[slot].id, None if table is None else tables[table].id)
    made, _found = services.place_ad_hoc(
        session, cast.event, a, b, where, by=cast.actor("broker"), now=NOW
    )
    _notices(session)
    return made


def _stands(meeting: Meeting) -> tuple[str, int | None]:
    return meeting.state, meeting.table_id


def _changes(session: Session, part: Registration, attends: str) -> None:
    """As the handler hears of it once a registration was changed."""
    part.attends = attends
    session.flush()
    tasks.attends_changed(session, {"id": part.id}, NOW)
    session.flush()


def test_the_optimiser_gives_tables_to_those_alone_who_need_one() -> None:
    those = people(3, 3)
    for key in (1, 2, 11, 12):
        those[key] = replace(those[key], online=True)
    asked = [(1, 11, "must"), (2, 12, "must"), (3, 13, "must"), (1, 13, "would")]
    shown = picture(asked, those=those, slots=1, tables=1)
    problem = mapping.problem_of(shown).problem
    made = optimise(problem, 5)
    assert check(problem, made.meetings) == []
    assert made.bound is not None
    assert made.bound.exact
    placed = {one.pair: one.table for one in mapping.placed_of(shown, made)}
    assert placed == {(1, 11): None, (2, 12): None, (3, 13): 21}
    back = mapping.meetings_of(shown, mapping.placed_of(shown, made))
    assert {one.table for one in back} == {None, 21}


def test_one_on_site_needs_a_table_and_a_meeting_without_is_not_released() -> None:
    those = people()
    those[1] = replace(those[1], online=True)
    shown = picture([(1, 11, "would")], those=those)
    found = checking.conflicts(shown, [Placed(1, 11, 0)])
    assert Found("no_table", "block_release", (1, 11), 0) in found
    assert checking.conflicts(shown, [Placed(1, 11, 0, 21)]) == []
    those[11] = replace(those[11], online=True)
    both = replace(shown, people=those)
    assert checking.conflicts(both, [Placed(1, 11, 0)]) == []


def test_nobody_online_hurries_from_room_to_room() -> None:
    tables = (Place(21, 7), Place(22, 8))
    shown = replace(picture(walk_minutes=10), tables=tables)
    placed = [Placed(1, 11, 0, 21), Placed(1, 12, 1, 22)]
    assert "room_change_tight" in {one.code for one in checking.conflicts(shown, placed)}
    those = {**shown.people, 1: replace(shown.people[1], online=True)}
    afar = replace(shown, people=those)
    assert "room_change_tight" not in {one.code for one in checking.conflicts(afar, placed)}


def test_two_online_take_no_table_by_hand_whatever_was_chosen(
    session: Session, hybrid: Cast
) -> None:
    r1, r2, r3, r4 = hybrid.researchers
    c1, c2, c3, c4 = hybrid.companies
    assert _agree(session, hybrid, r1, c1, 0, 0).table_id is None
    _agree(session, hybrid, r2, c2, 0, None)
    _agree(session, hybrid, r3, c3, 0, None)
    with pytest.raises(Invalid, match="no_free_table"):
        _agree(session, hybrid, r4, c4, 0, None)
    offered = services.offers(session, hybrid.event, r1, c2, now=NOW)
    assert all(table is not None for _slot, table in offered)
    assert offered[0][0] == hybrid.slots(session)[1].id  # in the first slot no table is left
    whole(session, hybrid)


def test_a_draft_with_and_without_tables_is_released(session: Session, hybrid: Cast) -> None:
    (r1, r2, *_), (c1, c2, *_) = hybrid.researchers, hybrid.companies
    draft = make_draft(session, hybrid, [(r1, c1, 0, None), (r1, c2, 1, 0), (r2, c1, 1, 1)])
    services.release(session, draft, version=None, mark=None, by=hybrid.actor("broker"), now=NOW)
    tables = [one.table_id for one in meetings(session, hybrid)]
    assert tables == [None, hybrid.tables()[0].id, hybrid.tables()[1].id]


def test_who_comes_after_all_gets_a_table_and_the_other_is_told(
    session: Session, hybrid: Cast
) -> None:
    r1, c1 = hybrid.researchers[0], hybrid.companies[0]
    meeting = _agree(session, hybrid, r1, c1, 0, None)
    sequence = meeting.sequence
    _changes(session, r1, "on_site")
    assert _stands(meeting) == ("planned", hybrid.tables()[0].id)
    assert meeting.slot_id == hybrid.slots(session)[0].id
    assert meeting.sequence > sequence  # calendars take it over
    assert _notices(session) == {c1.id: "Comes on site: Researcher 1, 09:00 at table 1."}
    _changes(session, r1, "online")
    assert _stands(meeting) == ("planned", None)
    told = "Joins online: Researcher 1, 09:00. The link is in your agenda."
    assert _notices(session) == {c1.id: told}
    whole(session, hybrid)


def test_who_goes_online_leaves_the_other_at_the_table(session: Session, hybrid: Cast) -> None:
    r2, c2 = hybrid.researchers[1], hybrid.companies[1]
    meeting = _agree(session, hybrid, r2, c2, 0, 1)
    _changes(session, r2, "online")
    assert _stands(meeting) == ("planned", hybrid.tables()[1].id)
    assert list(_notices(session)) == [c2.id]


def test_where_no_table_is_left_the_meeting_stays_and_the_organiser_sees_it(
    session: Session, hybrid: Cast
) -> None:
    r1, r2, r3, _r4 = hybrid.researchers
    c1, c2, c3, _c4 = hybrid.companies
    meeting = _agree(session, hybrid, r1, c1, 0, None)
    for a, b in ((r2, c2), (r3, c3)):
        _agree(session, hybrid, a, b, 0, None)
    _changes(session, c1, "on_site")
    assert _stands(meeting) == ("planned", None)
    shown = picture_of(session, hybrid.event, now=NOW)
    placed = [placed_of_row(shown, one) for one in meetings(session, hybrid)]
    assert [one.code for one in checking.conflicts(shown, placed) if one.slot == 0] == ["no_table"]
    whole(session, hybrid)


def test_what_has_begun_or_was_marked_stays_as_it_is(session: Session, hybrid: Cast) -> None:
    r1, c1 = hybrid.researchers[0], hybrid.companies[0]
    meeting = _agree(session, hybrid, r1, c1, 0, None)
    r1.attends = "on_site"
    session.flush()
    tasks.attends_changed(session, {"id": r1.id}, hybrid.slots(session)[0].starts_at)
    assert (meeting.table_id, meeting.sequence) == (None, 0)
    assert _notices(session) == {}


def test_an_event_that_is_no_longer_hybrid_seats_everybody(session: Session, hybrid: Cast) -> None:
    r1, c1 = hybrid.researchers[0], hybrid.companies[0]
    meeting = _agree(session, hybrid, r1, c1, 0, None)
    hybrid.event.mode = "on_site"
    session.flush()
    tasks.mode_changed(session, {"id": hybrid.event.id}, NOW)
    assert meeting.table_id == hybrid.tables()[0].id
    assert set(_notices(session)) == {r1.id, c1.id}


def test_two_meetings_change_places_and_each_has_the_table_it_needs(
    session: Session, hybrid: Cast
) -> None:
    (r1, r2, *_), (c1, c2, *_) = hybrid.researchers, hybrid.companies
    apart = _agree(session, hybrid, r1, c1, 0, None)
    seated = _agree(session, hybrid, r2, c2, 1, 1)
    services.swap(session, apart, seated, version=None, by=hybrid.actor("broker"), now=NOW)
    slots = hybrid.slots(session)
    assert (apart.slot_id, apart.table_id) == (slots[1].id, None)
    assert seated.slot_id == slots[0].id
    assert seated.table_id is not None
