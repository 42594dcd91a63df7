"""The door's pages and what devices ask for: headers, answers, what goes wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tenon.db import Database
from tenon.events.hall.devices import stamp_of
from tenon.events.models import CheckIn, Device
from tests.events.hall.cast import Cast, browser
from tests.factories.accounts import csrf_token, post

AS_JSON = {"Accept": "application/json"}


def _register(client: FlaskClient, cast: Cast) -> str:
    answer = client.post(
        f"/events/{cast.event.public_id}/check-in/devices",
        data={"name": "Entrance", "csrf_token": csrf_token(client)},
        headers=AS_JSON,
    )
    assert answer.status_code == 200
    return str(answer.json["device"])  # type: ignore[index]  # it is an object


def _sync(client: FlaskClient, device: str, sent: Any, token: str | None = None) -> TestResponse:
    headers = AS_JSON | {"X-CSRFToken": csrf_token(client) if token is None else token}
    return client.post(f"/events/devices/{device}/sync", json=sent, headers=headers)


def test_the_camera_is_allowed_on_the_doors_page_alone(app: Flask, today: Cast) -> None:
    client, event = browser(app, today, "boss"), today.event.public_id
    door = client.get(f"/events/{event}/check-in")
    assert "camera=(self)" in door.headers["Permissions-Policy"]
    runs = door.headers["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval'" in runs  # compiled code of the site's own files
    assert "'unsafe-eval'" not in runs
    assert "unsafe-inline" not in runs
    for page in ("hall", "print"):
        headers = client.get(f"/events/{event}/{page}").headers
        assert "camera=()" in headers["Permissions-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]


def test_the_worker_may_serve_pages_of_events(client: FlaskClient) -> None:
    answer = client.get("/events/door-worker.js")
    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/events/"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_the_page_that_devices_keep_names_nobody(app: Flask, today: Cast) -> None:
    page = browser(app, today, "boss").get(f"/events/{today.event.public_id}/check-in").text
    for part in today.parts.values():
        assert part.code not in page
    assert "Zhao" not in page


def test_a_typed_code_checks_in_and_a_wrong_one_comes_back(
    app: Flask, database: Database, today: Cast
) -> None:
    client, path = browser(app, today, "boss"), f"/events/{today.event.public_id}/check-in"
    done = post(client, path, code=today.parts["lan"].code)
    assert done.status_code == 303
    assert "Lan: Checked in" in client.get(path).text
    wrong = post(client, path, code="xyz")
    assert wrong.status_code == 422
    assert "Nobody here has this code" in wrong.text
    assert 'value="xyz"' in wrong.text
    post(client, path, code=today.parts["lan"].code)
    assert "Was checked in before" in client.get(path).text
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(CheckIn.id))) == 1


def test_somebody_is_found_checked_in_and_undone_from_the_list(app: Flask, today: Cast) -> None:
    client, path = browser(app, today, "boss"), f"/events/{today.event.public_id}/check-in"
    page = client.get(f"{path}?q=zha").text
    assert "Zhao" in page
    assert "Chen" not in page
    part = f"/events/parts/{today.parts['zhao'].public_id}/check-in"
    assert post(client, part, q="zha").location.endswith("check-in?q=zha")
    assert f"{part}/undo" in client.get(f"{path}?q=zha").text
    post(client, f"{part}/undo")
    assert "Zhao is no longer checked in" in client.get(path).text
    assert "Nobody with a confirmed place fits" in client.get(f"{path}?q=nobody").text


def test_participants_check_nobody_in(app: Flask, today: Cast) -> None:
    for role in ("lan", "colleague", "stranger"):
        client = browser(app, today, role)
        code = post(client, f"/events/{today.event.public_id}/check-in", code="x")
        part = post(client, f"/events/parts/{today.parts['lan'].public_id}/check-in")
        assert code.status_code == 403
        assert part.status_code in (403, 404)


def test_a_device_downloads_the_list_and_sends_what_it_noted(
    app: Flask, database: Database, today: Cast
) -> None:
    client = browser(app, today, "boss")
    device = _register(client, today)
    listed = client.get(f"/events/devices/{device}/roster", headers=AS_JSON).json
    assert listed is not None
    assert {each["name"] for each in listed["people"]} == {"Lan", "Wu", "Chen", "Zhao"}
    assert set(listed["people"][0]) == {"code", "name", "house", "group", "online"}
    at = (today.event.starts_at + timedelta(minutes=5)).isoformat()
    entries = [
        {"key": "k1", "code": today.parts["lan"].code, "way": "camera", "at": at},
        {"key": "k2", "code": "nobody", "way": "typed", "at": at},
        {
            "key": "k3",
            "code": "https://example.org/" + "a" * 4000 + "\0",
            "way": "camera",
            "at": at,
        },
    ]
    sent = _sync(client, device, {"entries": entries, "since": 0}, listed["csrf"])
    assert sent.status_code == 200
    assert sent.json is not None
    results = [(each["key"], each["result"], each["name"]) for each in sent.json["results"]]
    assert results == [("k1", "arrived", "Lan"), ("k2", "unknown", ""), ("k3", "unknown", "")]
    assert [each["code"] for each in sent.json["arrived"]] == [today.parts["lan"].code]
    since = f"/events/devices/{device}/roster?since={sent.json['last']}"
    assert client.get(since, headers=AS_JSON).json["arrived"] == []  # type: ignore[index]  # an object
    with database.reading() as session:
        assert session.scalars(sa.select(CheckIn.at)).one().isoformat() == at


def test_a_device_sees_that_a_check_in_was_taken_back(app: Flask, today: Cast) -> None:
    client = browser(app, today, "boss")
    device, page = _register(client, today), f"/events/{today.event.public_id}/check-in"
    roster = f"/events/devices/{device}/roster?since="

    def here(since: int) -> dict[str, Any]:
        answer: dict[str, Any] = client.get(f"{roster}{since}", headers=AS_JSON).json or {}
        return answer

    post(client, page, code=today.parts["lan"].code)
    before = here(0)
    assert before["here"] == stamp_of([today.parts["lan"].code.upper()])
    post(client, f"/events/parts/{today.parts['lan'].public_id}/check-in/undo")
    post(client, page, code=today.parts["chen"].code)
    after = here(before["last"])
    # SQLite gives the number of what was deleted last once more, so that the news may say nothing.
    assert [each["code"] for each in after["arrived"]] in ([], [today.parts["chen"].code])
    assert after["here"] == stamp_of([today.parts["chen"].code])


def test_sending_takes_the_forms_token(app: Flask, today: Cast) -> None:
    client = browser(app, today, "boss")
    device = _register(client, today)
    answer = _sync(client, device, {"entries": []}, "")
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["type"] == "urn:tenon:error:csrf"


def test_what_no_device_of_ours_writes_is_refused(
    app: Flask, database: Database, today: Cast
) -> None:
    client = browser(app, today, "boss")
    device = _register(client, today)
    fine = {"key": "k", "code": "c", "way": "typed", "at": today.event.starts_at.isoformat()}
    heap: list[Any] = [
        [],
        {"entries": "all"},
        {"entries": ["x"]},
        {"entries": [fine | {"at": "noon"}]},
        {"entries": [fine | {"at": "2026-01-01T00:00:00"}]},
        {"entries": [fine | {"way": "self"}]},
        {"entries": [fine | {"key": ""}]},
        {"entries": [fine | {"key": "k" * 61}]},
    ]
    for sent in heap:
        assert _sync(client, device, sent).status_code == 422, sent
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(CheckIn.id))) == 0


def test_a_withdrawn_device_is_told_so(app: Flask, database: Database, today: Cast) -> None:
    client = browser(app, today, "boss")
    device = _register(client, today)
    assert post(client, f"/events/devices/{device}/withdraw").status_code == 303
    for answer in (
        client.get(f"/events/devices/{device}/roster", headers=AS_JSON),
        _sync(client, device, {"entries": []}),
    ):
        assert answer.status_code == 409
        assert answer.json is not None
        assert answer.json["type"] == "urn:tenon:error:device_withdrawn"
    with database.reading() as session:
        assert session.scalars(sa.select(Device.withdrawn_at)).one() is not None


def test_other_peoples_devices_do_not_exist(app: Flask, today: Cast) -> None:
    device = _register(browser(app, today, "boss"), today)
    for role in ("lan", "stranger"):
        client = browser(app, today, role)
        assert client.get(f"/events/devices/{device}/roster").status_code == 404
        assert _sync(client, device, {"entries": []}).status_code == 404
        assert post(client, f"/events/devices/{device}/withdraw").status_code == 404
    visitor = browser(app, today, "visitor").get(
        f"/events/devices/{device}/roster", headers=AS_JSON
    )
    assert visitor.status_code == 401
