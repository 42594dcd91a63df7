"""An event is begun from its kind or as a copy, and lacks nothing but its announcement."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Forbidden, Invalid
from tenon.events.models import Event, Registration
from tenon.events.models.event import KINDS
from tenon.events.planning import services
from tenon.events.planning.checks import lacks
from tenon.events.planning.queries import pairs
from tenon.events.queries import slots_of, tables_of
from tests.events.planning.scenes import DAY, Cast, begun, broker, outline, phase
from tests.factories.accounts import actor_for
from tests.factories.events import make_registration


@pytest.mark.parametrize("kind", KINDS)
def test_the_short_form_is_enough_to_announce(
    session: Session, cast: Cast, now: datetime, kind: str
) -> None:
    event = begun(session, cast, now, kind=kind)
    assert event.state == "draft"
    assert lacks(session, event, now=now) == []
    services.open_event(session, event, version=event.version, by=broker(cast), now=now)
    assert event.state == "open"
    found = slots_of(session, event)
    assert len(found) >= 6
    assert [each.number for each in found] == list(range(len(found)))
    blocked = [each for each in event.sessions if each.for_all]
    for slot in found:
        assert all(slot.ends_at <= b.starts_at or b.ends_at <= slot.starts_at for b in blocked)


def test_phases_lie_in_order(session: Session, cast: Cast, now: datetime) -> None:
    event = begun(session, cast, now)
    assert event.registration_from == now
    assert now < phase(event, "registration_until") < phase(event, "requests_until")
    assert phase(event, "requests_from") < phase(event, "requests_until") < event.starts_at
    assert phase(event, "requests_until") < phase(event, "schedule_until") < event.starts_at
    assert event.follow_up_until == event.ends_at + timedelta(days=14)


def test_an_event_tomorrow_still_lets_people_register(
    session: Session, cast: Cast, now: datetime
) -> None:
    tomorrow = (now + timedelta(days=1)).date()
    event = begun(session, cast, now, first_day=tomorrow, last_day=tomorrow)
    assert phase(event, "registration_until") > now
    assert phase(event, "requests_from") < phase(event, "requests_until") <= event.starts_at
    assert phase(event, "requests_until") <= phase(event, "schedule_until") <= event.starts_at


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"title_zh": "", "title_en": ""}, "title_zh", "required"),
        ({"title_zh": "长" * 201}, "title_zh", "too_long"),
        ({"kind": "gala"}, "kind", "unknown_code"),
        ({"slot_minutes": 17}, "slot_minutes", "unknown_code"),
        ({"zone": "Mars/Base"}, "zone", "unknown_code"),
        ({"closes": 9 * 60}, "closes", "ends_before_start"),
        ({"last_day": DAY - timedelta(days=1)}, "last_day", "ends_before_start"),
        ({"last_day": DAY + timedelta(days=14)}, "last_day", "too_many"),
        ({"tables": 501}, "tables", "out_of_range"),
        (
            {"first_day": DAY.replace(year=2020), "last_day": DAY.replace(year=2020)},
            "first_day",
            "in_the_past",
        ),
        ({"organisation_id": 999_999}, "organisation", "unknown_code"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    session: Session, cast: Cast, now: datetime, changes: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        begun(session, cast, now, **changes)
    assert refused.value.fields[field] == code
    assert session.scalar(sa.select(sa.func.count(Event.id))) == 0


def test_only_brokers_and_operators_begin(session: Session, cast: Cast, now: datetime) -> None:
    for user in (cast.editor, cast.member, cast.stranger):
        with pytest.raises(Forbidden):
            services.begin_event(session, outline(cast.host), by=actor_for(user), now=now)
    assert services.begin_event(session, outline(cast.host), by=actor_for(cast.operator), now=now)


def test_a_copy_brings_everything_but_the_people(
    session: Session, cast: Cast, now: datetime
) -> None:
    source = begun(session, cast, now, kind="roadshow", last_day=DAY + timedelta(days=1))
    by = broker(cast)
    source.costs, source.levels = {"gap": 3}, {"room_change": "warn"}
    source.text_zh, source.capacity, source.needs_approval = "欢迎", 80, True
    source.region, source.address_zh = "420100", "示例路1号"
    services.change_rooms(
        session,
        source,
        [
            services.RoomRow(None, "东厅", "East", "", "A1-A5"),
            services.RoomRow(None, "线上", "", "https://meet.example.org/a", "O1-O2"),
        ],
        version=source.version,
        by=by,
        now=now,
    )
    services.open_event(session, source, version=source.version, by=by, now=now)
    make_registration(session, source, group="project")
    session.refresh(source)
    later = DAY + timedelta(days=70)
    copy = services.copy_event(
        session,
        source,
        replace(
            outline(cast.host, kind="roadshow"),
            first_day=later,
            last_day=later + timedelta(days=1),
        ),
        by=by,
        now=now,
    )
    assert copy.state == "draft"
    assert copy.copied_from_id == source.id
    assert (copy.costs, copy.levels) == (source.costs, source.levels)
    for name in ("text_zh", "capacity", "needs_approval", "region", "address_zh"):
        assert getattr(copy, name) == getattr(source, name)
    assert [t.name for t in tables_of(session, copy)] == [
        t.name for t in tables_of(session, source)
    ]
    assert [room.online_url for room in copy.rooms] == [None, "https://meet.example.org/a"]
    codes = {group.id: group.code for event in (source, copy) for group in event.groups}
    said = [
        {tuple(sorted((codes[a], codes[b]))) for a, b in pairs(session, each)}
        for each in (source, copy)
    ]
    assert said[0] == said[1] != set()
    shift = timedelta(days=70)
    assert [each.starts_at - shift for each in slots_of(session, copy)] == [
        each.starts_at for each in slots_of(session, source)
    ]
    assert [each.starts_at - shift for each in copy.sessions] == [
        each.starts_at for each in source.sessions
    ]
    for name in ("registration_until", "schedule_until", "follow_up_until"):
        assert phase(copy, name) - shift == phase(source, name)
    live = sa.select(sa.func.count()).where(Registration.event_id == copy.id)
    assert session.scalar(live) == 0


def test_a_copy_across_a_change_of_clocks_keeps_the_time_of_day(
    session: Session, cast: Cast, now: datetime
) -> None:
    source = begun(session, cast, now, zone="Europe/Berlin", kind="roadshow")
    later = DAY + timedelta(days=60)
    copy = services.copy_event(
        session,
        source,
        outline(cast.host, kind="roadshow", zone="Europe/Berlin", first_day=later, last_day=later),
        by=broker(cast),
        now=now,
    )
    assert copy.local(copy.starts_at).hour == source.local(source.starts_at).hour == 9
    assert copy.local(copy.sessions[0].starts_at).hour == 9
    assert copy.starts_at - source.starts_at == timedelta(days=60) - timedelta(hours=1)


def test_nobody_copies_what_they_do_not_run(session: Session, cast: Cast, now: datetime) -> None:
    source = begun(session, cast, now)
    with pytest.raises(Forbidden):
        services.copy_event(
            session, source, outline(cast.host), by=actor_for(cast.other_broker), now=now
        )
