"""Two who act at once on one right: one wins, the other is told."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.db import Database
from tenon.errors import Conflict
from tenon.rights import queries, services
from tenon.rights.overlap import Scope
from tenon.rights.services import Declaration
from tenon.rights.shares import Owner
from tests.factories.accounts import make_organisation
from tests.factories.listings import NOW
from tests.rights.stage import TODAY, WHOLE, Cast, make_cast


@pytest.fixture
def cast(database: Database) -> Cast:
    with database.writing() as session:
        return make_cast(session)


def at_once(database: Database, *deeds: Callable[[Session], object]) -> list[str]:
    """Do each in a transaction of its own, started together; return how each ended."""
    start = Barrier(len(deeds))

    def run(deed: Callable[[Session], object]) -> str:
        start.wait()
        try:
            with database.writing() as session:
                deed(session)
        except (Conflict, IntegrityError) as error:
            return getattr(error, "code", "unique")
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sorted(pool.map(run, deeds))


def test_of_two_exclusive_licences_signed_at_once_one_stands(
    database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        firms = [make_organisation(session, kind="enterprise").id for _ in range(2)]

    def sign(number: int) -> Callable[[Session], object]:
        return lambda session: services.record_licence(
            session,
            Scope("exclusive", frozenset({cast.right.id}), since=date(2026, 1, 1)),
            deal=f"deal-{number}",
            licensor_id=cast.house.id,
            licensee_id=firms[number],
            by=SYSTEM,
            now=NOW,
        )

    assert at_once(database, sign(0), sign(1)) == ["done", "licence_collides"]
    with database.reading() as session:
        assert len(queries.licences_of(session, cast.right)) == 1


def test_of_two_declarations_at_once_one_stands(database: Database, cast: Cast) -> None:
    def declare(session: Session) -> object:
        return services.declare_open(
            session,
            cast.right,
            declaration=Declaration(
                fee_mode="single", fee_minor=1, until=TODAY + timedelta(days=9)
            ),
            organisation_id=cast.house.id,
            by=cast.actor("head"),
            now=NOW,
            today=TODAY,
        )

    ended = at_once(database, declare, declare)
    assert ended[0] in {"declared_already", "done"}
    assert ended.count("done") == 1


def test_owners_recorded_at_once_leave_one_version_a_day(database: Database, cast: Cast) -> None:
    def record(session: Session) -> object:
        return services.record_owners(
            session,
            cast.right,
            wanted=[Owner(WHOLE, organisation_id=cast.house.id)],
            valid_from=TODAY,
            by=cast.actor("head"),
            now=NOW,
            today=TODAY,
        )

    assert set(at_once(database, record, record)) <= {"done", "unique"}
    with database.reading() as session:
        assert len(queries.versions(session, cast.right)) == 1
