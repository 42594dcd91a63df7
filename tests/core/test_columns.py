"""Times and decimals come back alike from both databases, and what cannot be kept is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, ProgrammingError, StatementError

from tenon.db import Database, ExactDecimal, UTCDateTime

SHANGHAI = timezone(timedelta(hours=8))
samples = sa.Table(
    "column_samples",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", UTCDateTime),
    sa.Column("rate", ExactDecimal(6)),
)


@pytest.fixture
def table(database: Database) -> Iterator[Database]:
    with database.writing() as session:
        samples.create(session.connection())
    yield database
    with database.writing() as session:
        samples.drop(session.connection())


def _round(database: Database, **values: object) -> sa.Row[tuple[object, ...]]:
    with database.writing() as session:
        session.execute(samples.insert().values(id=1, **values))
    with database.reading() as session:
        return session.execute(sa.select(samples)).one()


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 22, 8, 30, 1, 123456, tzinfo=SHANGHAI),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2100, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_moment_comes_back_aware_and_in_utc(table: Database, moment: datetime) -> None:
    found = _round(table, at=moment)
    assert found.at == moment
    assert found.at.utcoffset() == timedelta(0)


def test_moments_of_different_zones_compare_by_instant(table: Database) -> None:
    with table.writing() as session:
        late = datetime(2026, 1, 1, 9, tzinfo=SHANGHAI)  # 01:00 UTC
        session.execute(samples.insert().values(id=1, at=late))
        early = datetime(2026, 1, 1, 2, tzinfo=UTC)
        assert session.scalar(sa.select(samples.c.id).where(samples.c.at < early)) == 1


def test_naive_moment_is_refused(table: Database) -> None:
    with pytest.raises(StatementError, match="naive datetime refused"):
        _round(table, at=datetime(2026, 1, 1))  # noqa: DTZ001  # the point of it


@pytest.mark.parametrize("rate", ["0.1", "0.333333", "-12345.000001", "0", "9007199254.740993"])
def test_decimal_comes_back_exact(table: Database, rate: str) -> None:
    assert _round(table, rate=Decimal(rate)).rate == Decimal(rate)


def test_decimal_finer_than_its_column_is_refused(table: Database) -> None:
    with pytest.raises(StatementError, match="more than 6 digits"):
        _round(table, rate=Decimal("0.0000001"))


def test_null_stays_null(table: Database) -> None:
    found = _round(table)
    assert (found.at, found.rate) == (None, None)


def test_decimals_add_up_in_the_database(table: Database) -> None:
    with table.writing() as session:
        rows = [{"id": n, "rate": Decimal("0.1")} for n in range(10)]
        session.execute(samples.insert(), rows)
        assert session.scalar(sa.select(sa.func.sum(samples.c.rate))) == Decimal(1)


def test_writing_commits_and_rolls_back_on_error(table: Database) -> None:
    def fail() -> None:
        with table.writing() as session:
            session.execute(samples.insert().values(id=1))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    with table.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(samples)) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_has_one_writer_from_its_first_moment(table: Database) -> None:
    with table.writer() as first, table.engine.connect() as second:
        first.execute(samples.insert().values(id=1))
        second.exec_driver_sql("PRAGMA busy_timeout=50")
        with pytest.raises(OperationalError, match="locked"):
            second.execute(samples.insert().values(id=2))
        first.commit()


def test_foreign_keys_are_enforced(database: Database) -> None:
    statement = sa.text("INSERT INTO user_roles (user_id, role_id) VALUES (999, 999)")
    with pytest.raises(sa.exc.IntegrityError), database.writing() as session:
        session.execute(statement)


def test_unknown_table_is_an_error_on_both(database: Database) -> None:
    with pytest.raises((OperationalError, ProgrammingError)), database.reading() as session:
        session.execute(sa.text("SELECT * FROM nothing_of_that_name"))
