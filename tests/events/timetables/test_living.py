"""Single meetings of the agreed timetable: by hand, on the day, and after somebody left."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid
from tenon.events.models import Absence, Meeting, Registration, Seat
from tenon.events.states import MEETING
from tenon.events.timetables import services, tasks, telling
from tenon.events.timetables.services import Blocked, Where, living
from tenon.outbox.models import OutboxMessage
from tests.events.timetables.cast import NOW, Cast, make_draft, meetings, whole
from tests.factories import events
from tests.factories.listings import make_achievement, make_need


def told(session: Session) -> dict[int, str]:
    """Person -> what they are told in English, emptied."""
    rows = session.scalars(
        sa.select(OutboxMessage).where(OutboxMessage.topic == telling.TOLD).order_by("id")
    ).all()
    found = {
        row.payload["registration"]: row.payload["facts"].get("changes", {}).get("en", "")
        for row in rows
    }
    for row in rows:
        session.delete(row)
    session.flush()
    return found


ZONE = "Times are those of China Standard Time (UTC+8)."


@pytest.fixture
def agreed(session: Session, cast: Cast) -> list[Meeting]:
    """R1-C1 at slot 0 table 1, R1-C2 at slot 1 table 1, R2-C1 at slot 1 table 2."""
    (r1, r2, *_), (c1, c2, *_) = cast.researchers, cast.companies
    draft = make_draft(session, cast, [(r1, c1, 0, 0), (r1, c2, 1, 0), (r2, c1, 1, 1)])
    services.release(session, draft, version=None, mark=None, by=cast.actor("broker"), now=NOW)
    told(session)
    return meetings(session, cast)


def place(session: Session, cast: Cast, first: Registration, second: Registration, slot: int):  # type: ignore[no-untyped-def]  # as the service says
    where = Where(cast.slots(session)[slot].id)
    return services.place_ad_hoc(
        session, cast.event, first, second, where, by=cast.actor("broker"), now=NOW
    )


def test_an_ad_hoc_meeting_takes_a_free_table_and_tells_both(
    session: Session, cast: Cast, agreed: list[Meeting]
) -> None:
    r3, c3 = cast.researchers[2], cast.companies[2]
    made, _found = place(session, cast, r3, c3, 1)
    whole(session, cast)
    assert (made.origin, made.pinned, made.table_id) == ("ad_hoc", True, cast.tables()[2].id)
    assert told(session) == {
        r3.id: f"New: with Company 3, 09:25 at table 3. {ZONE}",
        c3.id: f"New: with Researcher 3, 09:25 at table 3. {ZONE}",
    }
    assert len(agreed) == 3


def test_a_meeting_names_the_need_and_the_achievement_that_both_brought(
    session: Session, cast: Cast
) -> None:
    r3, c3 = cast.researchers[2], cast.companies[2]
    result, need = make_achievement(session), make_need(session)
    r3.listings, c3.listings = [result], [need]
    session.flush()
    made, _found = place(session, cast, r3, c3, 0)
    assert (made.need_id, made.achievement_id) == (need.id, result.id)


def test_what_conflicts_forbid_is_refused(
    session: Session, cast: Cast, agreed: list[Meeting]
) -> None:
    r1, c1, c3 = cast.researchers[0], cast.companies[0], cast.companies[2]
    with pytest.raises(Blocked) as refused:
        place(session, cast, r1, c3, 0)
    assert [one.code for one in refused.value.found] == ["double_booking"]
    with pytest.raises(Conflict, match="pair_twice"):
        place(session, cast, r1, c1, 3)
    with pytest.raises(Blocked) as refused:
        place(session, cast, r1, cast.researchers[2], 3)
    assert "may_not_meet" in [one.code for one in refused.value.found]
    session.add(Absence(registration_id=c3.id, slot_id=cast.slots(session)[2].id))
    session.flush()
    with pytest.raises(Blocked) as refused:
        place(session, cast, r1, c3, 2)
    assert [one.code for one in refused.value.found] == ["absent"]
    cast.event.levels = {"absent": "warn"}
    session.flush()
    _made, found = place(session, cast, r1, c3, 2)
    assert [(one.code, one.level) for one in found] == [("absent", "warn")]
    assert len(agreed) == 3


def test_no_table_left_is_said(session: Session, cast: Cast) -> None:
    for number in range(3):
        place(session, cast, cast.researchers[number], cast.companies[number], 0)
    with pytest.raises(Invalid, match="no_free_table"):
        place(session, cast, cast.researchers[3], cast.companies[3], 0)
    free = services.offers(session, cast.event, cast.researchers[3], cast.companies[3], now=NOW)
    slots, tables = cast.slots(session), cast.tables()
    assert free == [(slot.id, tables[0].id) for slot in slots[1:]]


def test_who_may_agree_on_the_spot(session: Session, cast: Cast) -> None:
    r1, c1 = cast.researchers[0], cast.companies[0]
    where = Where(cast.slots(session)[0].id)
    for role, agreed in (("stranger", True), ("researcher", False)):
        with pytest.raises(Forbidden):
            services.place_ad_hoc(
                session,
                cast.event,
                r1,
                c1,
                where,
                by=cast.actor(role),
                now=NOW,
                agreed=agreed,
            )
    services.place_ad_hoc(
        session, cast.event, r1, c1, where, by=cast.actor("researcher"), now=NOW, agreed=True
    )


def test_a_moved_meeting_keeps_its_id_counts_up_and_tells_from_where_to_where(
    session: Session, cast: Cast, agreed: list[Meeting]
) -> None:
    meeting, where = agreed[0], Where(cast.slots(session)[3].id, cast.tables()[2].id)
    before = meeting.public_id
    services.move(session, meeting, where, version=1, by=cast.actor("broker"), now=NOW)
    whole(session, cast)
    assert (meeting.public_id, meeting.sequence) == (before, 1)
    assert told(session) == {
        cast.researchers[0].id: (
            f"Moved: with Company 1, from 09:00 at table 1 to 10:15 at table 3. {ZONE}"
        ),
        cast.companies[0].id: (
            f"Moved: with Researcher 1, from 09:00 at table 1 to 10:15 at table 3. {ZONE}"
        ),
    }
    with pytest.raises(Conflict):
        services.move(session, meeting, where, version=1, by=cast.actor("broker"), now=NOW)
    with pytest.raises(Invalid, match="same_place"):
        services.move(session, meeting, where, version=None, by=cast.actor("broker"), now=NOW)


def test_who_leaves_has_all_planned_called_off_and_only_the_others_are_told(
    session: Session, cast: Cast, agreed: list[Meeting]
) -> None:
    r1 = cast.researchers[0]
    r1.state, r1.live_key = "cancelled", None
    session.flush()
    payload = {"id": r1.id, "event_id": cast.event.id, "step": "cancel", "was": "confirmed"}
    tasks.registration_ended(session, payload, NOW)
    whole(session, cast)
    states = [(one.state, one.called_off_reason) for one in meetings(session, cast)]
    assert states == [("called_off", "cancelled")] * 2 + [("planned", None)]
    assert set(told(session)) == {cast.companies[0].id, cast.companies[1].id}
    tasks.registration_ended(session, payload, NOW)
    assert told(session) == {}
    assert len(agreed) == 3


def test_who_came_back_meanwhile_keeps_their_meetings(
    session: Session, cast: Cast, agreed: list[Meeting]
) -> None:
    tasks.registration_ended(session, {"id": cast.researchers[0].id}, NOW)
    assert {one.state for one in meetings(session, cast)} == {"planned"}
    assert len(agreed) == 3


def test_who_may_call_off(session: Session, cast: Cast, agreed: list[Meeting]) -> None:
    meeting = agreed[0]
    with pytest.raises(Forbidden):
        services.call_off(session, meeting, reason="other", by=cast.actor("stranger"), now=NOW)
    MEETING.move(meeting, "hold", by=cast.actor("broker"), now=NOW)
    with pytest.raises(Conflict):
        services.call_off(session, meeting, reason="other", by=cast.actor("broker"), now=NOW)


def test_somebody_late_is_not_free_until_then(session: Session, cast: Cast) -> None:
    r1, by = cast.researchers[0], cast.actor("broker")
    assert services.leave(session, r1, from_slot=None, until_slot=2, by=by, now=NOW) == 2
    assert services.leave(session, r1, from_slot=None, until_slot=2, by=by, now=NOW) == 0
    slots = cast.slots(session)
    free = services.offers(session, cast.event, r1, cast.companies[0], now=NOW)
    assert [slot for slot, _ in free] == [slots[2].id, slots[3].id]
    during = slots[2].starts_at
    free = services.offers(session, cast.event, r1, cast.companies[0], now=during)
    assert [slot for slot, _ in free] == [slots[3].id]
    with pytest.raises(Forbidden):
        services.leave(
            session, r1, from_slot=None, until_slot=None, by=cast.actor("researcher"), now=NOW
        )


def test_an_event_that_is_over_is_not_planned_any_more(
    session: Session, cast: Cast, agreed: list[Meeting]
) -> None:
    cast.event.state = "over"
    session.flush()
    with pytest.raises(IllegalTransition):
        services.move(
            session,
            agreed[0],
            Where(cast.slots(session)[3].id),
            version=None,
            by=cast.actor("broker"),
            now=NOW,
        )


def test_what_may_not_be_released_is_not_agreed_by_hand_either(
    session: Session, cast: Cast, agreed: list[Meeting]
) -> None:
    r3, c3 = cast.researchers[2], cast.companies[2]
    wish = events.make_wish(session, r3, c3, kind="rather_not")
    session.flush()
    assert services.offers(session, cast.event, r3, c3, now=NOW) == []
    apart = services.kept_apart(session, cast.event, r3, c3, now=NOW)
    assert [one.code for one in apart] == ["rather_not"]
    with pytest.raises(Blocked):
        place(session, cast, r3, c3, 3)
    wish.state = "withdrawn"
    session.flush()
    assert services.kept_apart(session, cast.event, r3, c3, now=NOW) == []
    made, _found = place(session, cast, r3, c3, 3)
    # A meeting that is agreed already may move, though they would not be put together anew.
    wish.state = "open"
    session.flush()
    where = Where(cast.slots(session)[2].id)
    found = services.move(session, made, where, version=None, by=cast.actor("broker"), now=NOW)
    assert [one.code for one in found] == ["rather_not"]


def test_an_event_called_off_has_nothing_planned_any_more(
    session: Session, cast: Cast, agreed: list[Meeting]
) -> None:
    first = cast.slots(session)[0]
    assert services.call_off_rest(session, cast.event, now=first.starts_at) == sum(
        one.slot_id != first.id for one in agreed
    )
    for one in agreed:
        begun = one.slot_id == first.id
        assert one.state == ("planned" if begun else "called_off")
        assert (one.called_off_reason, one.sequence) == (
            (None, 0) if begun else ("event_called_off", 1)
        )
    keys = {one.id for one in agreed if one.state == "called_off"}
    assert keys
    seats = session.scalars(sa.select(Seat.meeting_id)).all()
    assert not keys & set(seats)

    assert services.call_off_rest(session, cast.event, now=first.starts_at) == 0


def test_a_large_event_is_called_off_in_parts(
    session: Session, cast: Cast, agreed: list[Meeting], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (tasks, living):
        monkeypatch.setattr(module, "AT_A_TIME", 1)
    cast.event.state = "called_off"
    session.flush()
    topic = "event.called_off/timetables"
    tasks.event_called_off(session, {"id": cast.event.id}, NOW)
    wanted = sa.select(OutboxMessage).where(OutboxMessage.topic == topic)
    for rounds in range(1, len(agreed) + 1):
        (told_again,) = session.scalars(wanted).all()[rounds - 1 :]
        tasks.event_called_off(session, told_again.payload, NOW)
    assert {one.state for one in agreed} == {"called_off"}
    assert len(session.scalars(wanted).all()) == len(agreed)
