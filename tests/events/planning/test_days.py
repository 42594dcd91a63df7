"""Days and programme change, and slots with them; what is in use stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Invalid
from tenon.events.models import (
    Absence,
    DraftMeeting,
    Event,
    EventSlot,
    PairRule,
    Registration,
    TimetableDraft,
)
from tenon.events.planning import services
from tenon.events.planning.services import SessionRow, Speaker
from tenon.events.planning.slots import Hours
from tenon.events.queries import slots_of, tables_of
from tests.events.planning.scenes import (
    DAY,
    WHOLE,
    Cast,
    announced,
    basics_of,
    begun,
    broker,
    meeting_in,
    set_days,
)
from tests.factories.events import make_registration


def test_a_second_day_adds_slots_and_keeps_the_first_ones(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = begun(session, cast, now)
    before = [slot.id for slot in slots_of(session, event)]
    more = [*WHOLE, Hours(DAY + timedelta(days=1), 9 * 60, 12 * 60)]
    made = set_days(session, event, cast, now, more)
    found = slots_of(session, event)
    assert [slot.id for slot in found][: len(before)] == before
    assert made == services.Rebuilt(len(before), len(found) - len(before), 0, 0)
    assert event.local(event.ends_at).date() == DAY + timedelta(days=1)


def test_slots_put_in_front_renumber_the_rest_and_what_is_closed(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = begun(session, cast, now)
    table = tables_of(session, event)[0]
    kept = slots_of(session, event)[3]
    table.closed = [3]
    session.flush()
    earlier = [Hours(DAY - timedelta(days=1), 9 * 60, 10 * 60), *WHOLE]
    set_days(session, event, cast, now, earlier)
    session.refresh(kept)
    session.refresh(table)
    assert kept.number == 3 + 2  # two slots of the day before come first
    assert table.closed == [kept.number]
    assert [slot.number for slot in slots_of(session, event)] == list(
        range(len(slots_of(session, event)))
    )


def test_a_slot_with_a_meeting_is_not_taken_away(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = announced(session, cast, now)
    meeting_in(session, event, slots_of(session, event)[0])
    with pytest.raises(Invalid) as refused:
        set_days(session, event, cast, now, [Hours(DAY, 10 * 60, 17 * 60)])
    assert refused.value.fields == {"": "slots_in_use"}


def test_other_slots_may_go_while_a_meeting_stays(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = announced(session, cast, now)
    first = slots_of(session, event)[0]
    meeting_in(session, event, first)
    set_days(session, event, cast, now, [Hours(DAY, 9 * 60, 12 * 60)])
    found = slots_of(session, event)
    assert found[0].id == first.id
    assert len(found) == 7


def test_a_fixed_pair_keeps_its_slot_too(session: Session, cast: Cast, now: datetime) -> None:
    event = announced(session, cast, now)
    keys = sorted(
        make_registration(session, event, group=group).id for group in ("researcher", "company")
    )
    slot = slots_of(session, event)[0]
    session.add(
        PairRule(
            event_id=event.id,
            a_id=keys[0],
            b_id=keys[1],
            rule="fix",
            slot_id=slot.id,
            made_at=now,
        )
    )
    session.flush()
    with pytest.raises(Invalid):
        set_days(session, event, cast, now, [Hours(DAY, 10 * 60, 17 * 60)])


def _draft(session: Session, event: Event, now: datetime, state: str) -> TimetableDraft:
    keys = sorted(
        make_registration(session, event, group=group).id for group in ("researcher", "company")
    )
    draft = TimetableDraft(event_id=event.id, number=1, state=state, created_at=now)
    session.add(draft)
    session.flush()
    slot = slots_of(session, event)[0]
    session.add(DraftMeeting(timetable_id=draft.id, slot_id=slot.id, a_id=keys[0], b_id=keys[1]))
    session.flush()
    return draft


def test_a_draft_that_used_slots_that_go_is_dropped_and_told(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = announced(session, cast, now)
    _draft(session, event, now, "ready")
    made = set_days(session, event, cast, now, [Hours(DAY, 10 * 60, 17 * 60)])
    assert isinstance(made, services.Rebuilt)
    assert made.drafts == 1
    assert session.scalar(sa.select(sa.func.count(TimetableDraft.id))) == 0
    assert session.scalar(sa.select(sa.func.count(DraftMeeting.id))) == 0


def test_a_running_optimiser_keeps_its_slots(session: Session, cast: Cast, now: datetime) -> None:
    event = announced(session, cast, now)
    _draft(session, event, now, "running")
    with pytest.raises(Invalid) as refused:
        set_days(session, event, cast, now, [Hours(DAY, 10 * 60, 17 * 60)])
    assert refused.value.fields == {"": "timetable_holds_slots"}


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ([], "days"),
        ([Hours(DAY, 600, 600)], "days-0-closes"),
        ([Hours(DAY, 540, 1020, [(700, 690)])], "days-0-breaks"),
        ([Hours(DAY, 540, 1020, [(700, 760), (750, 800)])], "days-0-breaks"),
        ([*WHOLE, *WHOLE], "days-1-day"),
        ([Hours(DAY + timedelta(days=n), 540, 1020) for n in range(15)], "days"),
    ],
)
def test_days_that_cannot_be_are_refused_where_they_stand(
    session: Session, cast: Cast, now: datetime, days: list[Hours], field: str
) -> None:
    event = begun(session, cast, now)
    with pytest.raises(Invalid) as refused:
        set_days(session, event, cast, now, days)
    assert field in refused.value.fields


def _row(event: Event, after: int, minutes: int, **more: Any) -> SessionRow:
    starts_at = event.starts_at + timedelta(minutes=after)
    row = SessionRow(
        kind="talk",
        title_zh="主旨报告",
        title_en="Keynote",
        text_zh="",
        text_en="",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        room_id=None,
        for_all=False,
    )
    return replace(row, **more)


def test_a_session_for_all_takes_its_time_from_the_slots_and_gives_it_back(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = begun(session, cast, now)
    before = [slot.starts_at for slot in slots_of(session, event)]
    by = broker(cast)
    row = _row(event, 60, 60, for_all=True, speakers=(Speaker("示例讲者", "示例大学"),))
    talk = services.add_session(session, event, row, version=event.version, by=by, now=now)
    for slot in slots_of(session, event):
        assert slot.ends_at <= talk.starts_at or talk.ends_at <= slot.starts_at
    assert [each.name for each in talk.speakers] == ["示例讲者"]
    services.drop_session(session, event, talk, version=event.version, by=by, now=now)
    assert [slot.starts_at for slot in slots_of(session, event)] == before
    assert event.sessions == []


def test_a_session_in_the_evening_makes_the_event_longer(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = begun(session, cast, now)
    row = _row(event, 10 * 60, 120)
    services.add_session(session, event, row, version=event.version, by=broker(cast), now=now)
    assert event.ends_at == row.ends_at


def test_a_session_for_all_does_not_push_a_meeting_out(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = announced(session, cast, now)
    meeting_in(session, event, slots_of(session, event)[2])
    row = _row(event, 0, 120, for_all=True)
    with pytest.raises(Invalid) as refused:
        services.add_session(session, event, row, version=event.version, by=broker(cast), now=now)
    assert refused.value.fields == {"": "slots_in_use"}


def test_only_those_who_take_part_here_speak_as_such(
    session: Session, cast: Cast, now: datetime
) -> None:
    event, other = announced(session, cast, now), announced(session, cast, now)
    here, there = make_registration(session, event), make_registration(session, other)
    by = broker(cast)
    row = _row(event, 0, 20, speakers=(Speaker("甲", registration_id=here.id),))
    talk = services.add_session(session, event, row, version=event.version, by=by, now=now)
    assert talk.speakers[0].registration_id == here.id
    wrong = _row(event, 0, 20, speakers=(Speaker("乙", registration_id=there.id),))
    with pytest.raises(Invalid) as refused:
        services.add_session(session, event, wrong, version=event.version, by=by, now=now)
    assert refused.value.fields == {"people": "unknown_code"}


def _away(session: Session, event: Event, part: Registration) -> list[str]:
    """At what times of the clock somebody is not free."""
    rows = session.scalars(
        sa.select(EventSlot)
        .join(Absence, Absence.slot_id == EventSlot.id)
        .where(Absence.registration_id == part.id)
        .order_by(EventSlot.number)
    )
    return [
        f"{event.local(slot.starts_at):%H:%M}-{event.local(slot.ends_at):%H:%M}" for slot in rows
    ]


def test_who_is_not_free_stays_away_from_the_slots_that_take_the_time(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = announced(session, cast, now)
    away, free = (make_registration(session, event, group="researcher") for _ in range(2))
    first, second, *_rest = slots_of(session, event)
    session.add(Absence(registration_id=away.id, slot_id=first.id))
    table = tables_of(session, event)[0]
    table.closed = [second.number]
    session.flush()
    assert _away(session, event, away) == ["09:00-09:20"]
    services.change_days(
        session,
        event,
        days=[Hours(DAY, 9 * 60, 17 * 60)],
        slot_minutes=15,
        walk_minutes=0,
        version=event.version,
        by=broker(cast),
        now=now,
    )
    session.expire_all()
    assert _away(session, event, away) == ["09:00-09:15", "09:15-09:30"]
    assert _away(session, event, free) == []
    closed = [slot for slot in slots_of(session, event) if slot.number in table.closed]
    assert all(slot.starts_at < second.ends_at for slot in closed)
    assert [f"{event.local(slot.starts_at):%H:%M}" for slot in closed] == ["09:15", "09:30"]


def test_in_another_zone_they_stay_away_by_the_clock(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = announced(session, cast, now)
    away = make_registration(session, event, group="researcher")
    fourth = slots_of(session, event)[3]
    session.add(Absence(registration_id=away.id, slot_id=fourth.id))
    session.flush()
    before = _away(session, event, away)
    # An hour away: most of the slots' moments are the same, at another time of the clock.
    for zone in ("Asia/Tokyo", "Asia/Shanghai"):
        basics = basics_of(event, zone=zone)
        services.change_basics(
            session, event, basics, version=event.version, by=broker(cast), now=now
        )
        session.expire_all()
        assert _away(session, event, away) == before
