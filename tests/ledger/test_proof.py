"""Who rewrites the books, past the triggers, is found out: each journal stands in a chain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Invalid
from tenon.history import HistoryEntry, proof
from tenon.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from tenon.ledger.services import Transfer, book, reverse
from tests.ledger.books import DAY, account, charge

EARLIER = DAY.replace(day=1)
TABLES = ("ledger_accounts", "ledger_journals", "ledger_entries")


def _past_the_triggers(session: Session) -> None:
    for table in TABLES:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(sa.text(f"DROP TRIGGER {table}_append_only ON {table}"))
            continue
        for verb in ("update", "delete"):
            session.execute(sa.text(f"DROP TRIGGER {table}_no_{verb}"))


def _booked(session: Session, now: datetime) -> LedgerJournal:
    journal = charge(session, 100, key="due", now=now)
    reverse(session, charge(session, 70, key="wrong", now=now), key="undo", at=now, booked_on=DAY)
    charge(session, 5, key="dollars", now=now, currency="USD")
    return journal


def test_the_books_agree_with_their_chain(session: Session, now: datetime) -> None:
    _booked(session, now)
    assert list(proof.verify(session)) == []
    kinds = session.scalars(
        sa.select(HistoryEntry.kind)
        .filter_by(chain_kind="ledger", chain_id="deal:a-deal")
        .order_by(HistoryEntry.sequence)
    ).all()
    assert kinds == ["book", "book", "reverse", "book"]


REWRITES: dict[str, Callable[[LedgerJournal], sa.Executable]] = {
    "an amount": lambda _it: sa.update(LedgerEntry).values(minor=LedgerEntry.minor + 1),
    "an item": lambda it: (
        sa.update(LedgerEntry).where(LedgerEntry.journal_id == it.id).values(credit_item="other")
    ),
    "a day": lambda it: (
        sa.update(LedgerJournal)
        .where(LedgerJournal.id == it.id)
        .values(booked_on=DAY.replace(day=1))
    ),
    "what it was": lambda it: (
        sa.update(LedgerJournal).where(LedgerJournal.id == it.id).values(what="gift")
    ),
    "the kind of an account": lambda _it: (
        sa.update(LedgerAccount).where(LedgerAccount.kind == "income").values(kind="vat")
    ),
    "nothing left of it": lambda it: sa.delete(LedgerEntry).where(LedgerEntry.journal_id == it.id),
}


@pytest.mark.parametrize("what", REWRITES)
def test_a_rewritten_book_shows(session: Session, now: datetime, what: str) -> None:
    journal = _booked(session, now)
    _past_the_triggers(session)
    session.execute(REWRITES[what](journal).execution_options(synchronize_session=False))
    session.expire_all()
    assert list(proof.verify(session)) != []


def test_a_journal_lies_in_one_owners_books(session: Session, now: datetime) -> None:
    cash, other = account(session, "cash"), account(session, "advance", deal="another-deal")
    with pytest.raises(Invalid) as refused:
        book(
            session,
            what="paid",
            about=("payment", "p"),
            transfers=[Transfer(cash, other, 1)],
            key="k",
            at=now,
            booked_on=DAY,
        )
    assert refused.value.fields == {"transfers": "mixed_owners"}
