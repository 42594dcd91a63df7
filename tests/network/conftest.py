"""The network that most tests of the room begin with."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.network.cast import Cast, make_cast


@pytest.fixture
def cast(session: Session) -> Cast:
    """A network of all levels, uncommitted."""
    return make_cast(session)
