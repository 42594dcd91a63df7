"""Fixtures of the room's tests: the cast on a database of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tenon.notices import delivery
from tests.compliance.cast import Cast, make_cast


@pytest.fixture
def cast(session: Session) -> Cast:
    """One of each role, in the test's session."""
    return make_cast(session)


@pytest.fixture(autouse=True)
def _delivers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Mail goes into the test's own folder, and days are the test site's."""
    if "database_url" not in request.fixturenames:
        yield
        return
    before = delivery._current
    delivery.configure(request.getfixturevalue("settings"))
    yield
    delivery._current = before
