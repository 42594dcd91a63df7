"""What tests of the room share."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tests.payments.cast import Cast, make_cast


@pytest.fixture
def cast(session: Session, now: datetime) -> Cast:
    """A licence in force without any sum owed yet."""
    return make_cast(session, now=now, terms={}, scheduled=False)
