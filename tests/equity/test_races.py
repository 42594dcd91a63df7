"""Two people at once: units are issued once, and the second is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.equity import queries, services
from tenon.equity.models import EquityAgreement, EquityCompany
from tenon.equity.services.confirming import fingerprint
from tenon.errors import Conflict, DomainError
from tenon.history.proof import verify
from tests.deals.cast import Cast, make_cast
from tests.equity.scenes import GRANT, MILLION, NOW, SUBSCRIPTION, TODAY, a_round, an_agreement

Act = Callable[[Session, EquityAgreement], object]


def together(database: Database, key: int, acts: list[Act]) -> list[DomainError | None]:
    """Do things at once; return what each got. On PostgreSQL all have read before any writes."""
    both = threading.Barrier(len(acts))
    early = database.engine.dialect.name == "sqlite"

    def act(doing: Act) -> DomainError | None:
        try:
            if early:
                both.wait(timeout=30)
            with database.writing() as session:
                agreement = session.get_one(EquityAgreement, key)
                queries.open_proposal(session, agreement)
                session.get_one(EquityCompany, agreement.company_id)
                if not early:
                    both.wait(timeout=30)
                doing(session, agreement)
        except DomainError as error:
            return error
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def made(database: Database, form: str, terms: Any) -> tuple[Cast, int]:
    """An agreement that has taken effect, committed."""
    with database.writing() as session:
        cast = make_cast(session)
        agreement = an_agreement(session, cast, form, terms)
        if form == "invest_then_equity":
            a_round(session, cast, agreement.company, amount=10 * MILLION, pre_money=50 * MILLION)
        return cast, agreement.id


def test_both_sides_confirm_at_once_and_units_are_issued_once(database: Database) -> None:
    cast, key = made(database, "invest_then_equity", GRANT)

    def confirming(role: str) -> Act:
        def act(session: Session, agreement: EquityAgreement) -> None:
            proposal = queries.open_proposal(session, agreement)
            assert proposal is not None
            seen = fingerprint(proposal)
            services.confirm(session, proposal, seen=seen, by=cast.actor(role), now=NOW)

        return act

    acts = [confirming("seller_administrator"), confirming("buyer_administrator")]
    assert together(database, key, acts) == [None, None]
    with database.reading() as session:
        agreement = session.get_one(EquityAgreement, key)
        state = queries.course_of(session, agreement.company).now
        assert state.issued[agreement.holder.key] == 416_666
        assert agreement.state == "converted"
        assert list(verify(session)) == []


def told(outcomes: list[DomainError | None]) -> None:
    """One got through, the other was told of a conflict."""
    assert outcomes.count(None) == 1, outcomes
    assert any(isinstance(each, Conflict) for each in outcomes), outcomes


def test_of_two_who_propose_an_exercise_at_once_one_does(database: Database) -> None:
    cast, key = made(database, "share_subscription", SUBSCRIPTION)
    by = cast.actor("seller_editor")

    def act(session: Session, agreement: EquityAgreement) -> None:
        services.propose_exercise(session, agreement, units=10, by=by, now=NOW)

    told(together(database, key, [act, act]))


def test_of_two_who_record_at_once_one_is_told(database: Database) -> None:
    cast, key = made(database, "share_subscription", SUBSCRIPTION)
    by = cast.actor("buyer_editor")

    def act(session: Session, agreement: EquityAgreement) -> None:
        facts = {"seller": "h1", "buyer": "h2", "units": 1_000_000}
        services.record(
            session, agreement.company, kind="transfer", day=TODAY, facts=facts, by=by, now=NOW,
            expected_version=2,
        )  # fmt: skip

    told(together(database, key, [act, act]))
    with database.reading() as session:
        company = session.get_one(EquityAgreement, key).company
        assert queries.course_of(session, company).now.issued["h1"] == 5_000_000
        assert list(verify(session)) == []
