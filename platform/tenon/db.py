"""Columns, engine and sessions that behave alike on SQLite and PostgreSQL.

Knows nothing of any table. Times come back aware and in UTC on both; SQLite writers open with
BEGIN IMMEDIATE so that two of them wait for each other instead of failing half-way.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
WRITES = "tenon_writes"


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """An aware moment, kept in UTC; refuses naive ones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Convert to UTC; SQLite keeps text without a zone, which then always means UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime refused: pass an aware one")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Give back an aware moment in UTC on both databases."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactDecimal(sa.types.TypeDecorator[Decimal]):
    """An exact decimal of a fixed number of digits after the point, kept as an integer."""

    impl = sa.BigInteger
    cache_ok = True

    def __init__(self, digits: int) -> None:
        super().__init__()
        self.digits = digits

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> int | None:  # noqa: ARG002
        """Scale to an integer; refuses what would be rounded."""
        if value is None:
            return None
        scaled = value.scaleb(self.digits)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {self.digits} digits after the point")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> Decimal | None:  # noqa: ARG002
        """Scale back to a decimal."""
        return None if value is None else Decimal(value).scaleb(-self.digits)


BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Json = sa.JSON().with_variant(JSONB, "postgresql")


def new_public_id() -> str:
    """Return an opaque id for addresses: 16 characters, 96 random bits."""
    return secrets.token_urlsafe(12)


Key = Annotated[int, mapped_column(BigId, primary_key=True, autoincrement=True)]
PublicId = Annotated[
    str, mapped_column(sa.String(32), unique=True, default=new_public_id, nullable=False)
]
Moment = Annotated[datetime, mapped_column(UTCDateTime, nullable=False)]
OptionalMoment = Annotated[datetime | None, mapped_column(UTCDateTime)]
Facts = Annotated[dict[str, Any], mapped_column(Json, nullable=False)]
Code = Annotated[str, mapped_column(sa.String(40), nullable=False)]
OptionalCode = Annotated[str | None, mapped_column(sa.String(40))]


class Base(DeclarativeBase):
    """Root of all tables; predictable constraint names let violations be told apart."""

    metadata = sa.MetaData(naming_convention=NAMING)


def one_of(column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    """Return a CHECK that ``column`` holds one of ``values``; named after the column."""
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def make_engine(url: str) -> Engine:
    """Return an engine with the project's settings for SQLite or PostgreSQL."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        engine = sa.create_engine(parsed, pool_pre_ping=True, pool_size=10, max_overflow=20)
        event.listen(engine, "connect", _configure_postgresql)
        return engine
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, connect_args={"timeout": 15}, pool_size=16, max_overflow=16)
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_postgresql(connection: Any, _record: object) -> None:
    """Plan without compiling: pages ask short questions, and compiling one took 188 of its 213 ms.

    Behind a pooler that shares connections between transactions it may be lost; nothing breaks.
    """
    connection.autocommit = True
    connection.execute("SET jit = off")
    connection.autocommit = False


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we send BEGIN ourselves, below
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=15000",
        "cache_size=-32000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Database:
    """The engine and the two kinds of session."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self._writer = self.engine.execution_options(**{WRITES: True})

    def reader(self) -> Session:
        """Return a session for reading; on SQLite it must not write."""
        return Session(self.engine, expire_on_commit=False)

    def writer(self) -> Session:
        """Return a session that may write; the caller commits."""
        return Session(self._writer, expire_on_commit=False)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Yield a session, commit at the end, roll back on any error."""
        with self.writer() as session:
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session whose changes, if any, are thrown away; what it loaded stays readable."""
        with self.reader() as session:
            yield session

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        """Serve as a context: a command opens the database for as long as it runs."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close every pooled connection."""
        self.dispose()
