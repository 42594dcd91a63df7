"""Fixtures of the room's tests: the cast on a database of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.notices import delivery
from tests.deals.cast import Cast, make_cast


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
    """One of each role, committed."""
    made = make_cast(committed)
    committed.commit()
    return made
