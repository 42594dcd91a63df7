"""Two people act on one deal's money at once, with real threads on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.db import Database
from tenon.deals.models import Deal
from tenon.errors import Conflict, DomainError, Invalid
from tenon.history import proof
from tenon.ledger.queries import trial_balance
from tenon.payments import queries, receiving
from tenon.payments.models import Obligation, Payment
from tenon.payments.obligations import services
from tenon.payments.obligations.scheduling import fall_due
from tenon.payments.receiving import Given
from tests.payments.cast import Cast, make_cast, owe, pay

Act = Callable[[Session], object]
ROUNDS = 2


def _together(database: Database, acts: Sequence[Act]) -> list[DomainError | None]:
    """Do things at once; return what each got: None, or why not."""
    start = threading.Barrier(len(acts))

    def act(doing: Act) -> DomainError | None:
        start.wait(timeout=30)
        try:
            with database.writing() as session:
                doing(session)
        except DomainError as error:
            return error
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


@pytest.fixture
def owing(database: Database, now: datetime) -> tuple[Cast, int]:
    """A licence whose buyer owes 100, and the key of what is owed."""
    with database.writing() as session:
        cast = make_cast(session, now=now, terms={}, scheduled=False)
        owed = owe(session, cast, "royalty:1", 100, now=now)
    return cast, owed.id


def _record(cast: Cast, key: str, amount: int, now: datetime, reference: str = "") -> Act:
    given = Given("seller", amount, "CNY", now.date(), key, reference=reference)

    def act(session: Session) -> object:
        deal = session.get_one(Deal, cast.deal.id)
        by = cast.actor("seller_editor")
        return receiving.record(session, deal, given, by=by, now=now)

    return act


def _sums(database: Database, cast: Cast) -> dict[str, int]:
    with database.reading() as session:
        assert list(proof.verify(session)) == []
        found = trial_balance(session, owner=("deal", cast.deal.public_id))
        return {place.kind: each.minor for place, each in found.items()}


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_form_sent_four_times_makes_one_payment(
    database: Database, owing: tuple[Cast, int], now: datetime, _round: int
) -> None:
    cast, _ = owing
    outcomes = _together(database, [_record(cast, "one-form", 60, now)] * 4)
    assert outcomes == [None] * 4
    assert _sums(database, cast)["cash"] == 60
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(Payment.id))) == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_record_the_same_transfer_of_the_bank(
    database: Database, owing: tuple[Cast, int], now: datetime, _round: int
) -> None:
    cast, _ = owing
    acts = [_record(cast, f"form-{name}", 60, now, "REF 1") for name in ("one", "two")]
    outcomes = _together(database, acts)
    assert outcomes.count(None) == 1
    told = next(each for each in outcomes if each is not None)
    assert isinstance(told, Invalid)
    assert told.fields == {"reference": "recorded_already"}
    assert _sums(database, cast)["cash"] == 60


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_payments_at_once_pay_no_more_than_is_owed(
    database: Database, owing: tuple[Cast, int], now: datetime, _round: int
) -> None:
    cast, owed_id = owing
    outcomes = _together(database, [_record(cast, f"form-of-{name}", 70, now) for name in "abc"])
    assert outcomes == [None] * 3
    sums = _sums(database, cast)
    assert sums["receivable"] == 0
    assert -sums["advance"] == sums["cash"] - 100
    with database.reading() as session:
        assert session.get_one(Obligation, owed_id).state == "paid"


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_it_falls_due_once(database: Database, now: datetime, _round: int) -> None:
    with database.writing() as session:
        cast = make_cast(session, now=now)
    later = now + timedelta(days=31)
    acts = [
        lambda session: fall_due(session, session.get_one(Deal, cast.deal.id), by=SYSTEM, now=later)
    ] * 3
    assert _together(database, acts) == [None] * 3
    with database.reading() as session:
        rows = session.scalars(sa.select(Obligation).filter_by(state="due")).all()
        standing = queries.standings(session, rows)
        assert rows
        assert all(standing[row.id].charged == row.gross_minor for row in rows)
    assert _sums(database, cast)["receivable"] == sum(row.gross_minor for row in rows)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_waived_by_two_at_once(
    database: Database, owing: tuple[Cast, int], now: datetime, _round: int
) -> None:
    cast, owed_id = owing

    def waive(session: Session) -> None:
        owed = session.get_one(Obligation, owed_id)
        services.waive(
            session, owed, reason="和解", by=cast.actor("seller_editor"), now=now,
            expected_version=owing_version,
        )  # fmt: skip

    with database.reading() as session:
        owing_version = session.get_one(Obligation, owed_id).version
    outcomes = _together(database, [waive, waive])
    assert outcomes.count(None) == 1
    assert isinstance(next(each for each in outcomes if each), Conflict)
    assert _sums(database, cast)["written_off"] == 100


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_refunded_by_two_at_once_and_confirmed_by_two_at_once(
    database: Database, owing: tuple[Cast, int], now: datetime, _round: int
) -> None:
    cast, _ = owing
    by = cast.actor("seller_editor")
    with database.writing() as session:
        session.add(cast.deal)
        receipt = pay(session, cast, 150, now=now)
        given = Given("seller", 40, "CNY", now.date(), "announced")
        announced = receiving.announce(
            session, cast.deal, given, by=cast.actor("buyer_editor"), now=now
        )

    def refund(key: str) -> Act:
        return lambda session: receiving.refund(
            session, session.get_one(Payment, receipt.id), amount_minor=50,
            paid_on=now.date(), key=key, by=by, now=now,
        )  # fmt: skip

    outcomes = _together(database, [refund("refund-one"), refund("refund-two")])
    assert outcomes.count(None) == 1
    assert _sums(database, cast)["cash"] == 100

    def confirm(session: Session) -> None:
        receiving.confirm(session, session.get_one(Payment, announced.id), by=by, now=now)

    outcomes = _together(database, [confirm, confirm])
    assert outcomes.count(None) == 1
    assert isinstance(next(each for each in outcomes if each), Conflict)
    assert _sums(database, cast)["cash"] == 140
