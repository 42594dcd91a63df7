"""Beginning an event, the list, the public page and its files."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.events.models import Event
from tenon.events.planning import services
from tenon.events.planning.views.showing import phases_of
from tenon.events.queries import tables_of
from tests.conftest import NOW
from tests.events.planning.browsing import browser, version_in, words
from tests.events.planning.scenes import Cast, broker
from tests.factories.accounts import post
from tests.factories.events import make_event, make_registration

SHORT = {
    "kind": "roadshow",
    "title_zh": "湖北光电子路演",
    "first_day": "2027-03-01",
    "opens": "09:00",
    "closes": "17:00",
    "mode": "on_site",
    "venue_zh": "示例会展中心",
    "tables": "10",
    "slot_minutes": "20",
    "zone": "Asia/Shanghai",
}


# ---- beginning


def test_an_event_is_begun_and_announced_in_two_forms(
    app: Flask, database: Database, settled: Cast
) -> None:
    client = browser(app, settled.broker)
    assert client.get("/events/new").status_code == 200
    answer = post(client, "/events/new", **SHORT, organisation=settled.host.public_id)
    assert answer.status_code == 303
    place = answer.location.removesuffix("/set-up")
    page = client.get(answer.location)
    assert "Everything is there" in words(page)
    assert browser(app).get(place).status_code == 404
    answer = post(client, f"{place}/open", version=version_in(client.get(f"{place}/set-up")))
    assert answer.status_code == 303
    shown = browser(app, language="zh").get(place)
    assert shown.status_code == 200
    for said in ("湖北光电子路演", "示例会展中心", "项目路演", "路演项目方", "10 张"):
        assert said in words(shown)
    assert "湖北光电子路演" in words(browser(app).get("/events"))


def test_what_was_typed_stays_and_errors_are_told_at_the_field(app: Flask, settled: Cast) -> None:
    client = browser(app, settled.broker)
    wrong = SHORT | {"first_day": "soon", "title_zh": "", "title_en": "", "tables": "many"}
    answer = post(client, "/events/new", **wrong, organisation=settled.host.public_id)
    assert answer.status_code == 422
    text = words(answer)
    assert 'value="soon"' in text
    assert 'value="many"' in text
    for field in ("first_day", "title_zh", "tables"):
        assert f'id="{field}-error"' in text
    assert text.count("Please enter a number.") >= 2  # at the field, and on top


@pytest.mark.parametrize("named", ["", "nobody", "示例不存在的单位"])
def test_a_host_must_be_ones_own_or_named_exactly(app: Flask, settled: Cast, named: str) -> None:
    client = browser(app, settled.broker)
    answer = post(client, "/events/new", **SHORT, organisation="", host_name=named)
    assert answer.status_code == 422


def test_another_host_is_found_by_its_name(
    app: Flask, database: Database, committed: Session, settled: Cast
) -> None:
    client = browser(app, settled.other_broker)
    name = settled.host.name_zh or ""
    answer = post(client, "/events/new", **SHORT, organisation="", host_name=name)
    assert answer.status_code == 303
    foreign = post(client, "/events/new", **SHORT, organisation=settled.host.public_id)
    assert foreign.status_code == 422


def test_a_copy_begins_with_what_the_earlier_one_had(
    app: Flask, database: Database, settled: Cast, event: Event
) -> None:
    client = browser(app, settled.broker)
    page = client.get(f"/events/new?copy={event.public_id}")
    assert 'value="光电子供需对接会"' in words(page)
    sent = SHORT | {"kind": "one_to_one", "copy": event.public_id, "first_day": "2027-05-10"}
    del sent["tables"]
    answer = post(client, "/events/new", **sent, organisation=settled.host.public_id)
    assert answer.status_code == 303
    with database.reading() as session:
        made = session.query(Event).filter(Event.copied_from_id == event.id).one()
        assert len(tables_of(session, made)) == 12
    stranger = browser(app, settled.other_broker)
    assert stranger.get(f"/events/new?copy={event.public_id}").status_code == 404


# ---- the list


def test_the_list_tells_coming_running_and_past_apart(
    app: Flask, committed: Session, settled: Cast
) -> None:
    now = NOW
    spans = {"coming": 5, "running": -1, "gone": -600}
    for name, hours in spans.items():
        made = make_event(
            committed,
            organisation=settled.host,
            title_en=f"Event {name}",
            region="420100" if name == "coming" else None,
            kind="open_day" if name == "coming" else "one_to_one",
        )
        made.starts_at = now + timedelta(hours=hours)
        made.ends_at = made.starts_at + timedelta(hours=3)
    hidden = make_event(
        committed, organisation=settled.host, state="draft", title_en="Event hidden"
    )
    hidden.starts_at = now + timedelta(days=1)
    hidden.ends_at = now + timedelta(days=2)
    committed.commit()
    visitor = browser(app)

    def found(query: str) -> set[str]:
        text = words(visitor.get(f"/events?{query}"))
        return {name for name in (*spans, "hidden") if f"Event {name}" in text}

    assert found("") == {"coming"}
    assert found("when=running") == {"running"}
    assert found("when=past") == {"gone"}
    assert found("when=mine") == {"coming"}  # nobody's: as if it had not been asked
    assert found("kind=roadshow") == set()
    assert found("kind=open_day") == {"coming"}
    assert found("region=420000") == {"coming"}
    assert found("region=110000") == set()
    month = (now + timedelta(hours=5 + 8)).strftime("%Y-%m")
    assert found(f"month={month}") == {"coming"}
    assert found("month=2020-01") == set()
    assert found("kind=x&region=x&month=x&when=x&page=-3") == {"coming"}
    own = words(browser(app, settled.editor).get("/events?when=mine"))
    assert all(f"Event {name}" in own for name in (*spans, "hidden"))


# ---- the public page and its files


def test_the_public_page_keeps_the_online_room_from_the_public(
    app: Flask, committed: Session, settled: Cast, event: Event, now: datetime
) -> None:
    by = broker(settled)
    event.online_url, event.capacity = "https://meet.example.org/secret", 3
    services.open_event(committed, event, version=event.version, by=by, now=now)
    make_registration(committed, event)
    committed.commit()
    place = f"/events/{event.public_id}"
    for user in (None, settled.stranger, settled.member):
        text = words(browser(app, user).get(place))
        assert "meet.example.org" not in text
        assert "2 of 3 left" in text
    assert "meet.example.org" in words(browser(app, settled.editor).get(place))


def test_the_public_page_says_by_when_the_timetable_is_there(
    app: Flask, committed: Session, settled: Cast, event: Event, now: datetime
) -> None:
    services.open_event(committed, event, version=event.version, by=broker(settled), now=now)
    committed.commit()
    place = f"/events/{event.public_id}"
    text = words(browser(app, settled.stranger).get(place))
    assert text.index("Requests for meetings") < text.index("The timetable is made and released")
    assert "18:00" in text.partition("The timetable is made and released")[2][:300]
    assert event.requests_until is not None
    assert event.schedule_until is not None
    late = event.schedule_until + timedelta(hours=1)

    def state(now: datetime, *, released: bool) -> str:
        return phases_of(event, now, released=released)[2].state

    with app.test_request_context():
        assert state(now, released=False) == "before"
        assert state(event.requests_until, released=False) == "now"
        assert state(late, released=False) == "now"  # nobody has a timetable yet
        assert state(event.requests_until, released=True) == "over"


FILES = ("event.ics", "qr.svg", "poster.pdf", "programme.pdf")


@pytest.mark.parametrize("file", FILES)
def test_files_of_a_draft_are_its_organisers_alone(
    app: Flask, settled: Cast, event: Event, file: str
) -> None:
    place = f"/events/{event.public_id}/{file}"
    assert browser(app).get(place).status_code == 404
    assert browser(app, settled.stranger).get(place).status_code == 404
    assert browser(app, settled.broker).get(place).status_code == 200


def test_the_calendar_file_says_what_it_is(app: Flask, settled: Cast, event: Event) -> None:
    answer = browser(app, settled.broker).get(f"/events/{event.public_id}/event.ics")
    assert answer.mimetype == "text/calendar"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "TZID=Asia/Shanghai:20270301T090000" in answer.text
