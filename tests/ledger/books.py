"""Accounts of an invented deal, and sums over entries that owe nothing to the room's queries."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from tenon.ledger.services import Transfer, book, open_account

DEAL = ("deal", "a-deal")
DAY = date(2026, 11, 22)


def account(
    session: Session,
    kind: str,
    *,
    currency: str = "CNY",
    side: str = "seller",
    deal: str = "a-deal",
) -> LedgerAccount:
    """An account of the deal's seller."""
    return open_account(session, owner=("deal", deal), side=side, kind=kind, currency=currency)


def charge(
    session: Session, minor: int, *, key: str, now: datetime, day: date = DAY, currency: str = "CNY"
) -> LedgerJournal:
    """Something falls due: receivable against income."""
    transfer = Transfer(
        account(session, "receivable", currency=currency),
        account(session, "income", currency=currency),
        minor,
        debit_item="up-front",
        credit_item="up-front",
    )
    return book(
        session,
        what="due",
        about=("obligation", "up-front"),
        transfers=[transfer],
        key=key,
        at=now,
        booked_on=day,
    )


def naive(session: Session) -> Counter[int]:
    """Account -> debits less credits, added up one entry after the other."""
    sums: Counter[int] = Counter()
    for entry in session.scalars(sa.select(LedgerEntry)):
        sums[entry.debit_id] += entry.minor
        sums[entry.credit_id] -= entry.minor
    return sums
