"""Fixtures of the room's tests: an event that is open now, in a session or committed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tenon.clock import utc_now
from tenon.db import Database
from tenon.events.models import Registration
from tenon.notices import delivery
from tests.events.taking_part.cast import Cast, make_cast
from tests.factories.events import make_registration


@pytest.fixture
def cast(session: Session, now: datetime) -> Cast:
    """An event and its people, in the test's session."""
    return make_cast(session, now=now)


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
def committed(database: Database) -> Iterator[Session]:
    """A writing session for what pages are to find: commit it before asking them."""
    with database.writer() as session:
        yield session


@pytest.fixture
def settled(committed: Session) -> Cast:
    """An event and its people, committed; pages go by the real clock."""
    made = make_cast(committed, now=utc_now())
    committed.commit()
    return made


@pytest.fixture
def parts(committed: Session, settled: Cast) -> dict[str, Registration]:
    """The buyer with a need and the maker with a result, both confirmed."""
    made = {
        "buyer": make_registration(
            committed, settled.event, group="company", user=settled.people["buyer"],
            organisation=settled.firm, listings=[settled.need],
        ),
        "maker": make_registration(
            committed, settled.event, user=settled.people["maker"],
            organisation=settled.university, listings=[settled.result], seeks="找应用场景",
        ),
    }  # fmt: skip
    committed.commit()
    return made
