"""Migrations go up, down and up again on both databases, and say what the models say."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from tenon import schema
from tenon.cli import tenon
from tenon.db import Database
from tenon.models import metadata
from tests.postgres import PostgresServer


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a single table."""
    if request.param == "sqlite":
        with Database(f"sqlite:///{tmp_path / 'empty.db'}") as made:
            yield made
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.make_empty()
    with Database(server.address(name)) as made:
        yield made
    server.drop(name)


def _tables(database: Database) -> set[str]:
    return set(sa.inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_upgrade_downgrade_upgrade(empty: Database) -> None:
    assert schema.current(empty) is None
    schema.upgrade(empty)
    assert schema.current(empty) == schema.head()
    assert _tables(empty) == set(metadata.tables)
    schema.downgrade(empty, "base")
    assert _tables(empty) == set()
    assert schema.current(empty) is None
    schema.upgrade(empty)
    assert _tables(empty) == set(metadata.tables)


def test_autogenerate_finds_nothing(database: Database) -> None:
    assert schema.differences(database) == []


def test_autogenerate_finds_what_is_missing(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE process_leases")
    (found,) = schema.differences(database)
    assert isinstance(found, tuple)
    assert found[0] == "add_table"


def test_upgrade_cut_off_in_the_middle_leaves_nothing(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = 0

    def cut_off(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        nonlocal seen
        seen += "CREATE TABLE" in statement
        if seen > 10:
            raise KeyboardInterrupt

    sa.event.listen(empty.engine, "before_cursor_execute", cut_off)
    with pytest.raises(KeyboardInterrupt):
        schema.upgrade(empty)
    sa.event.remove(empty.engine, "before_cursor_execute", cut_off)
    assert _tables(empty) == set()
    schema.upgrade(empty)
    assert schema.differences(empty) == []


def test_upgrade_by_two_at_once_happens_once(empty: Database) -> None:
    if empty.engine.dialect.name == "sqlite":  # the second waits for a whole upgrade of the first

        def patient(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA busy_timeout = 300000")

        sa.event.listen(empty.engine, "connect", patient)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: schema.upgrade(empty), range(2)))
    assert schema.differences(empty) == []


def test_migrate_command_repeats_without_harm(
    empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = empty.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("TENON_DATABASE_URL", url)
    monkeypatch.setenv("TENON_VAR", str(tmp_path))
    first = CliRunner().invoke(tenon, ["migrate"])
    second = CliRunner().invoke(tenon, ["migrate"])
    assert (first.exit_code, first.output) == (0, f"migrated to {schema.head()}\n")
    assert (second.exit_code, second.output) == (0, f"already at {schema.head()}\n")
