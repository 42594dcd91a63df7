"""Fixtures that every test may use: migrated databases on SQLite and PostgreSQL, app, people.

A test that asks for ``database`` runs once on each database that is at hand. SQLite tests get a
copied file each; PostgreSQL tests a cloned template.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as drawing
from hypothesis.internal.conjecture import providers
from sqlalchemy.orm import Session

from tenon import schema
from tenon.app import create_app, load_tasks
from tenon.db import Database
from tenon.settings import Settings
from tests import once
from tests.collecting import (
    pytest_collection_finish,  # noqa: F401  # a hook: pytest finds it here
    pytest_runtest_logfinish,  # noqa: F401  # the same
)
from tests.lanes import (
    not_run,
    pytest_configure,  # noqa: F401  # a hook: pytest finds it here
    pytest_sessionfinish,  # noqa: F401  # the same
    pytest_terminal_summary,  # noqa: F401  # the same
)
from tests.postgres import PostgresServer, find_server
from tests.redis_server import RedisServer, start_server

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


once.begin()
# The same cases every time, so that a run can be told from the one before by what was changed; and
# no case fails for being slow, which on a busy machine says nothing of the code.
patient = drawing(deadline=None, suppress_health_check=[HealthCheck.too_slow])
drawing.register_profile("same", patient, derandomize=True)
drawing.register_profile("explore", patient)
drawing.load_profile("explore" if os.environ.get("TENON_TEST_EXPLORE") else "same")
if not os.environ.get("TENON_TEST_EXPLORE"):
    # Constants of whatever modules a worker happens to have loaded are drawn too: not the same.
    vars(providers)["_get_local_constants"] = lambda: providers._local_constants
SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session", autouse=True)
def handlers() -> None:
    """Every room's outbox handlers and kinds of notice, as in every process of the site."""
    load_tasks()


@pytest.fixture
def now() -> datetime:
    """The moment at which tests happen."""
    return NOW


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with terms and rules loaded, to copy."""
    from tenon.rules import services as rules
    from tenon.taxonomy.services import load

    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    with database.writing() as session:
        load(session, now=NOW)
        rules.load(session, now=NOW)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of the tests' own, or the one that TENON_TEST_POSTGRES names."""
    server = find_server()
    if server is None:
        not_run("postgres")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis server of the tests' own."""
    server = start_server()
    if server is None:
        not_run("redis")
    yield server
    server.stop()


EACH_DATABASE = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


def migrated(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """Yield the address of a migrated database of the kind that the fixture is asked for."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        copy = folder / "tenon.db"
        shutil.copyfile(template, copy)
        yield f"sqlite:///{copy}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.clone()
    yield server.address(name)
    server.drop(name)


def settings_for(database_url: str, folder: Path) -> Settings:
    """Settings of a test site: no limits, no dispatcher thread, mail in files."""
    return Settings(
        environment="test",
        var=folder / "var",
        database_url=database_url,
        secret_key="test-secret-key-of-sufficient-length-0123456789",
        dispatcher="none",
        rate_limits=False,
    )


@pytest.fixture(params=EACH_DATABASE)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database of this test's own, on each kind of server."""
    yield from migrated(request, tmp_path)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database of this test's own."""
    made = Database(database_url)
    yield made
    made.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session; what it leaves uncommitted is thrown away."""
    with database.writer() as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of the test's own site."""
    return settings_for(database_url, tmp_path)


@pytest.fixture
def app(settings: Settings, database: Database) -> Flask:
    """The whole site on this test's database."""
    return create_app(settings, database)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript, not signed in."""
    return app.test_client()
