"""The hall's board: who sits where now and next, who is missing, marks; how cheap it is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid
from tenon.events.hall import arriving, marking
from tenon.events.hall.board import Counts, board_of, stamp_of
from tenon.events.models import Meeting
from tests.events.hall.cast import Cast, browser
from tests.factories import events
from tests.factories.accounts import post
from tests.introductions.browsing import counted


def test_the_board_shows_now_and_next_by_table(session: Session, cast: Cast, now: datetime) -> None:
    board = board_of(session, cast.event, now=now)
    assert board.now is not None
    assert board.next is not None
    assert [(one.table, one.a.name, one.b.name) for one in board.now.meetings] == [
        ("1", "Lan", "Chen"),
        ("2", "Wu", "Zhao"),
    ]
    assert board.next.slot == cast.slots[3]
    assert board.counts == Counts(4, 0)
    assert len(board.now.missing) == 2


def test_between_slots_nothing_runs_and_the_next_is_shown(session: Session, cast: Cast) -> None:
    board = board_of(session, cast.event, now=cast.slots[2].ends_at + timedelta(minutes=1))
    assert board.now is None
    assert board.next is not None
    assert board.next.slot == cast.slots[3]
    over = board_of(session, cast.event, now=cast.slots[-1].ends_at)
    assert (over.now, over.next) == (None, None)


def test_who_arrives_is_missing_no_more(session: Session, cast: Cast, now: datetime) -> None:
    boss = cast.actor("boss")
    for name in ("lan", "chen"):
        arriving.check_in_part(session, cast.event, cast.parts[name], by=boss, now=now)
    board = board_of(session, cast.event, now=now)
    assert board.now is not None
    assert board.counts == Counts(4, 2)
    assert [[each.name for each in one.missing] for one in board.now.missing] == [["Wu", "Zhao"]]


def test_marks_are_set_mended_and_taken_back(session: Session, cast: Cast, now: datetime) -> None:
    meeting, boss = cast.meetings[0], cast.actor("boss")

    def mark(what: str) -> tuple[str, str | None]:
        marking.mark(session, meeting, what, version=meeting.version, by=boss, now=now)
        return meeting.state, meeting.missed_by

    assert mark("a") == ("no_show", "a")
    assert mark("both") == ("no_show", "both")
    assert mark("held") == ("held", None)
    assert mark("undo") == ("planned", None)
    version = meeting.version
    assert mark("undo") == ("planned", None)
    assert meeting.version == version


def test_marks_are_the_organisers_and_of_meetings_that_hold(
    session: Session, cast: Cast, now: datetime
) -> None:
    meeting, boss = cast.meetings[0], cast.actor("boss")
    with pytest.raises(Forbidden):
        marking.mark(session, meeting, "held", version=1, by=cast.actor("lan"), now=now)
    with pytest.raises(Invalid):
        marking.mark(session, meeting, "late", version=1, by=boss, now=now)
    with pytest.raises(Conflict):
        marking.mark(session, meeting, "held", version=9, by=boss, now=now)
    gone = events.make_meeting(
        session, cast.parts["lan"], cast.parts["chen"], cast.slots[5], state="called_off"
    )
    with pytest.raises(IllegalTransition):
        marking.mark(session, gone, "held", version=1, by=boss, now=now)


def test_the_stamp_changes_with_all_that_the_board_shows(
    session: Session, cast: Cast, now: datetime
) -> None:
    boss, lan, stamps = cast.actor("boss"), cast.parts["lan"], []

    def note(at: datetime = now) -> None:
        session.flush()
        stamps.append(stamp_of(session, cast.event, now=at))

    note()
    arriving.check_in_part(session, cast.event, lan, by=boss, now=now)
    note()
    arriving.undo(session, cast.event, lan, by=boss, now=now)
    arriving.check_in_part(
        session, cast.event, cast.parts["wu"], by=boss, now=now + timedelta(seconds=1)
    )
    note()
    marking.mark(session, cast.meetings[0], "held", version=1, by=boss, now=now)
    note()
    events.make_meeting(session, lan, cast.parts["chen"], cast.slots[6], state="called_off")
    events.make_meeting(
        session, events.make_registration(session, cast.event), cast.parts["zhao"], cast.slots[6]
    )
    note()
    note(cast.slots[3].starts_at)
    assert len(set(stamps)) == len(stamps)
    note(cast.slots[3].starts_at + timedelta(minutes=1))
    assert stamps[-1] == stamps[-2]


def test_screens_that_ask_again_get_304_until_something_changes(
    app: Flask, database: Database, today: Cast
) -> None:
    client, path = browser(app, today, "boss"), f"/events/{today.event.public_id}/hall/part"
    first = client.get(path)
    assert first.status_code == 200
    assert "Chen" in first.text
    with counted(database) as statements:
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert len(statements) <= 8, statements
    done = post(
        client, f"/events/meetings/{today.meetings[0].public_id}/mark", what="held", version="1"
    )
    assert done.status_code == 303
    changed = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert "Meeting held" in changed.text


def test_a_stale_mark_is_told_and_changes_nothing(
    app: Flask, database: Database, today: Cast
) -> None:
    client = browser(app, today, "boss")
    path = f"/events/meetings/{today.meetings[0].public_id}/mark"
    post(client, path, what="a", version="1")
    post(client, path, what="held", version="1")
    page = client.get(f"/events/{today.event.public_id}/hall").text
    assert "Somebody marked or moved this meeting meanwhile" in page
    with database.reading() as session:
        assert session.get_one(Meeting, today.meetings[0].id).missed_by == "a"


def test_the_board_reloads_itself_without_scripts(app: Flask, today: Cast) -> None:
    page = browser(app, today, "boss").get(f"/events/{today.event.public_id}/hall").text
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page


@pytest.mark.parametrize("role", ["lan", "colleague", "stranger"])
def test_board_door_and_printing_are_the_organisers(app: Flask, today: Cast, role: str) -> None:
    client = browser(app, today, role)
    for page in ("hall", "hall/part", "check-in", "print", "print/file?what=badges"):
        assert client.get(f"/events/{today.event.public_id}/{page}").status_code == 403, page
    marked = post(client, f"/events/meetings/{today.meetings[1].public_id}/mark", what="held")
    assert marked.status_code in (403, 404)
