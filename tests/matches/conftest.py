"""A site with its index, on the shipped encoder; the writer is let go after each test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from tenon import demo as loading
from tenon.app import load_tasks
from tenon.db import Database
from tenon.matches import encoders, indexing
from tenon.matches import engine as engines
from tenon.matches.sites import remember_site
from tenon.settings import Settings
from tests.factories.listings import make_expert

Index = Callable[[], None]


@pytest.fixture(scope="session", autouse=True)
def encoder() -> None:
    """Load the shipped encoder once for all tests of the process."""
    encoders.load(encoders.SHIPPED)


@pytest.fixture
def site(settings: Settings, database: Database) -> Iterator[Settings]:
    """Settings whose database handlers can find; the index's writer is closed at the end."""
    load_tasks()
    remember_site(settings)
    yield settings
    indexing.release(settings)


@pytest.fixture
def engine(site: Settings) -> MatchEngine:
    """The engine on the site's index."""
    return engines.engine_of(site)


@cache
def _texts() -> list[str]:
    """Texts of many fields, from the demo set."""
    folder = Path(loading.__file__).parent / "set"
    lines = (folder / "a_needs.jsonl").read_text(encoding="utf-8").splitlines()
    lines += (folder / "b_needs.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["background"] for line in lines]


@pytest.fixture
def background(session: Session) -> None:
    """Experts of many fields, so that the index has something to tell listings apart from.

    How well a listing fits is judged against what any text of the index has with the question;
    an index of nothing but alike listings cannot tell. Experts are nobody's counterparts.
    """
    for text in _texts():
        make_expert(session, bio_zh=text)


@pytest.fixture
def index(site: Settings, session: Session, now: datetime) -> Index:
    """Commit the test's session and build the index from the database as it is then."""

    def build() -> None:
        session.commit()
        indexing.rebuild(session, now=now)

    return build
