"""Fixtures of the notices room's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.notices import delivery
from tenon.settings import Settings
from tests.factories.accounts import make_user
from tests.notices.mailing import Box


@pytest.fixture
def box(settings: Settings) -> Iterator[Box]:
    """A postbox into which this process delivers, by Shanghai's clock."""
    made, before = Box(), delivery._current
    delivery.use(delivery.Delivery(made, "https://tenon.example", settings.secret_key))
    yield made
    delivery._current = before


@pytest.fixture
def reader(session: Session) -> User:
    """A person who chose nothing; committed, and known to the planning."""
    user = make_user(session)
    session.commit()
    return user
