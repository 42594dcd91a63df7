"""Announce, take back, call off, close; by hand and by the clock; who is told."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.db import Database
from tenon.errors import Conflict, Invalid
from tenon.events.models import Event, EventMay
from tenon.events.planning import queries, services, tasks
from tenon.events.planning.checks import lacks
from tenon.events.planning.services import RoomRow
from tenon.notices.models import Notice
from tenon.outbox.models import OutboxMessage
from tests.events.planning.scenes import DAY, Cast, announced, begun, broker
from tests.factories.accounts import actor_for, make_membership, make_user
from tests.factories.events import make_registration


def _codes(session: Session, event: Event, now: datetime) -> list[str]:
    return [each.code for each in lacks(session, event, now=now)]


def test_each_thing_missing_is_named(session: Session, cast: Cast, now: datetime) -> None:
    event, by = begun(session, cast, now), broker(cast)
    event.title_zh = event.title_en = ""
    session.execute(sa.delete(EventMay))
    services.change_rooms(session, event, [], version=event.version, by=by, now=now)
    assert _codes(session, event, now) == ["title", "tables", "may"]
    with pytest.raises(Invalid) as refused:
        services.open_event(session, event, version=event.version, by=by, now=now)
    assert refused.value.facts["missing"] == ["title", "tables", "may"]
    assert event.state == "draft"


def test_days_without_a_slot_and_days_gone_by_are_missing(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = begun(session, cast, now, opens=9 * 60, closes=9 * 60 + 10)
    assert _codes(session, event, now) == ["slots"]
    assert _codes(session, event, event.ends_at) == ["past", "slots"]


def test_an_online_event_needs_no_tables(session: Session, cast: Cast, now: datetime) -> None:
    event = begun(session, cast, now, mode="online", tables=0)
    assert _codes(session, event, now) == []


def test_taking_back_while_nobody_has_registered(
    session: Session, cast: Cast, now: datetime
) -> None:
    event, by = announced(session, cast, now), broker(cast)
    services.take_back(session, event, version=event.version, by=by, now=now)
    assert event.state == "draft"
    services.open_event(session, event, version=event.version, by=by, now=now)
    make_registration(session, event, state="waiting")
    with pytest.raises(Conflict) as refused:
        services.take_back(session, event, version=event.version, by=by, now=now)
    assert refused.value.code == "has_registrations"


def test_calling_off_tells_calendars_and_the_outbox(
    session: Session, cast: Cast, now: datetime
) -> None:
    event, by = announced(session, cast, now), broker(cast)
    services.call_off(session, event, reason=" 台风 ", version=event.version, by=by, now=now)
    assert (event.state, event.sequence, event.called_off_reason) == ("called_off", 1, "台风")
    sent = session.scalars(
        sa.select(OutboxMessage).where(OutboxMessage.topic == "event.called_off")
    ).all()
    assert [each.payload for each in sent] == [{"id": event.id}]


@pytest.mark.parametrize(("reason", "code"), [(" ", "required"), ("x" * 1001, "too_long")])
def test_calling_off_needs_a_reason(
    session: Session, cast: Cast, now: datetime, reason: str, code: str
) -> None:
    event = announced(session, cast, now)
    with pytest.raises(Invalid) as refused:
        services.call_off(
            session, event, reason=reason, version=event.version, by=broker(cast), now=now
        )
    assert refused.value.fields == {"reason": code}


def test_closing_by_hand_after_it_has_begun(session: Session, cast: Cast, now: datetime) -> None:
    event, by = announced(session, cast, now), broker(cast)
    with pytest.raises(Conflict) as refused:
        services.close(session, event, version=event.version, by=by, now=now)
    assert refused.value.code == "not_begun"
    services.close(session, event, version=event.version, by=by, now=event.starts_at)
    assert event.state == "over"


def test_the_clock_closes_what_has_ended_and_nothing_else(
    session: Session, cast: Cast, now: datetime
) -> None:
    ended, coming = (
        announced(session, cast, now),
        announced(
            session, cast, now, first_day=DAY + timedelta(days=7), last_day=DAY + timedelta(days=7)
        ),
    )
    draft = begun(session, cast, now)
    tasks.close_all_ended(session, {}, ended.ends_at)
    assert [each.state for each in (ended, coming, draft)] == ["over", "open", "draft"]
    assert queries.history_of(session, ended)[0].kind == "close"
    tasks.close_all_ended(session, {}, ended.ends_at)


def _told(session: Session, user_id: int) -> list[str]:
    return list(
        session.scalars(sa.select(Notice.kind).where(Notice.user_id == user_id).order_by(Notice.id))
    )


def test_the_owner_hears_what_others_did_and_not_what_they_did(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = announced(session, cast, now)
    tasks.moved(session, {"id": event.id, "change": "open"}, now)
    assert _told(session, cast.broker.id) == []
    editor = actor_for(cast.editor)
    services.call_off(session, event, reason="x", version=event.version, by=editor, now=now)
    tasks.called_off(session, {"id": event.id}, now)
    assert _told(session, cast.broker.id) == ["event_called_off"]


def test_a_host_hears_of_what_somebody_from_outside_announces_in_its_name(
    session: Session, cast: Cast, now: datetime
) -> None:
    head = make_user(session)
    make_membership(session, head, cast.host, "administrator")
    event = announced(session, cast, now)
    tasks.moved(session, {"id": event.id, "change": "open"}, now)
    assert _told(session, head.id) == []
    event.owner_id = cast.other_broker.id
    session.flush()
    tasks.moved(session, {"id": event.id, "change": "open"}, now)
    assert _told(session, head.id) == ["event_hosted"]


def test_of_two_organisers_at_once_one_is_told(
    database: Database, committed: Session, settled: Cast, now: datetime
) -> None:
    event = begun(committed, settled, now)
    actors = [broker(settled), actor_for(settled.editor)]
    committed.commit()
    start, outcomes = threading.Barrier(2), []

    def write(by: Actor, words: str) -> None:
        start.wait()
        try:
            with database.writing() as session:
                found = session.get_one(Event, event.id)
                services.change_texts(
                    session, found, text_zh=words, text_en="", version=1, by=by, now=now
                )
            outcomes.append("saved")
        except Conflict as error:
            outcomes.append(error.code)

    threads = [
        threading.Thread(target=write, args=(by, words))
        for by, words in zip(actors, ("甲", "乙"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["changed_meanwhile", "saved"]
    with database.reading() as session:
        found = session.get_one(Event, event.id)
        assert found.version == 2
        assert found.text_zh in ("甲", "乙")
        assert len(queries.history_of(session, found)) == 2


def test_rooms_of_an_online_event_have_addresses(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = begun(session, cast, now, mode="online", tables=0)
    row = RoomRow(None, "线上", "Online", "https://meet.example.org/x", "O1-O3")
    services.change_rooms(session, event, [row], version=event.version, by=broker(cast), now=now)
    assert event.rooms[0].online_url == "https://meet.example.org/x"
