"""Two people act on one report at once, with real threads on both databases: one of them wins."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.db import Database
from tenon.errors import Conflict, DomainError
from tenon.payments.models import Obligation
from tenon.payments.reports import services
from tenon.payments.reports.models import RoyaltyStatement, UseReport
from tests.payments.cast import Cast
from tests.payments.reports.scenes import NOW, figures, hand_in, make_scene

Verb = Callable[[Session, UseReport, Actor], object]


def accept(session: Session, report: UseReport, by: Actor) -> object:
    return services.accept(session, report, by=by, now=NOW)


def query(session: Session, report: UseReport, by: Actor) -> None:
    services.query(session, report, reason="?", by=by, now=NOW)


def take_back(session: Session, report: UseReport, by: Actor) -> None:
    services.take_back(session, report, by=by, now=NOW)


def write(session: Session, report: UseReport, by: Actor) -> None:
    services.write(session, report, figures(), by=by, now=NOW)


def together(
    database: Database, report: UseReport, acts: Sequence[tuple[Verb, Actor]]
) -> list[DomainError | None]:
    """Do things to a report at once; return what each got: None, or why not."""
    start = threading.Barrier(len(acts))

    def act(doing: tuple[Verb, Actor]) -> DomainError | None:
        verb, by = doing
        start.wait(timeout=30)
        try:
            with database.writing() as session:
                verb(session, session.get_one(UseReport, report.id), by)
        except DomainError as error:
            return error
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


@pytest.fixture
def submitted(database: Database) -> tuple[Cast, UseReport]:
    """A report that waits to be checked."""
    with database.writing() as session:
        cast, [report, *_] = make_scene(session)
        hand_in(session, cast, report)
    return cast, report


@pytest.mark.parametrize("round_number", range(3))
def test_of_two_who_accept_at_once_one_states_and_charges(
    database: Database, submitted: tuple[Cast, UseReport], round_number: int
) -> None:
    cast, report = submitted
    acts = [(accept, cast.actor(role)) for role in ("seller_editor", "seller_administrator")]
    found = together(database, report, acts)
    assert sorted(error is None for error in found) == [False, True]
    assert all(isinstance(error, Conflict) for error in found if error is not None)
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(RoyaltyStatement.id))) == 1
        key = Obligation.key == "royalty:2025Q1"
        assert session.scalar(sa.select(sa.func.count(Obligation.id)).where(key)) == 1


@pytest.mark.parametrize("other", [query, take_back])
def test_an_acceptance_and_another_step_at_once_leave_one_of_them(
    database: Database, submitted: tuple[Cast, UseReport], other: Verb
) -> None:
    cast, report = submitted
    who = cast.actor("buyer_editor" if other is take_back else "seller_administrator")
    found = together(database, report, [(accept, cast.actor("seller_editor")), (other, who)])
    assert sorted(error is None for error in found) == [False, True]
    with database.reading() as session:
        stated = session.scalar(sa.select(sa.func.count(RoyaltyStatement.id)))
        state = session.get_one(UseReport, report.id).state
    assert (stated, state == "accepted") in [(1, True), (0, False)]


def test_of_two_who_begin_a_report_at_once_the_second_is_told(database: Database) -> None:
    with database.writing() as session:
        cast, [report, *_] = make_scene(session)
    roles = ("buyer_editor", "buyer_administrator")
    found = together(database, report, [(write, cast.actor(role)) for role in roles])
    with database.reading() as session:
        kept = session.get_one(UseReport, report.id)
    # On SQLite the second begins after the first has ended, and writes to a draft.
    assert None in found
    assert kept.version == 1 + sum(error is None for error in found)
