"""Two who book at once, with real threads on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.errors import Conflict, DomainError
from tenon.ledger import queries
from tenon.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from tenon.ledger.services import reverse
from tests.ledger.books import DAY, account, charge


def _together(
    database: Database, acts: list[Callable[[Session], object]]
) -> list[DomainError | None]:
    start = threading.Barrier(len(acts))

    def act(doing: Callable[[Session], object]) -> DomainError | None:
        start.wait(timeout=30)
        try:
            with database.writing() as session:
                doing(session)
        except DomainError as error:
            return error
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def test_a_request_sent_four_times_books_once(database: Database, now: datetime) -> None:
    outcomes = _together(database, [lambda it: charge(it, 100, key="due", now=now)] * 4)
    assert outcomes == [None] * 4
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(LedgerJournal.id))) == 1
        assert session.scalar(sa.select(sa.func.count(LedgerEntry.id))) == 1
        assert session.scalar(sa.select(sa.func.count(LedgerAccount.id))) == 2
        assert queries.balance(session, account(session, "receivable")).minor == 100


def test_of_two_amounts_under_one_key_the_second_is_told(database: Database, now: datetime) -> None:
    outcomes = _together(
        database,
        [
            lambda it: charge(it, 100, key="due", now=now),
            lambda it: charge(it, 200, key="due", now=now),
        ],
    )
    told = [each for each in outcomes if each is not None]
    assert len(told) == 1
    assert isinstance(told[0], Conflict)
    with database.reading() as session:
        wanted = 100 if outcomes[0] is None else 200
        assert queries.balance(session, account(session, "receivable")).minor == wanted


@pytest.mark.parametrize("keys", [("undo", "undo"), ("mine", "yours")])
def test_a_journal_is_reversed_once(
    database: Database, now: datetime, keys: tuple[str, str]
) -> None:
    with database.writing() as session:
        journal_id = charge(session, 100, key="due", now=now).id

    def undo(key: str) -> Callable[[Session], object]:
        return lambda it: reverse(
            it, it.get_one(LedgerJournal, journal_id), key=key, at=now, booked_on=DAY
        )

    outcomes = _together(database, [undo(key) for key in keys])
    assert outcomes.count(None) == (2 if keys[0] == keys[1] else 1)
    assert all(each is None or each.code == "already_reversed" for each in outcomes)
    with database.reading() as session:
        assert queries.balance(session, account(session, "receivable")) == queries.Balance(100, 100)
