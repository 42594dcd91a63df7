"""Two approvers at once, with real threads: one wins, the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.compliance.models import Approval, FirstRefusal
from tenon.compliance.services import approving, chains, refusing
from tenon.compliance.services.chains import StepInput
from tenon.db import Database
from tenon.deals.models import Deal
from tenon.errors import Conflict, DomainError, IllegalTransition
from tenon.history import HistoryEntry
from tenon.history.proof import verify
from tests.compliance.cast import Cast, agreed, make_cast
from tests.factories.listings import NOW


def together(database: Database, acts: list[Callable[[Session], None]]) -> list[DomainError | None]:
    """Do things at once; return what each got. On PostgreSQL all have read before one writes."""
    barrier = threading.Barrier(len(acts))
    early = database.engine.dialect.name == "sqlite"

    def act(doing: Callable[[Session], None]) -> DomainError | None:
        try:
            if early:
                barrier.wait(timeout=30)
            with database.writing() as session:
                session.scalar(sa.select(sa.func.count()).select_from(Approval))
                if not early:
                    barrier.wait(timeout=30)
                doing(session)
        except DomainError as error:
            return error
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def set_up(database: Database, form: str = "licence_exclusive") -> tuple[Cast, int]:
    """A deal that waits for one approval by any editor of the university."""
    with database.writing() as session:
        cast = make_cast(session)
        chains.add_step(
            session,
            cast.university,
            StepInput(name_zh="转化处", role="editor"),
            by=cast.actor("seller_administrator"),
            now=NOW,
        )
        return cast, agreed(session, cast, form).id


def deciding(deal_id: int, by: Actor, decision: str) -> Callable[[Session], None]:
    """Decide on the seller's step."""

    def act(session: Session) -> None:
        wanted = sa.select(Approval).where(Approval.deal_id == deal_id, Approval.side == "seller")
        approving.decide(
            session,
            session.scalars(wanted).one(),
            decision=decision,
            remark="见批示",
            by=by,
            now=NOW,
        )

    return act


def decisions(session: Session, deal_id: int) -> list[str]:
    """What history says of the seller's approval."""
    deal = session.get_one(Deal, deal_id)
    entries = session.scalars(
        sa.select(HistoryEntry).filter_by(chain_id=deal.public_id, kind="approval")
    )
    return [each.facts["decision"] for each in entries if each.facts["side"] == "seller"]


def test_of_two_who_approve_one_wins(database: Database) -> None:
    cast, key = set_up(database)
    roles = ("seller_editor", "seller_administrator")
    outcomes = together(database, [deciding(key, cast.actor(role), "approved") for role in roles])
    assert sum(each is None for each in outcomes) == 1
    assert isinstance(next(each for each in outcomes if each is not None), Conflict)
    with database.reading() as session:
        assert decisions(session, key) == ["approved"]
        assert list(verify(session)) == []


def test_of_one_who_approves_and_one_who_returns_one_wins(database: Database) -> None:
    cast, key = set_up(database)
    outcomes = together(
        database,
        [
            deciding(key, cast.actor("seller_editor"), "approved"),
            deciding(key, cast.actor("seller_administrator"), "returned"),
        ],
    )
    assert sum(each is None for each in outcomes) == 1
    lost = next(each for each in outcomes if each is not None)
    assert isinstance(lost, Conflict | IllegalTransition)
    with database.reading() as session:
        deal = session.get_one(Deal, key)
        (said,) = decisions(session, key)
        assert deal.stage == ("terms" if said == "returned" else "approval")


def test_a_contributor_answers_once(database: Database) -> None:
    cast, key = set_up(database, "assignment")
    by = cast.actor("contributor")

    def taking_up(session: Session) -> None:
        found = session.scalars(
            sa.select(FirstRefusal).where(FirstRefusal.deal_id == key).order_by(FirstRefusal.id)
        ).first()
        assert found is not None
        refusing.answer(session, found, answer="takes_up", by=by, now=NOW)

    outcomes = together(database, [taking_up, taking_up])
    assert sum(each is None for each in outcomes) == 1
    assert isinstance(next(each for each in outcomes if each is not None), Conflict)
