"""Personal agendas: what is on them, who may open them, how much they ask of the database."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import vobject
from flask import Flask
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.events.hall.agenda import agenda_of
from tenon.events.hall.arriving import Seen, check_in
from tenon.events.models import Meeting
from tests.events.hall.cast import Cast, browser
from tests.factories import events
from tests.introductions.browsing import counted

MOST_STATEMENTS = 10


def test_an_agenda_has_the_own_meetings_in_order(
    session: Session, cast: Cast, now: datetime
) -> None:
    events.make_meeting(
        session, cast.parts["lan"], cast.parts["chen"], cast.slots[5], state="called_off"
    )
    found = agenda_of(session, cast.parts["lan"])
    assert [each.public_id for each in found.meetings] == [
        cast.meetings[0].public_id,
        cast.meetings[2].public_id,
    ]
    assert [each.other.name for each in found.meetings] == ["Chen", "Zhao"]
    assert [each.place.table for each in found.meetings] == ["1", "1"]
    assert found.meetings[0].starts_at == cast.slots[2].starts_at
    assert len(found.called_off) == 1
    assert [each.title("en") for each in found.sessions] == ["Opening"]
    assert found.next(now) == found.meetings[0]
    assert found.next(cast.slots[2].ends_at) == found.meetings[1]
    assert found.next(cast.slots[3].ends_at) is None


def test_an_agenda_shows_whom_one_meets_has_arrived(
    session: Session, cast: Cast, now: datetime
) -> None:
    seen = Seen(cast.parts["chen"].code, "typed", now)
    check_in(session, cast.event, seen, by=cast.actor("boss"), now=now)
    assert [each.other.arrived for each in agenda_of(session, cast.parts["lan"]).meetings] == [
        True,
        False,
    ]


@pytest.mark.parametrize("more", [0, 6])
def test_an_agenda_asks_for_few_statements_however_long_it_is(
    app: Flask, database: Database, today: Cast, more: int
) -> None:
    free = [slot for slot in today.slots if slot.number not in (2, 3)]
    with database.writing() as session:
        for slot in free[:more]:
            other = events.make_registration(session, today.event, group="company")
            events.make_meeting(session, today.parts["lan"], other, slot)
    client, path = browser(app, today, "lan"), f"/events/{today.event.public_id}/agenda"
    assert client.get(path).status_code == 200
    with counted(database) as statements:
        answer = client.get(path)
    assert answer.text.count('class="agenda-item__time"') == 2 + more + 1
    assert len(statements) <= MOST_STATEMENTS, statements


def test_the_page_says_where_whom_and_the_zone(app: Flask, today: Cast) -> None:
    page = browser(app, today, "lan").get(f"/events/{today.event.public_id}/agenda").text
    assert "Table 1" in page
    assert "Chen" in page
    assert "UTC" in page
    assert today.parts["lan"].code in page
    assert "chen@example.org" not in page
    assert f'datetime="{today.slots[2].starts_at.isoformat()}"' in page


def test_who_takes_no_part_is_told_how_to(app: Flask, today: Cast) -> None:
    answer = browser(app, today, "stranger").get(f"/events/{today.event.public_id}/agenda")
    assert answer.status_code == 404
    assert "You do not take part in this event" in answer.text


def test_who_waits_for_a_place_has_no_code_yet(app: Flask, database: Database, today: Cast) -> None:
    with database.writing() as session:
        waiting = events.make_registration(
            session, session.merge(today.event), user=today.people["stranger"], state="waiting"
        )
    page = browser(app, today, "stranger").get(f"/events/{today.event.public_id}/agenda")
    assert page.status_code == 200
    assert waiting.code not in page.text
    assert "On the waiting list" in page.text


@pytest.mark.parametrize(
    ("role", "status"),
    [("lan", 200), ("colleague", 200), ("boss", 200), ("chen", 404), ("stranger", 404)],
)
def test_only_those_who_act_for_somebody_open_their_agenda(
    app: Flask, today: Cast, role: str, status: int
) -> None:
    client, part = browser(app, today, role), today.parts["lan"].public_id
    for form in ("agenda", "agenda.ics", "agenda.pdf"):
        assert client.get(f"/events/parts/{part}/{form}").status_code == status, form


def _calendar(app: Flask, cast: Cast) -> dict[str, vobject.base.Component]:
    answer = browser(app, cast, "lan").get(f"/events/{cast.event.public_id}/agenda.ics")
    assert answer.mimetype == "text/calendar"
    parsed = vobject.readOne(answer.get_data(as_text=True))
    return {each.uid.value: each for each in parsed.vevent_list}


def test_the_calendar_file_follows_a_meeting_that_moves_and_is_called_off(
    app: Flask, database: Database, today: Cast
) -> None:
    before = _calendar(app, today)
    uid = f"meeting-{today.meetings[0].public_id}@tenon"
    assert before[uid].status.value == "CONFIRMED"
    assert before[uid].dtstart.value == today.slots[2].starts_at.replace(microsecond=0)
    assert "Chen" in before[uid].summary.value
    assert "Table 1" in before[uid].location.value
    with database.writing() as session:
        moved = session.get_one(Meeting, today.meetings[0].id)
        moved.slot_id, moved.sequence = today.slots[6].id, 1
        gone = session.get_one(Meeting, today.meetings[2].id)
        gone.state, gone.called_off_reason, gone.live_pair = "called_off", "other", None
        gone.sequence = 1
    after = _calendar(app, today)
    assert set(after) == set(before)
    assert after[uid].dtstart.value - before[uid].dtstart.value == timedelta(minutes=100)
    assert int(after[uid].sequence.value) > int(before[uid].sequence.value)
    other = f"meeting-{today.meetings[2].public_id}@tenon"
    assert after[other].status.value == "CANCELLED"
    assert int(after[other].sequence.value) > int(before[other].sequence.value)


def test_the_tab_is_shown_to_those_who_take_part(app: Flask, today: Cast) -> None:
    path = f"/events/{today.event.public_id}"
    for role, shown in (("lan", True), ("boss", False), ("stranger", False), ("visitor", False)):
        page = browser(app, today, role).get(path)
        assert page.status_code == 200
        assert (f'href="{path}/agenda"' in page.text) is shown, role
