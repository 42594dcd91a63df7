"""What several guards of sight ask: the scene with people at all places of the network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tenon.db import Database
from tests.guards.sight_scene import Scene, make_scene


@pytest.fixture
def scene(database: Database) -> Iterator[tuple[Session, Scene]]:
    """The scene, committed, and the session that made it."""
    with database.writer() as session:
        made = make_scene(session)
        session.commit()
        yield session, made
        session.rollback()
