"""Two people at once on one deal, with real threads: one wins, the other is told what changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.deals import guards, services
from tenon.deals.models import Deal, DealFile, DealSignature, TermVersion
from tenon.deals.queries import proposed_terms
from tenon.deals.services import signing
from tenon.errors import Conflict, DomainError
from tenon.history import HistoryEntry
from tenon.outbox.models import OutboxMessage
from tests.conftest import NOW
from tests.deals.cast import Cast, make_cast
from tests.factories.deals import make_terms

Act = Callable[[Session, Deal], object]


@pytest.fixture(autouse=True)
def _lawful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rule lets the steps pass: what the rules say is others' tests."""

    def passes(*_: Any, **__: Any) -> None:
        return None

    for name in guards.known() - {signing.COMPLETE}:
        monkeypatch.setitem(guards._checks, name, passes)
    monkeypatch.setattr(signing, "_further", {})


def together(database: Database, key: int, acts: Sequence[Act]) -> list[DomainError | None]:
    """Let every act begin at the same moment in a session of its own; return what came of each."""
    start = threading.Barrier(len(acts))

    def run(act: Act) -> DomainError | None:
        with database.reading() as session:
            seen = session.get_one(Deal, key).version
        start.wait(timeout=30)
        try:
            with database.writing() as session:
                deal = session.get_one(Deal, key)
                if deal.version != seen:
                    raise Conflict("changed_meanwhile", kind="deal")
                act(session, deal)
        except DomainError as error:
            return error
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def set_up(database: Database, state: str, **terms: Any) -> tuple[Cast, int]:
    """A deal at ``state``; with ``side`` a version of that side waits for an answer."""
    with database.writing() as session:
        cast = make_cast(session)
        deal = cast.deal(session, state=state)
        if terms:
            make_terms(session, deal, values={}, state="proposed", **terms)
        key = deal.id
    return cast, key


def one_won(outcomes: Sequence[DomainError | None]) -> None:
    """Of two, one did it, and the other was told of a conflict."""
    assert sorted(each is None for each in outcomes) == [False, True]
    lost = next(each for each in outcomes if each is not None)
    assert isinstance(lost, Conflict)


def propose(cast: Cast, role: str) -> Act:
    by = cast.actor(role)
    return lambda session, deal: services.propose(
        session, deal, values={"term_months": "12"}, by=by, now=NOW
    )


def accept(cast: Cast, role: str) -> Act:
    by = cast.actor(role)

    def act(session: Session, deal: Deal) -> None:
        waiting = proposed_terms(session, deal)
        if waiting is None:
            raise Conflict("answered_meanwhile", kind="terms")
        services.accept(session, deal, waiting, by=by, now=NOW)

    return act


def entries(session: Session, kind: str) -> int:
    found = session.scalars(sa.select(HistoryEntry.kind).where(HistoryEntry.chain_kind == "deal"))
    return sum(each == kind for each in found)


def test_two_proposals_at_once_make_one_version(database: Database) -> None:
    cast, key = set_up(database, "talks")
    one_won(
        together(database, key, [propose(cast, "seller_editor"), propose(cast, "buyer_editor")])
    )
    with database.reading() as session:
        assert len(session.scalars(sa.select(TermVersion)).all()) == 1
        assert entries(session, "propose_terms") == 1


def test_accepting_twice_at_once_agrees_once(database: Database) -> None:
    cast, key = set_up(database, "terms", side="seller")
    one_won(
        together(database, key, [accept(cast, "buyer_editor"), accept(cast, "buyer_administrator")])
    )
    with database.reading() as session:
        deal = session.get_one(Deal, key)
        assert (deal.state, deal.version) == ("approval", 2)
        assert entries(session, "agree") == 1
        topics = session.scalars(sa.select(OutboxMessage.topic)).all()
        assert topics.count("deals.terms_accepted") == 1


def test_a_counter_against_an_acceptance(database: Database) -> None:
    cast, key = set_up(database, "terms", side="seller")
    outcomes = together(
        database, key, [accept(cast, "buyer_editor"), propose(cast, "seller_editor")]
    )
    one_won(outcomes)
    with database.reading() as session:
        deal = session.get_one(Deal, key)
        states = sorted(session.scalars(sa.select(TermVersion.state)).all())
    if outcomes[0] is None:
        assert (deal.state, states) == ("approval", ["accepted"])
    else:
        assert (deal.state, states) == ("terms", ["proposed", "replaced"])


def sign(cast: Cast, side: str, role: str) -> Act:
    by = cast.actor(role)

    def act(session: Session, deal: Deal) -> None:
        file = session.scalars(sa.select(DealFile)).one()
        services.confirm_signature(
            session,
            deal,
            signer=side,
            signatory="法定代表人",
            signed_on=date(2026, 11, 20),
            file=file,
            by=by,
            now=NOW,
        )

    return act


def to_sign(database: Database) -> tuple[Cast, int]:
    """A deal that is ready to be signed, with its signed paper."""
    cast, key = set_up(database, "signing")
    with database.writing() as session:
        session.add(
            DealFile(
                deal_id=key,
                kind="signed_contract",
                name="合同.pdf",
                media_type="application/pdf",
                size=1,
                sha256="a" * 64,
                side="seller",
                uploaded_at=NOW,
            )
        )
    return cast, key


def test_nothing_is_signed_twice(database: Database) -> None:
    cast, key = to_sign(database)
    act = sign(cast, "seller", "seller_administrator")
    one_won(together(database, key, [act, act]))
    with database.reading() as session:
        assert len(session.scalars(sa.select(DealSignature)).all()) == 1
        assert session.get_one(Deal, key).state == "signing"


def test_both_sides_sign_at_once_and_the_deal_is_signed_once(database: Database) -> None:
    cast, key = to_sign(database)
    acts = [
        sign(cast, "seller", "seller_administrator"),
        sign(cast, "buyer", "buyer_administrator"),
    ]
    outcomes = together(database, key, acts)
    for act, outcome in zip(acts, outcomes, strict=True):
        if outcome is not None:  # told, looks again, signs
            assert isinstance(outcome, Conflict)
            assert together(database, key, [act]) == [None]
    with database.reading() as session:
        assert len(session.scalars(sa.select(DealSignature)).all()) == 2
        assert session.get_one(Deal, key).stage == "signed"
        assert entries(session, "sign") == 1


def test_a_change_of_form_against_a_proposal(database: Database) -> None:
    cast, key = set_up(database, "talks")
    by = cast.actor("buyer_editor")

    def change(session: Session, deal: Deal) -> None:
        services.change_form(session, deal, form="licence_sole", by=by, now=NOW)

    one_won(together(database, key, [change, propose(cast, "seller_editor")]))
    with database.reading() as session:
        deal = session.get_one(Deal, key)
        forms = session.scalars(sa.select(TermVersion.form)).all()
    assert set(forms) <= {deal.form}
