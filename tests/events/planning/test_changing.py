"""Basics, limits, and who may change what; every change is noted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Conflict, Forbidden, Invalid
from tenon.events.planning import queries, services
from tenon.events.planning.slots import Hours
from tenon.events.queries import slots_of
from tenon.outbox.models import OutboxMessage
from tests.events.planning.scenes import (
    DAY,
    Cast,
    announced,
    basics_of,
    begun,
    broker,
    limits_of,
    phase,
    set_days,
)
from tests.factories.accounts import actor_for
from tests.factories.events import make_registration


def test_another_zone_keeps_the_clock(session: Session, cast: Cast, now: datetime) -> None:
    event = begun(session, cast, now, kind="roadshow")
    by = broker(cast)
    closes = event.local(phase(event, "registration_until"))
    services.change_basics(
        session,
        event,
        basics_of(event, zone="Europe/Berlin"),
        version=event.version,
        by=by,
        now=now,
    )
    assert event.starts_at == datetime(DAY.year, DAY.month, DAY.day, 8, tzinfo=UTC)
    assert event.local(event.sessions[0].starts_at).hour == 9
    after = event.local(phase(event, "registration_until"))
    assert after.replace(tzinfo=None) == closes.replace(tzinfo=None)
    first = slots_of(session, event)[0]
    assert first.starts_at >= event.sessions[0].ends_at


def test_calendars_hear_of_what_concerns_them(session: Session, cast: Cast, now: datetime) -> None:
    event, by = announced(session, cast, now), broker(cast)
    services.change_texts(
        session, event, text_zh="新", text_en="", version=event.version, by=by, now=now
    )
    assert event.sequence == 0
    services.change_basics(
        session,
        event,
        basics_of(event, venue_zh="另一会场"),
        version=event.version,
        by=by,
        now=now,
    )
    assert event.sequence == 1
    set_days(session, event, cast, now, [Hours(DAY, 9 * 60, 16 * 60)])
    assert event.sequence == 2


def test_meetings_hear_of_another_mode_alone(session: Session, cast: Cast, now: datetime) -> None:
    event, by = announced(session, cast, now), broker(cast)

    def heard() -> int:
        topic = OutboxMessage.topic == "event.mode_changed"
        return len(session.scalars(sa.select(OutboxMessage).where(topic)).all())

    for changes, times in (({"venue_zh": "另一会场"}, 0), ({"mode": "hybrid"}, 1)):
        services.change_basics(
            session, event, basics_of(event, **changes), version=event.version, by=by, now=now
        )
        assert heard() == times


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"capacity": 0}, "capacity", "out_of_range"),
        ({"capacity": 1}, "capacity", "below_taken"),
        ({"most_meetings": 0}, "most_meetings", "out_of_range"),
        ({"least_meetings": 13}, "least_meetings", "above_most"),
        ({"most_requests": 0}, "most_requests", "out_of_range"),
        (
            {"registration_until": datetime(2020, 1, 1, tzinfo=UTC)},
            "registration_until",
            "ends_before_start",
        ),
        (
            {"schedule_until": datetime(2020, 1, 1, tzinfo=UTC)},
            "schedule_until",
            "before_requests_close",
        ),
        (
            {"schedule_until": datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=UTC)},
            "schedule_until",
            "after_the_start",
        ),
    ],
)
def test_limits_that_cannot_be_are_refused(
    session: Session, cast: Cast, now: datetime, changes: dict[str, Any], field: str, code: str
) -> None:
    event = announced(session, cast, now)
    for _number in range(2):
        make_registration(session, event)
    with pytest.raises(Invalid) as refused:
        services.change_limits(
            session,
            event,
            limits_of(event, **changes),
            version=event.version,
            by=broker(cast),
            now=now,
        )
    assert refused.value.fields == {field: code}


def test_every_change_is_noted_with_its_version(
    session: Session, cast: Cast, now: datetime
) -> None:
    event, by = begun(session, cast, now), broker(cast)
    services.change_limits(
        session, event, limits_of(event, capacity=60), version=event.version, by=by, now=now
    )
    last, first = queries.history_of(session, event)
    assert (first.kind, last.kind) == ("begin", "change_limits")
    assert last.facts == {"version": 2, "changed": ["capacity"]}
    assert last.actor_id == cast.broker.id


def test_the_second_of_two_who_saw_the_same_is_told(
    session: Session, cast: Cast, now: datetime
) -> None:
    event, seen = begun(session, cast, now), 1
    services.change_texts(
        session, event, text_zh="甲", text_en="", version=seen, by=broker(cast), now=now
    )
    with pytest.raises(Conflict) as refused:
        services.change_texts(
            session,
            event,
            text_zh="乙",
            text_en="",
            version=seen,
            by=actor_for(cast.editor),
            now=now,
        )
    assert refused.value.code == "changed_meanwhile"
    assert event.text_zh == "甲"


def test_strangers_members_and_other_brokers_change_nothing(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = announced(session, cast, now)
    for user in (cast.stranger, cast.member, cast.other_broker):
        same: Any = {"version": event.version, "by": actor_for(user), "now": now}
        with pytest.raises(Forbidden):
            services.change_texts(session, event, text_zh="x", text_en="", **same)
        with pytest.raises(Forbidden):
            services.call_off(session, event, reason="x", **same)
        with pytest.raises(Forbidden):
            services.take_back(session, event, **same)
    assert event.version == 2


def test_what_is_over_is_not_changed(session: Session, cast: Cast, now: datetime) -> None:
    event, by = announced(session, cast, now), broker(cast)
    services.call_off(session, event, reason="台风", version=event.version, by=by, now=now)
    with pytest.raises(Conflict) as refused:
        services.change_texts(
            session, event, text_zh="x", text_en="", version=event.version, by=by, now=now
        )
    assert refused.value.code == "event_settled"
