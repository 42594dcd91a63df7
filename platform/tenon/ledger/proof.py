"""What the chain of history says of a journal: the one form that writing and proving share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from tenon.history.witnesses import Testimony, Witness, register
from tenon.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal

CHAIN = "ledger"
_AT_A_TIME = 500

Leg = tuple[str, str, str, str, int, str | None, str | None]
"""Sides and kinds of the accounts debited and credited, minor units, items."""


def chain_of(owner: tuple[str, str]) -> tuple[str, str]:
    """Return the chain of an owner's books."""
    return CHAIN, ":".join(owner)


def kind_of(journal: LedgerJournal) -> str:
    """Return what the chain calls a journal."""
    return "book" if journal.reversal_of_id is None else "reverse"


def facts_of(
    journal: LedgerJournal, *, reverses: str | None, currency: Sequence[str], legs: Iterable[Leg]
) -> Mapping[str, Any]:
    """Return the facts of a journal with all its entries; they hold no personal data."""
    return {
        "journal": journal.public_id,
        "what": journal.what,
        "about": [journal.about_kind, journal.about_id],
        "on": journal.booked_on.isoformat(),
        "key": journal.idempotency_key,
        "reverses": reverses,
        "currencies": list(currency),
        "entries": [list(leg) for leg in legs],
    }


def journals(session: Session) -> Iterator[Testimony]:
    """Yield what every journal would have its chain say."""
    reversed_ = aliased(LedgerJournal)
    wanted = (
        sa.select(LedgerJournal, reversed_.public_id)
        .outerjoin(reversed_, reversed_.id == LedgerJournal.reversal_of_id)
        .order_by(LedgerJournal.owner_kind, LedgerJournal.owner_id, LedgerJournal.sequence)
        .execution_options(yield_per=_AT_A_TIME)
    )
    for rows in session.execute(wanted).partitions():
        entries = _entries(session, [journal.id for journal, _ in rows])
        for journal, reverses in rows:
            currencies, legs = entries.get(journal.id, ([], []))
            yield Testimony(
                chain_id=chain_of((journal.owner_kind, journal.owner_id))[1],
                sequence=journal.sequence,
                kind=kind_of(journal),
                at=journal.at,
                facts=facts_of(journal, reverses=reverses, currency=currencies, legs=legs),
            )


def _entries(session: Session, keys: Sequence[int]) -> dict[int, tuple[list[str], list[Leg]]]:
    entry, debit, credit = LedgerEntry, aliased(LedgerAccount), aliased(LedgerAccount)
    rows = session.execute(
        sa.select(
            entry.journal_id,
            entry.currency,
            debit.side,
            debit.kind,
            credit.side,
            credit.kind,
            entry.minor,
            entry.debit_item,
            entry.credit_item,
        )
        .join(debit, debit.id == entry.debit_id)
        .join(credit, credit.id == entry.credit_id)
        .where(entry.journal_id.in_(keys))
        .order_by(entry.journal_id, entry.line)
    )
    found: dict[int, tuple[list[str], list[Leg]]] = {}
    for key, currency, side, kind, other_side, other_kind, minor, item, other_item in rows:
        currencies, legs = found.setdefault(key, ([], []))
        currencies.append(currency)
        legs.append((side, kind, other_side, other_kind, minor, item, other_item))
    return found


register(Witness(LedgerJournal.__tablename__, CHAIN, frozenset({"book", "reverse"}), journals))
