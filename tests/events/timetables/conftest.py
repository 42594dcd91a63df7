"""Fixtures of the room's tests: an event with its people."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tenon.db import Database
from tests.events.timetables.cast import Cast, make_cast


@pytest.fixture
def cast(session: Session) -> Cast:
    """An event in the test's session."""
    return make_cast(session)


@pytest.fixture
def settled(database: Database) -> Cast:
    """An event that is committed."""
    with database.writing() as session:
        return make_cast(session)
