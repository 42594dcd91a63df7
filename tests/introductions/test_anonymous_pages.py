"""Every page that has to do with an anonymous firm's introduction, as all who may not know it."""

from __future__ import annotations

import logging
from datetime import datetime
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tenon.accounts.models import User
from tenon.db import Database
from tenon.introductions import services
from tenon.introductions.models import Introduction
from tenon.introductions.queries.board import STAGES, board
from tenon.introductions.queries.board_filters import BoardFilter
from tests.factories.accounts import post, sign_in
from tests.introductions.cast import NAMES, PERSON, Cast, express, make_cast, take
from tests.introductions.scenes import (
    KEEPER,
    TITLE,
    Work,
    roles_of,
    secrets_of,
    staged,
)


def _enter(app: Flask, user: User | None, language: str) -> FlaskClient:
    client = app.test_client() if user is None else sign_in(app.test_client(), user)
    with client.session_transaction() as cookie:
        cookie["language"] = language
    return client


def _addresses(cast: Cast, it: Introduction) -> list[str]:
    """Every page that has, or could have, to do with the introduction or the firm's need."""
    own = f"/introductions/{it.public_id}"
    need, result = cast.need.public_id, cast.result.public_id
    pages = [
        "/",
        own,
        *[
            f"{own}/{part}"
            for part in ("answer", "check", "agreement", "agreement.txt", "agreement.pdf")
        ],
        "/introductions",
        "/introductions/board",
        *[f"/introductions/board?whose={whose}" for whose in ("all", "mine", "free", "needs")],
        f"/introductions/board?organisation={cast.university.public_id}",
        f"/introductions/board?q={quote('测温')}",
        f"/introductions/new?listing={need}&own={result}",
        f"/introductions/new?listing={result}&own={need}",
        f"/introductions/new?listing={need}",
        f"/introductions/propose?listing={need}&own={result}",
        f"/introductions/propose?listing={result}&own={need}",
        f"/introductions/propose?need={need}&achievement={result}",
        f"/credit/things/introduction/{it.public_id}",
        f"/credit/things/listing/{need}",
        "/credit",
        "/credit/ledger.csv",
        "/credit/disputes",
        "/notices",
        "/account/my-data",
    ]
    for listing in (need, result):
        pages += [
            f"/listings/{listing}{part}"
            for part in ("", "/matches", "/review", "/history", "/access")
        ]
    pages += [f"/listings/{result}/matches/{need}", f"/listings/{need}/matches/{result}"]
    return pages


@pytest.mark.parametrize(
    ("side", "end", "language"),
    [
        ("from", "asked", "zh"),
        ("to", "asked", "en"),
        ("from", "declined", "en"),
        ("to", "declined", "zh"),
    ],
)
def test_no_page_names_it_to_those_who_may_not_know(
    app: Flask,
    database: Database,
    work: Work,
    now: datetime,
    caplog: pytest.LogCaptureFixture,
    side: str,
    end: str,
    language: str,
) -> None:
    with database.writing() as session:
        cast, it = staged(session, side, end, now)
    work(now)
    caplog.set_level(logging.DEBUG)
    secrets = secrets_of(cast)
    others = (None, "stranger", "to_member", "to_editor", "broker", "other_broker", "broker_of_to")
    shown, told = 0, []
    for role in others:
        client = _enter(app, None if role is None else cast.people[role], language)
        for address in _addresses(cast, it):
            answer = client.get(address)
            assert answer.status_code in {200, 302, 303, 403, 404, 405, 409, 422}, (role, address)
            text = f"{answer.headers} {answer.text if answer.mimetype != 'application/pdf' else ''}"
            told += [(role, address, word) for word in secrets if word in text]
            shown += it.public_id in answer.text
    assert told == []
    assert shown > 5  # the introduction itself does show to those who take part
    assert [word for word in secrets if word in caplog.text] == []


@pytest.mark.parametrize("side", ["from", "to"])
def test_insiders_and_then_both_sides_do_read_the_name(
    app: Flask, database: Database, work: Work, now: datetime, side: str
) -> None:
    """The pages above are not silent for want of anything to say."""
    with database.writing() as session:
        cast, it = staged(session, side, "asked", now)
    address = f"/introductions/{it.public_id}"
    assert NAMES[1] in _enter(app, cast.people["from_member"], "en").get(address).text
    assert NAMES[1] in _enter(app, cast.people[KEEPER], "en").get(address).text
    other = _enter(app, cast.people["to_member"], "en")
    assert NAMES[1] not in other.get(address).text
    with database.writing() as session:
        kept = session.get_one(Introduction, it.id)
        take(session, kept, "accept", by=cast.actor(roles_of(side)["answers"]), now=now)
    work(now)
    page = other.get(address).text
    assert NAMES[1] in page
    assert PERSON in page
    assert NAMES[0] in other.get(f"{address}/agreement.txt").text
    told = []
    for role in (None, "stranger", "other_broker"):  # the two sides consented, to each other
        outsider = _enter(app, None if role is None else cast.people[role], "en")
        for seen in _addresses(cast, it):
            text = outsider.get(seen).text
            told += [(role, seen, word) for word in secrets_of(cast) if word in text]
    assert told == []


@pytest.mark.parametrize("side", ["from", "to"])
def test_refusals_do_not_name_it(app: Flask, database: Database, now: datetime, side: str) -> None:
    """Errors at a step, and a second request for the pair, say nothing either."""
    with database.writing() as session:
        cast, it = staged(session, side, "asked", now)
    address = f"/introductions/{it.public_id}"
    secrets = secrets_of(cast)
    for role in ("to_editor", "other_broker", "stranger", "broker_of_to"):
        client = _enter(app, cast.people[role], "en")
        for step in ("accept", "decline", "ask-back", "reply", "withdraw", "end", "messages"):
            answer = post(client, f"{address}/{step}", reason="other", text="", remark="")
            assert answer.status_code != 500
            text = f"{answer.headers} {answer.text}"
            assert [word for word in secrets if word in text] == [], (role, step)
        again = post(
            client,
            "/introductions/new",
            listing=cast.need.public_id,
            own=cast.result.public_id,
            interest="想了解这项需求的现场条件。",
            offer="样机一台，工程师两名。",
            proposal="先视频会议一次再定。",
            consent="y",
            language="zh",
        )
        assert [word for word in secrets if word in f"{again.headers} {again.text}"] == []


@pytest.mark.parametrize("side", ["from", "to"])
def test_the_board_cannot_be_asked_whose_it_is(
    app: Flask, database: Database, now: datetime, side: str
) -> None:
    """A filter by the firm, or a search for it, finds nothing for a broker who may not know."""
    with database.writing() as session:
        cast, _it = staged(session, side, "asked", now)
    asked = [f"organisation={cast.firm.public_id}", *(f"q={quote(name)}" for name in NAMES)]
    for role, finds in (("other_broker", False), ("broker", False), ("operator", True)):
        client = _enter(app, cast.people[role], "en")
        assert TITLE in client.get("/introductions/board?whose=all").text
        for words in asked[:1] if finds else asked:
            page = client.get(f"/introductions/board?whose=all&{words}")
            assert (TITLE in page.text) == finds, (role, words)


@pytest.mark.parametrize("end", ["asked", "declined"])
def test_a_listing_that_bears_the_name_is_kept_back_with_it(
    app: Flask, database: Database, work: Work, now: datetime, end: str
) -> None:
    """Who asks unnamed, for a listing with their name on it, is not told by that listing."""
    with database.writing() as session:
        cast = make_cast(session, need={"title": "求釜壁结焦监测办法"})
        it = express(session, cast, unnamed=True, now=now)
        take(session, it, "pass_on", by=cast.actor("broker"), now=now)
        if end == "declined":
            by = cast.actor("to_editor")
            services.decline(session, it, reason="too_early", by=by, now=now)
    work(now)
    secrets = (*secrets_of(cast), cast.need.public_id, "结焦")
    own = f"/introductions/{it.public_id}"
    pages = [own, f"{own}/check", "/introductions", "/introductions/board?whose=all"]
    pages += ["/introductions/board?whose=all&q=" + quote("结焦"), "/notices", "/account/my-data"]
    pages += [f"/listings/{cast.result.public_id}", f"/listings/{cast.result.public_id}/history"]
    told = []
    for role in ("to_member", "to_editor", "broker", "other_broker", "stranger"):
        client = _enter(app, cast.people[role], "en")
        for address in pages:
            text = client.get(address).text.replace('value="结焦"', "").replace(quote("结焦"), "")
            told += [(role, address, word) for word in secrets if word in text]
    assert told == []


@pytest.mark.parametrize("side", ["from", "to"])
def test_counts_and_exports_of_the_board_do_not_tell(
    app: Flask, database: Database, now: datetime, side: str
) -> None:
    with database.writing() as session:
        cast, _it = staged(session, side, "asked", now)
    with database.reading() as session:
        for role, there in (("other_broker", 0), ("broker", 0), ("operator", 1)):
            views = board(
                session,
                BoardFilter(whose="all", organisation_id=cast.firm.id),
                lanes=STAGES,
                by=cast.actor(role),
                now=now,
                limit=9,
            )
            assert sum(view.number for view in views) == there, role
    client = _enter(app, cast.people["other_broker"], "zh")
    answer = post(client, "/introductions/board/export?whose=all")
    assert answer.status_code == 200
    assert TITLE in answer.text
    assert [word for word in secrets_of(cast) if word in f"{answer.headers} {answer.text}"] == []
    found = post(
        client, f"/introductions/board/export?whose=all&organisation={cast.firm.public_id}"
    )
    assert TITLE not in found.text
