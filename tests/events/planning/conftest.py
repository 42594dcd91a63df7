"""Fixtures of the room's tests: the cast on a database of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.events.models import Event
from tests.conftest import NOW
from tests.events.planning.scenes import Cast, begun, make_cast


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are asked at the moment of the tests, so that days to come stay to come."""
    monkeypatch.setattr("tenon.web.requests.utc_now", lambda: NOW)


@pytest.fixture
def cast(session: Session) -> Cast:
    """One of each, in the test's session."""
    return make_cast(session)


@pytest.fixture
def committed(database: Database) -> Iterator[Session]:
    """A writing session for what pages are to find: commit it before asking them."""
    with database.writer() as session:
        yield session


@pytest.fixture
def settled(committed: Session) -> Cast:
    """One of each, committed."""
    made = make_cast(committed)
    committed.commit()
    return made


@pytest.fixture
def event(committed: Session, settled: Cast, now: datetime) -> Event:
    """An event in preparation, committed."""
    made = begun(committed, settled, now)
    committed.commit()
    return made
