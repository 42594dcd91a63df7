"""Who has said nothing is reminded on days 1, 3, 7 and 14, then is the organiser's to ask."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.errors import Forbidden, Invalid
from tenon.events.results.queries.meetings import overdue
from tenon.events.results.services.reminding import ask_again, remind_again, remind_due
from tenon.notices.models import Notice
from tenon.outbox.dispatcher import drain
from tenon.outbox.models import OutboxMessage
from tests.conftest import NOW
from tests.events.results.cast import Cast, make_cast, say
from tests.events.results.conftest import Browse, count
from tests.factories.accounts import post


def _told(session: Session, kind: str = "event_outcome_due") -> list[int]:
    return sorted(session.scalars(sa.select(Notice.user_id).where(Notice.kind == kind)))


def _ended(cast: Cast) -> datetime:
    return cast.meeting.slot.ends_at


def test_each_round_comes_once_and_only_to_the_silent(session: Session, cast: Cast) -> None:
    ended, both = _ended(cast), sorted([cast.here.user_id or 0, cast.there.user_id or 0])
    remind_due(session, now=ended + timedelta(hours=23))
    assert _told(session) == []
    for _ in range(3):
        remind_due(session, now=ended + timedelta(days=1, hours=1))
    assert _told(session) == both
    say(session, cast.meeting, cast.here)
    for day in (3, 7, 14, 15, 40):
        remind_due(session, now=ended + timedelta(days=day, hours=1))
    assert _told(session) == sorted([*both, *[cast.there.user_id or 0] * 3])
    assert cast.meeting.reminded == 4


def test_a_site_that_was_down_makes_up_for_nothing(session: Session, cast: Cast) -> None:
    remind_due(session, now=_ended(cast) + timedelta(days=12))
    assert (_told(session), cast.meeting.reminded) == ([], 3)
    remind_due(session, now=_ended(cast) + timedelta(days=14, hours=2))
    assert len(_told(session)) == 2


@pytest.mark.parametrize("state", ["no_show", "called_off"])
def test_who_did_not_meet_is_left_alone(session: Session, cast: Cast, state: str) -> None:
    if state == "no_show":
        cast.meeting.state, cast.meeting.missed_by = state, "b"
    else:
        cast.meeting.state, cast.meeting.live_pair = state, None
        cast.meeting.called_off_reason = "other"
    session.flush()
    remind_due(session, now=_ended(cast) + timedelta(days=1, hours=1))
    assert _told(session) == []
    assert overdue(session, cast.event, now=_ended(cast) + timedelta(days=20)) == []


def test_follow_up_that_has_ended_reminds_nobody_and_is_overdue(
    session: Session, cast: Cast
) -> None:
    cast.event.follow_up_until = _ended(cast) + timedelta(days=2)
    session.flush()
    remind_due(session, now=_ended(cast) + timedelta(days=3, hours=1))
    assert _told(session) == []
    found = overdue(session, cast.event, now=_ended(cast) + timedelta(days=2, hours=1))
    assert [each.registration.id for each in found] == [cast.meeting.a_id, cast.meeting.b_id]


def test_overdue_after_day_fourteen_until_they_answer(session: Session, cast: Cast) -> None:
    ended = _ended(cast)
    assert overdue(session, cast.event, now=ended + timedelta(days=13)) == []
    say(session, cast.meeting, cast.there)
    found = overdue(session, cast.event, now=ended + timedelta(days=14))
    assert [each.registration.id for each in found] == [cast.here.id]


def _late(session: Session, cast: Cast) -> list[str]:
    cast.event.follow_up_until = NOW - timedelta(hours=1)
    session.flush()
    return [each.key for each in overdue(session, cast.event, now=NOW)]


def test_organiser_asks_again_once_a_request(database: Database) -> None:
    with database.writing() as session:
        cast = make_cast(session)
        keys = _late(session, cast)
        by = cast.actor("broker")
        for _ in range(2):
            asked = remind_again(session, cast.event, keys[:1], request_key="r", by=by, now=NOW)
            assert asked == 1
        topic = sa.select(sa.func.count()).where(OutboxMessage.topic == "events.remind_again")
        assert session.scalar(topic) == 1
    drain(database, now=NOW + timedelta(minutes=1))
    with database.reading() as session:
        assert _told(session, "event_outcome_again") == [cast.meeting.a.user_id]


def test_nobody_chosen_is_nobody(session: Session, cast: Cast) -> None:
    _late(session, cast)
    for keys in ([], ["made:up"]):
        with pytest.raises(Invalid):
            remind_again(
                session, cast.event, keys, request_key="r", by=cast.actor("broker"), now=NOW
            )


def test_others_remind_nobody(session: Session, cast: Cast) -> None:
    keys = _late(session, cast)
    for role in ("researcher", "rival", "stranger"):
        with pytest.raises(Forbidden):
            remind_again(session, cast.event, keys, request_key="r", by=cast.actor(role), now=NOW)


def test_who_answers_before_the_reminder_is_written_gets_none(session: Session, cast: Cast) -> None:
    keys = _late(session, cast)
    say(session, cast.meeting, cast.here)
    ask_again(session, cast.event, keys, now=NOW)
    assert _told(session, "event_outcome_again") == [cast.there.user_id]


def test_pages_show_first_and_send_then(
    browse: Browse, settled: Cast, committed: Session, database: Database
) -> None:
    keys = _late(committed, settled)
    committed.commit()
    place, client = f"/events/{settled.event.public_id}/overdue", browse("host")
    page = client.get(place)
    assert "Researcher · Sample University" in page.text
    assert " checked" not in page.text
    assert client.get(f"{place}?every=1").text.count(" checked") == 2
    nobody = post(client, place, go="preview")
    assert nobody.status_code == 422
    assert "Nobody was chosen" in nobody.text
    preview = post(client, place, go="preview", chosen=keys)
    assert "what came of your meeting with Company" in preview.text
    assert "2 reminders. Nothing has gone out yet." in preview.text
    topic = sa.select(sa.func.count()).where(OutboxMessage.topic == "events.remind_again")
    assert count(database, topic) == 0
    for _ in range(2):
        sent = post(client, place, go="send", chosen=keys, request_key="page")
        assert sent.status_code == 303
    assert count(database, topic) == 1
    for role, status in (("researcher", 403), ("stranger", 403), ("visitor", 302)):
        assert browse(role).get(place).status_code == status
        assert post(browse(role), place, go="send", chosen=keys).status_code == status
    assert "逾期" in browse("host", "zh").get(place).text
