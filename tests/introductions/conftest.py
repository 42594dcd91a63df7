"""Fixtures of the room's tests: the cast on a database of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.matches import indexing
from tenon.matches.sites import remember_site
from tenon.notices import delivery
from tenon.outbox.dispatcher import drain
from tenon.settings import Settings
from tests.introductions.cast import Cast, make_cast
from tests.introductions.scenes import Work


@pytest.fixture
def cast(session: Session) -> Cast:
    """One of each role, in the test's session."""
    return make_cast(session)


@pytest.fixture(autouse=True)
def _delivers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Mail goes into the test's own folder, and days are the test site's."""
    if "database_url" not in request.fixturenames:  # a test of pure functions runs but once
        yield
        return
    before = delivery._current  # put back what other tests of the process had
    delivery.configure(request.getfixturevalue("settings"))
    yield
    delivery._current = before


@pytest.fixture
def committed(database: Database) -> Iterator[Session]:
    """A writing session for what pages are to find: commit it before asking them."""
    with database.writer() as session:
        yield session


@pytest.fixture
def settled(committed: Session) -> Cast:
    """One of each role, committed; the interested firm's need is anonymous."""
    made = make_cast(committed, need={"anonymous": True})
    made.need.broker_id = made.people["proposer"].id
    committed.commit()
    return made


@pytest.fixture
def work(app: Flask, database: Database, settings: Settings) -> Iterator[Work]:
    """Do what the background would do, and what it would do in the two days after."""
    remember_site(settings)

    def done(moment: datetime) -> None:
        with database.reading() as session:
            indexing.rebuild(session, now=moment)
        for hours in (0, 2, 12, 30, 48):
            drain(database, now=moment + timedelta(hours=hours))

    yield done
    indexing.release(settings)
