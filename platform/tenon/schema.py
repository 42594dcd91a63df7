"""Bring a database's tables up to date, and say whether they are.

Runs Alembic from code, so that the wheel needs no alembic.ini. Knows nothing of what the tables
mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_security import AsaList
from sqlalchemy.engine import Connection

from tenon import paths
from tenon.db import WRITES, Database
from tenon.models import metadata

LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "60s"
MIGRATION_LOCK = 7_365_001  # any number, the same in every process


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(paths.migrations()))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """Return the newest migration's number."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    if found is None:
        raise RuntimeError("there are no migrations")
    return found


def current(database: Database) -> str | None:
    """Return the number of the migration that the database stands at; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, revision: str = "head") -> None:
    """Run what is missing up to ``revision``; of two processes at once the second waits.

    All of it is one transaction on both databases: cut off in the middle, it leaves nothing.
    """
    with _alone(database) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Undo migrations down to ``revision`` (``base`` for all)."""
    with _alone(database) as connection:
        command.downgrade(_config(connection), revision)


def draft(database: Database, message: str) -> str:
    """Write a numbered migration from the difference of models and database; return its path."""
    number = _next_number()
    with database.engine.connect() as connection:
        script: Any = command.revision(
            _config(connection), message=message, autogenerate=True, rev_id=number
        )
    return str(script.path)


def differences(database: Database) -> list[object]:
    """Return what autogenerate would still change; empty when models and database agree."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": _differs})
        return list(compare_metadata(context, metadata))


def _differs(
    _context: object, _inspected: object, _column: object, found: object, wanted: object
) -> bool | None:
    """Leave lists kept as text alone: to the database both are TEXT."""
    return False if isinstance(wanted, AsaList) and isinstance(found, sa.Text) else None


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """Yield a connection on which nobody else migrates; commit at the end."""
    migrating = database.engine.execution_options(**{WRITES: True})
    with migrating.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'")
        yield connection


def _next_number() -> str:
    known = ScriptDirectory.from_config(_config()).get_revisions("heads")
    newest = max((int(re.sub(r"\D", "", item.revision)) for item in known if item), default=0)
    return f"{newest + 1:04d}"
