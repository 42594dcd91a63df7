"""The day of a hybrid event: links in agendas, briefs and calendars; nobody waits at the door."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
import vobject
from flask import Flask
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.events.hall import arriving, printing
from tenon.events.hall.board import Counts, board_of, stamp_of
from tenon.events.hall.printing import Choice
from tenon.events.models import Event, EventRoom, Meeting, Registration, Seat
from tests.events.hall.cast import Cast, browser
from tests.factories.accounts import post

LINK, ROOM_LINK = "https://meet.example.org/event", "https://meet.example.org/hall"


def _attend(session: Session, cast: Cast, *names: str) -> None:
    """Make the event hybrid, with a link; some attend online."""
    event = session.get_one(Event, cast.event.id)
    event.mode, event.online_url = "hybrid", LINK
    for name in names:
        session.get_one(Registration, cast.parts[name].id).attends = "online"
    session.flush()


@pytest.fixture
def hybrid(database: Database, today: Cast) -> Cast:
    """Lan attends online, Chen and the others come."""
    with database.writing() as session:
        _attend(session, today, "lan")
    return today


def _agenda(app: Flask, cast: Cast, role: str) -> str:
    return browser(app, cast, role).get(f"/events/{cast.event.public_id}/agenda").text


def test_who_attends_online_sees_links_and_no_entrance(app: Flask, hybrid: Cast) -> None:
    page = _agenda(app, hybrid, "lan")
    assert page.count(f'href="{LINK}"') == 1 + 2  # the next one's, and each meeting's
    assert "You join online, the other side sits at the table." in page
    assert "You attend online" in page
    assert "At the entrance" not in page
    assert "Table 1" not in page


def test_who_comes_sees_table_and_link_and_that_the_other_joins_online(
    app: Flask, hybrid: Cast
) -> None:
    page = _agenda(app, hybrid, "chen")
    assert "Table 1" in page
    assert LINK in page
    assert "The other side joins online." in page
    assert "At the entrance" in page
    assert LINK not in _agenda(app, hybrid, "wu")  # meets nobody online


def test_the_rooms_own_link_goes_first(app: Flask, database: Database, hybrid: Cast) -> None:
    with database.writing() as session:
        room = session.get_one(EventRoom, hybrid.event.rooms[0].id)
        room.online_url = ROOM_LINK
    page = _agenda(app, hybrid, "chen")
    assert ROOM_LINK in page
    assert LINK not in page


def test_a_link_that_is_missing_is_said(app: Flask, database: Database, hybrid: Cast) -> None:
    with database.writing() as session:
        session.get_one(Event, hybrid.event.id).online_url = None
    for role in ("lan", "chen"):
        assert "has not entered a link" in _agenda(app, hybrid, role)


def _brief(app: Flask, cast: Cast, role: str) -> str:
    path = f"/events/meetings/{cast.meetings[0].public_id}"
    answer = browser(app, cast, role).get(path)
    assert answer.status_code == 200
    return answer.text


def test_the_brief_says_who_joins_online(app: Flask, database: Database, hybrid: Cast) -> None:
    for role, said in (
        ("chen", "The other side joins online."),
        ("lan", "You join online, the other side sits at the table."),
        ("boss", "Joins online: Lan"),
    ):
        page = _brief(app, hybrid, role)
        assert said in page, role
        assert LINK in page, role
        assert "Table 1" in page, role
    with database.writing() as session:
        _attend(session, hybrid, "chen")
    page = _brief(app, hybrid, "lan")
    assert "You both join online." in page
    assert "Table 1" not in page
    assert LINK in page


def _entry(app: Flask, cast: Cast, role: str) -> vobject.base.Component:
    answer = browser(app, cast, role).get(f"/events/{cast.event.public_id}/agenda.ics")
    parsed = vobject.readOne(answer.get_data(as_text=True))
    uid = f"meeting-{cast.meetings[0].public_id}@tenon"
    return next(each for each in parsed.vevent_list if each.uid.value == uid)


def test_the_calendar_file_leads_each_to_where_they_join(app: Flask, hybrid: Cast) -> None:
    afar, there = _entry(app, hybrid, "lan"), _entry(app, hybrid, "chen")
    assert afar.location.value == LINK
    assert LINK in afar.description.value
    assert "Table 1" in there.location.value
    assert LINK in there.description.value
    assert "The other side joins online." in there.description.value


def test_two_online_are_brought_together_without_a_table(
    app: Flask, database: Database, hybrid: Cast
) -> None:
    with database.writing() as session:
        _attend(session, hybrid, "chen", "wu")
        gone = session.get_one(Meeting, hybrid.meetings[3].id)  # so that the two may meet anew
        gone.state, gone.called_off_reason, gone.live_pair = "called_off", "other", None
        session.execute(sa.delete(Seat).where(Seat.meeting_id == gone.id))
    client, path = browser(app, hybrid, "boss"), f"/events/{hybrid.event.public_id}/hall"
    answer = post(client, f"{path}/meetings", first="Wu", second="Chen")
    assert answer.status_code == 303
    assert "They meet online at" in client.get(answer.location).text


def test_nobody_waits_at_the_door_for_who_attends_online(session: Session, cast: Cast) -> None:
    _attend(session, cast, "lan")
    now, boss = cast.slots[2].starts_at, cast.actor("boss")
    board = board_of(session, cast.event, now=now)
    assert board.counts == Counts(3, 0)
    assert board.now is not None
    assert [[each.name for each in one.missing] for one in board.now.missing] == [
        ["Chen"],
        ["Wu", "Zhao"],
    ]
    before = stamp_of(session, cast.event, now=now)
    # Who comes all the same, or is marked present, counts.
    assert arriving.check_in_part(session, cast.event, cast.parts["lan"], by=boss, now=now).in_hall
    assert board_of(session, cast.event, now=now).counts == Counts(4, 1)
    assert stamp_of(session, cast.event, now=now) != before


def test_nothing_is_printed_for_many_of_who_attends_online(session: Session, cast: Cast) -> None:
    _attend(session, cast, "lan")
    made = printing.badges(session, cast.event, Choice(), "en")
    assert {each["name"] for each in made["badges"]} == {"Wu", "Chen", "Zhao"}
    assert printing.groups_of(session, cast.event) == {"researcher": 1, "company": 2}
    agendas = printing.agendas(session, cast.event, Choice(), "en")["agendas"]
    lines = {each["name"]: each["days"][0][1][0] for each in agendas}
    assert set(lines) == {"Wu", "Chen", "Zhao"}
    chen = lines["Chen"]
    assert (chen["table"], chen["online"], chen["link"]) == ("1", True, LINK)
    own = printing.agendas(session, cast.event, Choice(part=cast.parts["lan"].public_id), "en")
    mine = own["agendas"][0]["days"][0][1][0]
    assert (mine["table"], mine["online"], mine["link"]) == ("", False, LINK)
    card = printing.table_cards(session, cast.event, "en")["tables"][0]
    assert True in card["days"][0][1][0].online


def test_the_board_and_the_files_are_made(app: Flask, database: Database, hybrid: Cast) -> None:
    client, path = browser(app, hybrid, "boss"), f"/events/{hybrid.event.public_id}"
    page = client.get(f"{path}/hall").text
    assert "Joins online" in page
    assert "Attends online" in client.get(f"{path}/check-in?q=lan").text
    for what in ("agendas", "table_cards"):
        assert client.get(f"{path}/print/file?what={what}").mimetype == "application/pdf"
    own = browser(app, hybrid, "lan").get(f"{path}/agenda.pdf")
    assert own.mimetype == "application/pdf"
    with database.reading() as session:
        assert session.get_one(Meeting, hybrid.meetings[0].id).state == "planned"
