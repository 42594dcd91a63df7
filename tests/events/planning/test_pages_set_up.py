"""The organiser's pages: what they save, refuse, and keep of what was typed."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.events.models import Event
from tenon.events.planning import queries, services
from tenon.events.queries import slots_of
from tests.events.planning.browsing import browser, version_in, words
from tests.events.planning.scenes import Cast, announced, broker
from tests.factories.accounts import actor_for, post

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


def _fresh(database: Database, event: Event) -> Event:
    with database.reading() as session:
        found = session.get_one(Event, event.id)
        assert found.rooms is not None
        assert found.groups is not None
        assert found.days is not None
        assert found.sessions is not None
        return found


# ---- the organiser's pages

SETS = (
    "",
    "/basics",
    "/texts",
    "/days",
    "/rooms",
    "/groups",
    "/interpreters",
    "/programme",
    "/limits",
)
VERBS = (
    "set-up/basics",
    "set-up/texts",
    "set-up/days",
    "set-up/rooms",
    "set-up/closures",
    "set-up/map",
    "set-up/map/drop",
    "set-up/groups",
    "set-up/interpreters",
    "set-up/limits",
    "set-up/programme/new",
    "open",
    "take-back",
    "close",
    "call-off",
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_the_set_up_opens(
    app: Flask, settled: Cast, event: Event, language: str
) -> None:
    client = browser(app, settled.editor, language)
    for part in (*SETS, "/programme/new"):
        answer = client.get(f"/events/{event.public_id}/set-up{part}")
        assert answer.status_code == 200, part
    assert client.get(f"/events/{event.public_id}/call-off").status_code == 200


@pytest.mark.parametrize("state", ["draft", "open"])
def test_strangers_get_nowhere(
    app: Flask, database: Database, committed: Session, settled: Cast, event: Event, state: str
) -> None:
    event.state = state
    committed.commit()
    expected = 404 if state == "draft" else 403
    for user in (settled.stranger, settled.member, settled.other_broker):
        client = browser(app, user)
        for part in (*SETS, "/programme/new"):
            assert client.get(f"/events/{event.public_id}/set-up{part}").status_code == expected
        for verb in VERBS:
            answer = post(client, f"/events/{event.public_id}/{verb}", version="1", reason="x")
            assert answer.status_code == expected, verb
    visitor = browser(app)
    for verb in VERBS:
        answer = post(visitor, f"/events/{event.public_id}/{verb}", version="1")
        assert answer.status_code == 302
        assert "sign-in" in answer.location
    assert _fresh(database, event).version == 1


def test_a_session_is_its_organisers_alone(
    app: Flask, committed: Session, settled: Cast, now: datetime
) -> None:
    event = announced(committed, settled, now, kind="roadshow")
    committed.commit()
    place = f"/events/sessions/{event.sessions[0].public_id}"
    assert browser(app, settled.editor).get(place).status_code == 200
    for user in (settled.stranger, settled.member, settled.other_broker):
        client = browser(app, user)
        assert client.get(place).status_code == 403
        assert post(client, place, version="2").status_code == 403
        assert post(client, f"{place}/drop", version="2").status_code == 403


def test_days_are_saved_and_wrong_ones_told_in_their_row(
    app: Flask, database: Database, settled: Cast, event: Event
) -> None:
    client, place = browser(app, settled.broker), f"/events/{event.public_id}/set-up/days"
    days = {
        "slot_minutes": "30",
        "walk_minutes": "0",
        "days-0-day": "2027-03-01",
        "days-0-opens": "09:00",
        "days-0-closes": "12:00",
        "days-0-breaks": "10:00-10:30",
        "days-1-day": "",
        "days-2-day": "2027-03-02",
        "days-2-opens": "14:00",
        "days-2-closes": "00:00",
        "days-2-breaks": "",
    }
    wrong = days | {"days-2-closes": "13:00", "days-0-breaks": "lunch"}
    answer = post(client, place, version="1", **wrong)
    assert answer.status_code == 422
    assert 'id="days-0-breaks-error"' in answer.text
    assert 'value="lunch"' in answer.text
    late = post(client, place, version="1", **(days | {"days-2-closes": "13:00"}))
    assert 'id="days-2-closes-error"' in late.text
    assert post(client, place, version="1", **days).status_code == 303
    with database.reading() as session:
        found = session.get_one(Event, event.id)
        assert len(slots_of(session, found)) == 5 + 20
        assert found.slot_minutes == 30


def test_rooms_are_saved_closed_and_drawn(
    app: Flask, database: Database, settled: Cast, event: Event
) -> None:
    client, base = browser(app, settled.broker), f"/events/{event.public_id}/set-up"
    room = event.rooms[0].id
    sent = {
        "rooms-0-key": str(room),
        "rooms-0-name_zh": "西厅",
        "rooms-0-tables": "1-12",
        "rooms-1-name_zh": "东厅",
        "rooms-1-tables": "12, A1-A4",
    }
    wrong = post(client, f"{base}/rooms", version="1", **sent)
    assert wrong.status_code == 422
    assert 'id="rooms-1-tables-error"' in wrong.text
    sent["rooms-1-tables"] = "A1-A4"
    assert post(client, f"{base}/rooms", version="1", **sent).status_code == 303
    closing = {"tables": "A1-A2", "first": "0", "last": "3", "what": "close"}
    assert post(client, f"{base}/closures", version="2", **closing).status_code == 303
    text = words(client.get(f"{base}/rooms"))
    assert "1, 2, 3, 4" in text
    bad = {"version": "3", "file": (io.BytesIO(b"GIF89a"), "plan.png")}
    assert post(client, f"{base}/map", **bad).status_code == 422
    good = {"version": "3", "file": (io.BytesIO(PNG), "plan.txt")}
    assert post(client, f"{base}/map", **good).status_code == 303
    picture = client.get(f"/events/{event.public_id}/map", buffered=True)
    assert (picture.status_code, picture.mimetype, picture.data) == (200, "image/png", PNG)
    assert browser(app).get(f"/events/{event.public_id}/map").status_code == 404
    assert post(client, f"{base}/map/drop", version="4").status_code == 303
    assert client.get(f"/events/{event.public_id}/map").status_code == 404


def test_the_square_is_read_by_rows(
    app: Flask, database: Database, settled: Cast, event: Event
) -> None:
    client, place = browser(app, settled.broker), f"/events/{event.public_id}/set-up/groups"
    first, second = event.groups
    sent = {
        "groups-0-key": str(first.id),
        "groups-0-name_zh": "高校",
        "groups-1-key": str(second.id),
        "groups-1-name_zh": "企业",
        "groups-2-name_zh": "",
        "groups-3-name_zh": "投资机构",
        "may-0-0": "y",
        "may-1-3": "y",
        "may-7-9": "y",
    }
    assert post(client, place, version="1", **sent).status_code == 303
    with database.reading() as session:
        found = session.get_one(Event, event.id)
        keys = [group.id for group in found.groups]
        assert queries.pairs(session, found) == {(keys[0], keys[0]), (keys[1], keys[2])}


def test_a_session_is_added_changed_and_taken_out(
    app: Flask, database: Database, settled: Cast, event: Event
) -> None:
    client, base = browser(app, settled.broker), f"/events/{event.public_id}/set-up"
    sent = {
        "kind": "talk",
        "title_zh": "主旨报告",
        "day": "2027-03-01",
        "begins": "10:00",
        "ends": "09:30",
        "for_all": "y",
        "speakers": "示例讲者甲 | 示例大学\n示例讲者乙",
    }
    wrong = post(client, f"{base}/programme/new", version="1", **sent)
    assert wrong.status_code == 422
    assert 'id="ends-error"' in wrong.text
    sent["ends"] = "11:00"
    assert post(client, f"{base}/programme/new", version="1", **sent).status_code == 303
    talk = _fresh(database, event).sessions[0]
    shown = words(client.get(f"/events/{event.public_id}"))
    assert "示例讲者甲" in shown
    assert "10:00–11:00" in shown
    edit = f"/events/sessions/{talk.public_id}"
    assert "示例讲者甲 | 示例大学" in words(client.get(edit))
    sent["title_zh"] = "特邀报告"
    assert post(client, edit, version="2", **sent).status_code == 303
    assert "特邀报告" in words(client.get(f"{base}/programme"))
    assert post(client, f"{edit}/drop", version="3").status_code == 303
    assert _fresh(database, event).sessions == []


def test_limits_are_typed_on_the_events_own_clock(
    app: Flask, database: Database, settled: Cast, event: Event
) -> None:
    client, place = browser(app, settled.broker), f"/events/{event.public_id}/set-up/limits"
    sent = {
        "registration_from": "2027-01-01T08:00",
        "registration_until": "2027-02-20T18:00",
        "requests_from": "",
        "requests_until": "2027-02-26T12:00",
        "schedule_until": "2027-02-26T11:00",
        "follow_up_until": "",
        "capacity": "60",
        "most_meetings": "8",
        "least_meetings": "9",
        "most_requests": "",
    }
    wrong = post(client, place, version="1", **sent)
    assert wrong.status_code == 422
    assert 'id="least_meetings-error"' in wrong.text
    assert 'id="schedule_until-error"' in wrong.text
    assert 'value="2027-02-26T11:00"' in wrong.text
    assert 'value="2027-02-20T18:00"' in wrong.text
    sent |= {"least_meetings": "2", "schedule_until": "2027-02-26T18:00"}
    assert post(client, place, version="1", **sent).status_code == 303
    found = _fresh(database, event)
    assert found.registration_from == datetime.fromisoformat("2027-01-01T00:00+00:00")
    assert found.schedule_until == datetime.fromisoformat("2027-02-26T10:00+00:00")
    assert (found.requests_from, found.most_requests, found.capacity) == (None, None, 60)


def test_the_second_organiser_sees_what_the_first_did_and_keeps_their_ownwords(
    app: Flask, database: Database, settled: Cast, event: Event
) -> None:
    first, second = browser(app, settled.broker), browser(app, settled.editor)
    place = f"/events/{event.public_id}/set-up/texts"
    seen = version_in(second.get(place))
    assert post(first, place, version=seen, text_zh="先写的", text_en="").status_code == 303
    late = post(second, place, version=seen, text_zh="后写的", text_en="")
    assert late.status_code == 409
    text = words(late)
    assert "Somebody else changed this event" in text
    assert "Texts changed" in text
    assert "后写的" in text
    assert _fresh(database, event).text_zh == "先写的"
    again = post(second, place, version=version_in(late), text_zh="后写的", text_en="")
    assert again.status_code == 303
    assert _fresh(database, event).text_zh == "后写的"


def test_what_is_missing_is_named_with_a_way_there(
    app: Flask, committed: Session, settled: Cast, event: Event, now: datetime
) -> None:
    services.change_groups(
        committed, event, [], may=[], version=event.version, by=broker(settled), now=now
    )
    committed.commit()
    client, base = browser(app, settled.broker), f"/events/{event.public_id}"
    text = words(client.get(f"{base}/set-up"))
    assert "It has no group" in text
    assert f'href="{base}/set-up/groups"' in text
    refused = post(client, f"{base}/open", version="2")
    assert refused.status_code == 422


def test_a_hybrid_event_without_any_link_is_pointed_out(
    app: Flask, committed: Session, settled: Cast, event: Event
) -> None:
    client, place = browser(app, settled.broker), f"/events/{event.public_id}/set-up"
    told = "Those who attend online have no link yet"
    assert told not in words(client.get(place))
    event.mode = "hybrid"
    committed.commit()
    assert told in words(client.get(place))
    event.rooms[0].online_url = "https://meet.example.org/a"
    committed.commit()
    assert told not in words(client.get(place))


def test_calling_off_asks_why_and_the_page_says_it(
    app: Flask, database: Database, committed: Session, settled: Cast, now: datetime
) -> None:
    event = announced(committed, settled, now)
    committed.commit()
    client, base = browser(app, settled.editor), f"/events/{event.public_id}"
    assert post(client, f"{base}/call-off", version="2", reason="").status_code == 422
    answer = post(client, f"{base}/call-off", version="2", reason="台风来袭")
    assert answer.status_code == 303
    assert "台风来袭" in words(browser(app).get(base))
    assert "STATUS:CANCELLED" in browser(app).get(f"{base}/event.ics").text
    settled_page = words(client.get(f"{base}/set-up/texts"))
    assert "can be read, not changed" in settled_page
    assert post(client, f"{base}/set-up/texts", version="3", text_zh="x").status_code == 409


def test_history_names_who_changed_what(
    app: Flask, committed: Session, settled: Cast, event: Event, now: datetime
) -> None:
    services.change_texts(
        committed,
        event,
        text_zh="新",
        text_en="",
        version=1,
        by=actor_for(settled.editor),
        now=now,
    )
    committed.commit()
    text = words(browser(app, settled.broker).get(f"/events/{event.public_id}/set-up"))
    assert "Texts changed" in text
    assert "Event begun" in text
    assert "Wei Lan" in text
