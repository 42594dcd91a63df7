"""Rows into a database, very many at a time: COPY on PostgreSQL, long INSERTs on SQLite.

Constraints stay on: the database itself checks every row. The caller commits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Final

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.engine import Connection

from tenon.db import Base

Rows = Iterator[Mapping[str, Any]]
AT_A_TIME: Final = 10_000


def load(connection: Connection, table: Any, rows: Rows) -> int:
    """Write rows, all with the columns of the first; return how many.

    A column that no row names takes its default, where that is a plain value.
    """
    first = next(rows, None)
    if first is None:
        return 0
    plain = {
        column.name: column.default.arg
        for column in table.__table__.columns
        if column.name not in first and column.default is not None and column.default.is_scalar
    }
    whole = ({**plain, **row} for row in chain([first], rows))
    columns = (*plain, *first)
    if connection.dialect.name == "postgresql":
        return _copy(connection, table.__table__, columns, whole)
    return _insert(connection, table.__table__, columns, whole)


def _copy(connection: Connection, table: sa.Table, columns: Sequence[str], rows: Rows) -> int:
    written = 0
    json = {name for name in columns if isinstance(table.c[name].type, sa.JSON)}
    names = ", ".join(columns)
    raw: Any = connection.connection.cursor()
    with raw as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([Jsonb(row[name]) if name in json else row[name] for name in columns])
            written += 1
    return written


def _insert(connection: Connection, table: sa.Table, columns: Sequence[str], rows: Rows) -> int:
    written = 0
    statement = sa.insert(table)
    while batch := [{name: row[name] for name in columns} for row in islice(rows, AT_A_TIME)]:
        connection.execute(statement, batch)
        written += len(batch)
    return written


def finish(connection: Connection) -> None:
    """Let keys go on after those that were written."""
    if connection.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        key = table.autoincrement_column
        if key is None:
            continue
        last = sa.select(sa.func.max(key)).scalar_subquery()
        sequence = sa.func.pg_get_serial_sequence(table.name, key.name)
        connection.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(last, 1))))
