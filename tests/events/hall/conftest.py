"""Fixtures of the room's tests: the day's cast, in the session or committed."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tenon.clock import utc_now
from tenon.db import Database
from tests.events.hall.cast import Cast, make_cast


@pytest.fixture
def cast(session: Session, now: datetime) -> Cast:
    """The event in the test's session, on its day at ``now``."""
    return make_cast(session, now)


@pytest.fixture
def today(database: Database) -> Cast:
    """The event committed, running at this moment by the site's own clock."""
    with database.writing() as session:
        return make_cast(session, utc_now())
