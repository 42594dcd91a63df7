"""Pages of timetables: who may open them, what they say, and what their buttons do."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tenon.actors import SYSTEM
from tenon.db import Database
from tenon.events.models import DraftMeeting, Event, Meeting, TimetableDraft
from tenon.events.timetables import running, services
from tests.events.timetables.cast import NOW, Cast, make_cast, make_draft, meetings
from tests.factories.accounts import post, sign_in

DAY = timedelta(days=1)
BY_HAND = "/events/timetables/{draft}/meetings/"


@pytest.fixture(autouse=True)
def _before_the_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are asked for three days before the event."""
    monkeypatch.setattr("tenon.web.requests.utc_now", lambda: NOW)


def browser(app: Flask, cast: Cast, role: str, language: str = "en") -> FlaskClient:
    client = app.test_client()
    if role != "visitor":
        sign_in(client, cast.people[role])
    with client.session_transaction() as cookie:
        cookie["language"] = language
    return client


def words(answer: TestResponse) -> str:
    return re.sub(r"\s+", " ", unescape(answer.text))


def committed_draft(database: Database, cast: Cast, **columns: Any) -> str:
    with database.writing() as session:
        session.add(cast.event)
        (r1, r2, *_), (c1, c2, *_) = cast.researchers, cast.companies
        placed = [(r1, c1, 0, 0), (r1, c2, 1, 0), (r2, c1, 1, 1)]
        return make_draft(session, cast, placed, **columns).public_id


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Collect the SQL statements that are sent meanwhile."""
    sent: list[str] = []

    def note(*event: object) -> None:
        sent.append(str(event[2]))

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)


def pages(cast: Cast, draft: str) -> list[str]:
    event = cast.event.public_id
    return [
        f"/events/{event}/timetable",
        f"/events/{event}/timetable?view=people",
        f"/events/{event}/timetables",
        f"/events/{event}/timetable/rules",
        f"/events/{event}/timetable.xlsx",
        f"/events/timetables/{draft}",
        f"/events/timetables/{draft}?view=people",
        f"/events/timetables/{draft}?view=unmet",
        f"/events/timetables/{draft}/progress",
        f"/events/timetables/{draft}/meeting",
        f"/events/timetables/{draft}/release",
        f"/events/timetables/{draft}/timetable.xlsx",
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", ["broker", "editor", "operator"])
def test_who_organises_sees_every_page(
    app: Flask, database: Database, settled: Cast, role: str, language: str
) -> None:
    draft = committed_draft(database, settled)
    client = browser(app, settled, role, language)
    for page in pages(settled, draft):
        assert client.get(page).status_code == 200, page


@pytest.mark.parametrize("role", ["researcher", "company", "stranger"])
def test_participants_and_strangers_see_no_draft_and_change_nothing(
    app: Flask, database: Database, settled: Cast, role: str
) -> None:
    draft = committed_draft(database, settled)
    client, event = browser(app, settled, role), settled.event.public_id
    for page in pages(settled, draft):
        assert client.get(page).status_code in (403, 404), page
    for page in (
        f"/events/{event}/timetables",
        f"/events/{event}/timetable/rules",
        f"/events/{event}/timetable/agree",
        f"/events/{event}/timetable/absent",
        f"/events/{event}/timetable/move",
        f"/events/{event}/timetable/swap",
        f"/events/{event}/timetable/call-off",
        f"/events/timetables/{draft}/stop",
        f"/events/timetables/{draft}/release",
        *(
            f"/events/timetables/{draft}/meetings/{verb}"
            for verb in ("add", "move", "remove", "pin")
        ),
    ):
        assert post(client, page, seconds="10").status_code in (403, 404), page
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(TimetableDraft.id))) == 1
        assert session.scalar(sa.select(sa.func.count(Meeting.id))) == 0


def test_visitors_are_asked_to_sign_in(app: Flask, database: Database, settled: Cast) -> None:
    draft = committed_draft(database, settled)
    for page in pages(settled, draft):
        assert "/account/sign-in" in browser(app, settled, "visitor").get(page).location


def test_a_hidden_events_drafts_are_not_found(app: Flask, database: Database) -> None:
    with database.writing() as session:
        cast = make_cast(session, state="draft")
    draft = committed_draft(database, cast)
    assert browser(app, cast, "stranger").get(f"/events/timetables/{draft}").status_code == 404


def test_order_wait_look_and_release(app: Flask, database: Database, settled: Cast) -> None:
    client, event = browser(app, settled, "broker"), settled.event.public_id
    answer = post(client, f"/events/{event}/timetables", seconds="10")
    assert answer.status_code == 303
    waiting = words(client.get(answer.location))
    assert "Waits to be made" in waiting
    assert 'http-equiv="refresh"' in waiting
    again = post(client, f"/events/{event}/timetables", seconds="10")
    assert again.status_code == 409
    assert "is being made already" in words(again)
    with database.reading() as session:
        key = session.scalars(sa.select(TimetableDraft.id)).one()
    running.run(database, key, clock=lambda: NOW)
    ready = words(client.get(answer.location))
    assert "points reached" in ready
    assert "first come, first served" in ready
    assert "8 / 8 asked for" in ready
    release = f"{answer.location}/release"
    page = words(client.get(release))
    assert "Release it and tell 6 people" in page
    fields = dict(re.findall(r'name="(version|mark)" value="([^"]+)"', client.get(release).text))
    done = post(client, release, **fields)
    assert done.status_code == 303
    shown = words(client.get(done.location))
    assert "8 meetings are agreed." in shown
    twice = post(client, release, **fields)
    assert twice.status_code == 303
    assert "Somebody else was quicker" in words(client.get(twice.location))


def test_nothing_to_plan_with_is_said_with_what_to_do(app: Flask, database: Database) -> None:
    with database.writing() as session:
        cast = make_cast(session, slots=0)
    client = browser(app, cast, "broker")
    page = words(client.get(f"/events/{cast.event.public_id}/timetables"))
    assert "enter its days first" in page
    answer = post(client, f"/events/{cast.event.public_id}/timetables", seconds="10")
    assert answer.status_code == 422


def test_the_list_says_when_the_deadline_nears_and_when_it_was_missed(
    app: Flask, database: Database
) -> None:
    with database.writing() as session:
        cast = make_cast(session, schedule_until=NOW + 2 * DAY, requests_until=NOW + DAY)
    client, path = browser(app, cast, "broker"), f"/events/{cast.event.public_id}/timetables"
    told = "The timetable is to be released by"
    assert told in words(client.get(path))
    assert "it can be made now" not in words(client.get(path))
    _set(database, cast, requests_until=NOW)
    assert "it can be made now" in words(client.get(path))
    _set(database, cast, schedule_until=NOW)
    assert "The timetable should have been released by" in words(client.get(path))
    committed_draft(database, cast, state="released", released_at=NOW)
    assert "released by" not in words(client.get(path))


def test_participants_are_told_by_when_until_it_is_there(app: Flask, database: Database) -> None:
    with database.writing() as session:
        cast = make_cast(session, schedule_until=NOW + DAY, requests_until=NOW)
    client, place = browser(app, cast, "company"), f"/events/{cast.event.public_id}"
    told = {"my-part": "You know your meetings by", "wishes": "You know your meetings by",
            "agenda": "The organiser releases the timetable by"}  # fmt: skip
    for page, said in told.items():
        assert said in words(client.get(f"{place}/{page}")), page
    committed_draft(database, cast, state="released", released_at=NOW)
    for page, said in told.items():
        assert said not in words(client.get(f"{place}/{page}")), page


def _set(database: Database, cast: Cast, **columns: Any) -> None:
    with database.writing() as session:
        session.execute(sa.update(Event).where(Event.id == cast.event.id).values(**columns))


def test_a_meeting_by_hand_is_refused_with_the_conflicts_or_entered_with_a_warning(
    app: Flask, database: Database, settled: Cast
) -> None:
    draft = committed_draft(database, settled)
    client = browser(app, settled, "broker")
    (r1, _r2, r3, _r4), (c1, _c2, c3, _c4) = settled.researchers, settled.companies
    with database.reading() as session:
        slots = [slot.id for slot in settled.slots(session)]
    place = BY_HAND.format(draft=draft)
    clash = post(client, f"{place}add", a=r1.public_id, b=c3.public_id, slot=slots[0])
    assert clash.status_code == 409
    assert "In two meetings at once" in words(clash)
    assert "Company 3" in words(clash)
    fine = post(client, f"{place}add", a=r3.public_id, b=c3.public_id, slot=slots[3])
    assert fine.status_code == 303
    stale = post(client, f"{place}remove", a=r1.public_id, b=c1.public_id, version="1")
    assert "Somebody else was quicker" in words(client.get(stale.location))
    moved = post(client, f"{place}move", a=r1.public_id, b=c1.public_id, slot=slots[2])
    assert moved.status_code == 303
    post(client, f"{place}pin", a=r3.public_id, b=c3.public_id, pinned="0")
    post(client, f"{place}remove", a=r3.public_id, b=c3.public_id)
    with database.reading() as session:
        found = session.scalars(sa.select(DraftMeeting).order_by(DraftMeeting.a_id)).all()
        assert {(one.a_id, one.b_id): (one.slot_id, one.pinned) for one in found}[r1.id, c1.id] == (
            slots[2],
            True,
        )
        assert len(found) == 3


def test_nobody_chosen_is_said_at_the_page(app: Flask, database: Database, settled: Cast) -> None:
    draft = committed_draft(database, settled)
    client = browser(app, settled, "broker")
    answer = post(client, BY_HAND.format(draft=draft) + "add", a="", b="")
    assert answer.status_code == 422
    assert "Please choose two people" in words(answer)
    agree = post(client, f"/events/{settled.event.public_id}/timetable/agree")
    assert agree.status_code == 422


def released(database: Database, cast: Cast) -> list[str]:
    """Release a draft of three meetings; return the meetings' public ids."""
    public_id = committed_draft(database, cast)
    with database.writing() as session:
        draft = session.scalars(
            sa.select(TimetableDraft).where(TimetableDraft.public_id == public_id)
        ).one()
        services.release(session, draft, version=None, mark=None, by=SYSTEM, now=NOW)
        return [one.public_id for one in meetings(session, cast)]


def test_the_agreed_timetable_by_hand(app: Flask, database: Database, settled: Cast) -> None:
    first, second, third = released(database, settled)
    client, event = browser(app, settled, "editor"), settled.event.public_id
    with database.reading() as session:
        slots = [slot.id for slot in settled.slots(session)]
    page = f"/events/{event}/timetable"
    shown = client.get(f"{page}/meeting?meeting={first}")
    assert shown.status_code == 200
    moved = post(client, f"{page}/move", meeting=first, version="1", slot=slots[3])
    assert "both are told" in words(client.get(moved.location))
    stale = post(client, f"{page}/move", meeting=first, version="1", slot=slots[2])
    assert "Somebody else was quicker" in words(client.get(stale.location))
    clash = post(client, f"{page}/swap", meeting=first, other=second)
    assert clash.status_code == 409
    assert "In two meetings at once" in words(clash)
    post(client, f"{page}/call-off", meeting=third, reason="organiser")
    swapped = post(client, f"{page}/swap", meeting=first, other=second)
    assert "changed places" in words(client.get(swapped.location))
    off = post(client, f"{page}/call-off", meeting=second, reason="cancelled")
    assert "was called off" in words(client.get(off.location))
    wrong = post(client, f"{page}/call-off", meeting=first, reason="bored")
    assert wrong.status_code == 422
    (r3, c3) = settled.researchers[2], settled.companies[2]
    agreed = post(client, f"{page}/agree", a=r3.public_id, b=c3.public_id)
    assert "The meeting is agreed" in words(client.get(agreed.location))
    twice = post(client, f"{page}/agree", a=r3.public_id, b=c3.public_id, slot=slots[3])
    assert twice.status_code == 409
    absent = post(client, f"{page}/absent", person=r3.public_id)
    assert absent.status_code == 303
    assert "Re-plan with few moves" in words(client.get(absent.location))
    with database.reading() as session:
        states = {one.public_id: (one.state, one.sequence) for one in meetings(session, settled)}
    assert states[first] == ("planned", 2)
    assert states[second] == ("called_off", 2)


def test_rules_are_saved_and_wrong_ones_come_back_as_typed(
    app: Flask, database: Database, settled: Cast
) -> None:
    client = browser(app, settled, "broker")
    page = f"/events/{settled.event.public_id}/timetable/rules"
    usual = {
        "cost.shortfall": "40",
        "cost.gap": "6",
        "cost.room_change": "3",
        "cost.uneven": "2",
        "cost.longest_gap": "3",
    }
    bad = post(client, page, **(usual | {"cost.gap": "six", "level.absent": "warn"}))
    assert bad.status_code == 422
    assert 'value="six"' in bad.text
    assert re.search(r'value="warn" selected', bad.text)
    good = post(client, page, **(usual | {"cost.gap": "9", "level.absent": "warn"}))
    assert good.status_code == 303
    with database.reading() as session:
        event = session.get_one(Event, settled.event.id)
        assert (event.levels, event.costs) == ({"absent": "warn"}, {"gap": 9})
    nonsense = post(client, page, **(usual | {"level.absent": "shout"}))
    assert nonsense.status_code == 422
    settled_one = post(client, page, **(usual | {"level.double_booking": "ignore"}))
    assert settled_one.status_code == 303
    with database.reading() as session:
        assert session.get_one(Event, settled.event.id).levels == {}


def test_the_workbook_says_when_where_and_who(
    app: Flask, database: Database, settled: Cast
) -> None:
    released(database, settled)
    client = browser(app, settled, "broker")
    answer = client.get(f"/events/{settled.event.public_id}/timetable.xlsx")
    book = load_workbook(io.BytesIO(answer.data))
    by_time, by_person = book.worksheets
    rows = list(by_time.iter_rows(min_row=2, values_only=True))
    assert len(rows) == 3
    assert rows[0][1:9] == (
        "09:00", "09:20", "Hall 1", "1", "Researcher 1", "Wei Lan", "Researchers", "Company 1",
    )  # fmt: skip
    assert by_person.max_row == 1 + 6
    assert "Asia/Shanghai" in by_time["B1"].value


def _many(session: Session, cast: Cast, number: int) -> str:
    placed = [
        (
            cast.researchers[one % number],
            cast.companies[(one + one // number) % number],
            one // number,
            one % number,
        )
        for one in range(number * 3)
    ]
    return make_draft(session, cast, placed).public_id


@pytest.mark.parametrize("view", ["", "?view=people", "?view=unmet"])
def test_a_drafts_page_asks_no_more_of_the_database_for_many(
    app: Flask, database: Database, view: str
) -> None:
    sent = []
    for number in (3, 12):
        with database.writing() as session:
            cast = make_cast(session, each=number, tables=number)
            draft = _many(session, cast, number)
        client = browser(app, cast, "broker")
        client.get(f"/events/timetables/{draft}{view}")
        with counted(database) as statements:
            assert client.get(f"/events/timetables/{draft}{view}").status_code == 200
        sent.append(len(statements))
    assert sent[0] == sent[1] <= 30


def test_a_pair_that_does_not_meet_is_told_why(
    app: Flask, database: Database, settled: Cast
) -> None:
    draft = committed_draft(database, settled)
    client = browser(app, settled, "broker")
    r2, c4 = settled.researchers[1], settled.companies[3]
    pair = f"/events/timetables/{draft}/meeting?a={r2.public_id}&b={c4.public_id}"
    assert "It could still be added as things are." in words(client.get(pair))
    strangers = f"a={settled.researchers[2].public_id}&b={settled.researchers[3].public_id}"
    page = words(client.get(f"/events/timetables/{draft}/meeting?{strangers}"))
    assert "Their groups do not meet at this event." in page


def test_many_tables_are_shown_part_by_part(app: Flask, database: Database) -> None:
    with database.writing() as session:
        cast = make_cast(session, tables=20)
        r1, c1 = cast.researchers[0], cast.companies[0]
        draft = make_draft(session, cast, [(r1, c1, 0, 18)]).public_id
    client = browser(app, cast, "broker")
    first = words(client.get(f"/events/timetables/{draft}"))
    assert "Tables 17 to 20" in first
    assert "Researcher 1" not in first
    assert "Researcher 1" in words(client.get(f"/events/timetables/{draft}?part=1"))
    assert client.get(f"/events/timetables/{draft}?part=99&day=7").status_code == 200


def test_the_part_that_refreshes_leads_to_the_page_once_all_is_there(
    app: Flask, database: Database, settled: Cast
) -> None:
    running_one = committed_draft(database, settled, state="running")
    client, asked = browser(app, settled, "broker"), {"HX-Request": "true"}
    part = client.get(f"/events/timetables/{running_one}/progress", headers=asked)
    assert 'hx-trigger="every 2s"' in part.text
    assert "<html" not in part.text
    ready = committed_draft(database, settled)
    done = client.get(f"/events/timetables/{ready}/progress", headers=asked)
    assert done.headers["HX-Redirect"].endswith(f"/events/timetables/{ready}")
