"""Fixtures of the desk's tests: a small network with people, firms and what they work on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.notices import delivery
from tests.desk.scenes import Desk, make_desk


@pytest.fixture(autouse=True)
def _delivers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Days are the test site's."""
    if "database_url" not in request.fixturenames:
        yield
        return
    before = delivery._current
    delivery.configure(request.getfixturevalue("settings"))
    yield
    delivery._current = before


@pytest.fixture
def desk(session: Session) -> Desk:
    """The scene, in the test's session."""
    return make_desk(session)


@pytest.fixture
def committed(database: Database) -> Iterator[Session]:
    """A writing session for what pages are to find: commit it before asking them."""
    with database.writer() as session:
        yield session


@pytest.fixture
def settled(committed: Session) -> Desk:
    """The scene, committed."""
    made = make_desk(committed)
    committed.commit()
    return made
