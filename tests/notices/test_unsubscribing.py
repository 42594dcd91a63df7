"""The link in a mail switches such mails off: for its person alone, by a click, not by a look."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tenon.accounts.models import User
from tenon.app import create_app
from tenon.db import Database
from tenon.errors import NotFound
from tenon.history import HistoryEntry
from tenon.notices import choosing, delivery, unsubscribing, wording
from tenon.notices.models import NoticeChoice
from tenon.notices.unsubscribing import Unsubscription
from tenon.settings import Settings
from tests.factories.accounts import make_user, post, sign_in

KIND = "listing_publish"  # one that a person can switch off
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def lan(database: Database) -> User:
    with database.writing() as session:
        return make_user(session, email="lan@example.org")


def _path(lan: User, scope: str) -> str:
    return urlsplit(unsubscribing.link(lan.public_id, scope)).path


def _ways(database: Database, lan: User) -> dict[str, str]:
    with database.reading() as session:
        return {kind: held.mail for kind, held in choosing.choices(session, lan.id).items()}


def _optional(ways: dict[str, str]) -> set[str]:
    return {code for code in ways if not wording.KINDS[code].essential}


def test_look_changes_nothing_and_a_click_does(app: Flask, database: Database, lan: User) -> None:
    before = _ways(database, lan)
    client = app.test_client()
    path = _path(lan, KIND)
    page = client.get(path)
    assert page.status_code == 200
    assert "noindex" in page.text
    assert client.head(path).status_code == 200
    assert _ways(database, lan) == before
    answer = client.post(path)
    assert answer.status_code == 200
    assert _ways(database, lan) == before | {KIND: "off"}


def test_one_click_of_a_mail_program_needs_no_session_and_works_twice(
    app: Flask, database: Database, lan: User
) -> None:
    path = _path(lan, "all")
    for _time in range(2):
        client = app.test_client(use_cookies=False)
        assert client.post(path, data=ONE_CLICK).status_code == 200
    ways = _ways(database, lan)
    assert {ways[code] for code in _optional(ways)} == {"off"}
    # What nobody can switch off comes daily.
    assert {ways[code] for code in ways.keys() - _optional(ways)} <= {"digest"}
    with database.reading() as session:
        assert session.scalars(sa.select(NoticeChoice.user_id).distinct()).all() == [lan.id]


def test_group_is_switched_off_and_no_other(app: Flask, database: Database, lan: User) -> None:
    group = wording.group_of(KIND)
    app.test_client().post(_path(lan, group))
    ways = _ways(database, lan)
    off = {code for code, mail in ways.items() if mail == "off"}
    assert off == {code for code in _optional(ways) if wording.group_of(code) == group}


def test_undo_puts_back_what_was_and_needs_the_pages_token(
    app: Flask, database: Database, lan: User, now: datetime
) -> None:
    with database.writing() as session:
        choosing.choose(session, user_id=lan.id, kind_or_group=KIND, mail="digest", now=now)
    before = _ways(database, lan)
    client = app.test_client()
    path = _path(lan, "all")
    page = client.post(path).text
    undoing = page.partition('name="before" value="')[2].partition('"')[0]
    assert client.post(f"{path}/undo", data={"before": undoing}).status_code == 400
    other = "x" + undoing[1:]
    assert post(client, f"{path}/undo", before=other).status_code == 404
    assert post(client, f"{path}/undo", before=undoing).status_code == 302
    assert _ways(database, lan) == before
    assert "Undo" not in app.test_client().post(_path(lan, "no_such_kind")).text


def test_undo_is_for_its_person_alone(app: Flask, database: Database, lan: User) -> None:
    with database.writing() as session:
        other = make_user(session)
    with app.app_context():
        undoing = unsubscribing.undo_token(Unsubscription(other.public_id, "all"), {KIND: "now"})
    assert post(app.test_client(), f"{_path(lan, 'all')}/undo", before=undoing).status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_token_of_nobody_or_of_another_site_is_404(
    app: Flask, database: Database, lan: User, settings: Settings, method: str
) -> None:
    client = app.test_client()
    ask = getattr(client, method)
    good = _path(lan, "all")
    for path in ("/unsubscribe/x", good[:-1], f"{good}x", "/unsubscribe/" + "a" * 500):
        assert ask(path).status_code == 404
    foreign = delivery.Delivery(delivery.current().mailer, "https://a.example", "another key" * 4)
    own = delivery.current()
    delivery.use(foreign)
    path = _path(lan, "all")
    delivery.use(own)
    assert ask(path).status_code == 404
    with database.writing() as session:
        session.get_one(User, lan.id).erased_at = datetime(2026, 1, 1).astimezone()
    assert ask(good).status_code == 404
    assert settings


@given(st.text(max_size=200))
def test_no_other_words_are_a_token(words: str) -> None:
    with pytest.raises(NotFound):
        unsubscribing.read(words)


def test_old_kind_that_is_gone_is_no_error(app: Flask, database: Database, lan: User) -> None:
    before = _ways(database, lan)
    client = app.test_client()
    assert client.get(_path(lan, "kind_of_last_year")).status_code == 200
    assert client.post(_path(lan, "kind_of_last_year")).status_code == 200
    assert _ways(database, lan) == before


def test_somebody_elses_session_changes_nothing_of_their_own(
    app: Flask, database: Database, lan: User
) -> None:
    with database.writing() as session:
        other = make_user(session)
    before = _ways(database, other)
    sign_in(app.test_client(), other).post(_path(lan, "all"))
    assert _ways(database, other) == before
    assert "off" in _ways(database, lan).values()


def test_it_is_written_into_the_history_of_the_person(
    app: Flask, database: Database, lan: User
) -> None:
    app.test_client().post(_path(lan, KIND))
    with database.reading() as session:
        entries = session.scalars(
            sa.select(HistoryEntry).where(HistoryEntry.chain_id == lan.public_id)
        ).all()
    assert [entry.actor_id for entry in entries] == [lan.id]


def test_one_link_is_not_pulled_without_end(
    settings: Settings, database: Database, lan: User
) -> None:
    from dataclasses import replace

    client: FlaskClient = create_app(replace(settings, rate_limits=True), database).test_client()
    path = _path(lan, "all")
    answers = [client.post(path).status_code for _time in range(32)]
    assert answers[:30] == [200] * 30
    assert answers[30:] == [429, 429]
