"""Pages of the desk as people meet them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tenon.clock import utc_now
from tenon.desk.about import find_thing
from tenon.desk.days import today_of
from tenon.desk.services.notes import write_note
from tenon.desk.services.tasks import set_task
from tests.desk.scenes import NOW, Desk, browser
from tests.factories import deals, events
from tests.factories.accounts import PASSWORD, grant_role, make_user, post
from tests.factories.introductions import make_introduction

PAGES = (
    "/desk",
    "/desk/needs",
    "/desk/expiring",
    "/desk/search?q=测温",
    "/desk/tasks",
    "/desk/notes",
    "/desk/map",
    "/desk/map?scope=below&level=2",
    "/desk/map/needs",
    "/desk/map/unsought?field=8",
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_open(app: Flask, settled: Desk, language: str) -> None:
    for name in ("broker", "operator"):
        client = browser(app, settled, name, language)
        firm = f"/desk/firms/{settled.firm.public_id}"
        about = f"/desk/about/listing/{settled.need.public_id}"
        for path in (*PAGES, firm, about, f"/listings/{settled.need.public_id}"):
            assert client.get(path).status_code == 200, path


def test_what_was_typed_comes_back_beside_what_changed_meanwhile(
    app: Flask, settled: Desk, committed: Session
) -> None:
    client, by = browser(app, settled, "broker"), settled.actor("broker")
    about = find_thing(
        committed, "organisation", settled.firm.public_id, by=by, now=NOW, language="en"
    )
    note = write_note(committed, about=about, text="甲", audience="me", by=by, now=NOW)
    now = utc_now()  # pages go by the clock
    day = today_of(now) + timedelta(days=30)
    task = set_task(committed, title="回电话", due_on=day, by=by, now=now)
    committed.commit()
    typed = {"text": "打了很久的字", "audience": "me", "title": "打了很久的字", "detail": "许多话"}
    typed |= {"due_on": day.isoformat(), "repeats": "", "version": "1"}
    for path, other in (
        (f"/desk/notes/{note.public_id}", {"text": "别处改的"}),
        (f"/desk/tasks/{task.public_id}", {"title": "别处改的", "detail": "别处写的"}),
    ):
        assert post(client, path, **typed | other).status_code == 302
        late = post(client, path, **typed)
        assert late.status_code == 409, path
        assert "It changed meanwhile" in late.text
        assert "打了很久的字" in late.text
        assert "别处改的" in late.text
        assert 'value="2"' in late.text  # sent again, it is taken
        assert post(client, path, **typed | {"version": "2"}).status_code == 302
        assert "别处改的" not in client.get(path).text
    assert "许多话" in client.get(f"/desk/tasks/{task.public_id}").text


def test_notes_hang_on_the_pages_of_what_they_are_about(
    app: Flask, settled: Desk, committed: Session
) -> None:
    broker = settled.people["broker"]
    introduction = make_introduction(
        committed, state="asked", listing=settled.need, broker=broker, now=NOW
    )
    deal = deals.make_deal(committed, buyer=settled.firm, broker=broker)
    event = events.make_event(committed, owner=broker)
    committed.commit()
    client, member = browser(app, settled, "broker"), browser(app, settled, "member")
    pages = (
        ("introduction", introduction.public_id, f"/introductions/{introduction.public_id}"),
        ("deal", deal.public_id, f"/deals/{deal.public_id}"),
        ("event", event.public_id, f"/events/{event.public_id}"),
        ("listing", settled.need.public_id, f"/listings/{settled.need.public_id}"),
    )
    for kind, key, path in pages:
        sent = post(client, f"/desk/about/{kind}/{key}", text=f"关于{kind}", audience="place")
        assert sent.status_code == 302, kind
        assert f"关于{kind}" in client.get(path).text, kind
        shown = member.get(path)
        assert shown.status_code == 200, kind
        assert f"关于{kind}" not in shown.text, kind
        assert member.get(f"/desk/about/{kind}/{key}").status_code == 403, kind
    empty = post(client, f"/desk/about/deal/{deal.public_id}", text=" ", audience="place")
    assert empty.status_code == 422
    listed = client.get("/desk/notes").text
    assert all(f"关于{kind}" in listed for kind, _key, _path in pages)
    house = f"/organisations/{settled.firm.public_id}"
    assert f"/desk/firms/{settled.firm.public_id}" in client.get(house).text
    assert "/desk/firms/" not in member.get(house).text
    assert 'href="/desk"' in client.get("/").text
    assert 'href="/desk"' not in member.get("/").text


def test_who_signs_in_lands_where_their_work_is(app: Flask, committed: Session) -> None:
    """A broker on their desk, others at home, everybody where they wanted to go."""
    broker = grant_role(committed, make_user(committed), "broker")
    other = make_user(committed)
    committed.commit()
    for person, place in ((broker, "/desk"), (other, "/")):
        client = app.test_client()
        signed = post(client, "/account/sign-in", email=person.email, password=PASSWORD)
        assert client.get(signed.location).location == place
    client = app.test_client()
    form = {"email": broker.email, "password": PASSWORD, "next": "/account/my-data"}
    assert post(client, "/account/sign-in", **form).location == "/account/my-data"
    visitor = app.test_client().get("/desk/start")
    assert visitor.status_code == 302
    assert "/account/sign-in" in visitor.location
