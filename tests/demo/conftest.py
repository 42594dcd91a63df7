"""The demo loaded once on each kind of database, for the tests that only look at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tenon.app import load_tasks
from tenon.clock import utc_now
from tenon.db import Database
from tenon.demo import loading
from tenon.matches import indexing
from tenon.matches.sites import remember_site
from tenon.settings import Settings
from tests.conftest import EACH_DATABASE, migrated, settings_for


@dataclass(frozen=True, slots=True)
class Shown:
    """A loaded demo: its settings, its database, when it was loaded. Nobody changes it."""

    settings: Settings
    database: Database
    at: datetime


@pytest.fixture(scope="package", params=EACH_DATABASE)
def demo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shown]:
    """The demo set in a database of the package's own."""
    folder = tmp_path_factory.mktemp("demo")
    for url in migrated(request, folder):
        settings = settings_for(url, folder)
        with Database(url) as database:
            load_tasks()
            remember_site(settings)
            at = utc_now()
            assert loading.load_demo_into_empty(database, settings, quiet=True)
            yield Shown(settings, database, at)
        indexing.release(settings)


@pytest.fixture
def shown(demo: Shown) -> Iterator[Session]:
    """A session that reads the loaded demo."""
    remember_site(demo.settings)
    with demo.database.reader() as opened:
        yield opened
