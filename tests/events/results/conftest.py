"""Fixtures of the room's tests: the cast on a database of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.notices import delivery
from tests.events.results.cast import Cast, make_cast
from tests.factories.accounts import sign_in

Browse = Callable[..., FlaskClient]


@pytest.fixture(autouse=True)
def _delivers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Mail goes into the test's own folder."""
    if "database_url" not in request.fixturenames:
        yield
        return
    before = delivery._current
    delivery.configure(request.getfixturevalue("settings"))
    yield
    delivery._current = before


@pytest.fixture
def cast(session: Session) -> Cast:
    """The cast in the test's session."""
    return make_cast(session)


@pytest.fixture
def committed(database: Database) -> Iterator[Session]:
    """A writing session for what pages are to find: commit it before asking them."""
    with database.writer() as session:
        session.expire_on_commit = False  # what a test reads later opens no transaction
        yield session


@pytest.fixture
def settled(committed: Session) -> Cast:
    """The cast, committed."""
    made = make_cast(committed)
    committed.commit()
    return made


def count(database: Database, wanted: sa.Select[int]) -> int:
    """Ask for a number in a session of its own, which holds up no page."""
    with database.reading() as session:
        return session.scalar(wanted) or 0


@pytest.fixture
def browse(app: Flask, settled: Cast, monkeypatch: pytest.MonkeyPatch) -> Browse:
    """Browsers signed in as a role of the cast, at the moment of the tests."""
    from tests.conftest import NOW

    monkeypatch.setattr("tenon.web.requests.utc_now", lambda: NOW)

    def made(role: str, language: str = "en") -> FlaskClient:
        client = app.test_client()
        if role != "visitor":
            sign_in(client, settled.people[role])
        with client.session_transaction() as cookie:
            cookie["language"] = language
        return client

    return made
