"""Verbs of the ledger: open an account, book, reverse. Never commits, never changes a row.

Each journal also stands, with all its entries, in a chain of history of its owner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.errors import Conflict, Invalid
from tenon.history.services import lock, record
from tenon.ledger import proof
from tenon.ledger.kinds import KINDS, LONGEST_KEY
from tenon.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal

LARGEST = 2**62  # minor units of one entry; sums stay within 64 bits for any deal


@dataclass(frozen=True, slots=True)
class Transfer:
    """An amount from the account credited to the account debited.

    Attributes:
        debit, credit: two accounts of one currency.
        minor: minor units, above zero.
        debit_item, credit_item: open items (public ids) that the two legs belong to.
    """

    debit: LedgerAccount
    credit: LedgerAccount
    minor: int
    debit_item: str | None = None
    credit_item: str | None = None


def open_account(
    session: Session, *, owner: tuple[str, str], side: str, kind: str, currency: str
) -> LedgerAccount:
    """Return the account of this place, made where there is none yet.

    Of two who ask at once both get the same one. Raises Invalid for an unknown kind.
    """
    if kind not in KINDS:
        raise Invalid({"kind": "unknown_code"})
    place = {
        "owner_kind": owner[0],
        "owner_id": owner[1],
        "side": side,
        "kind": kind,
        "currency": currency,
    }
    known = sa.select(LedgerAccount).filter_by(**place)
    found = session.scalars(known).one_or_none()
    if found is None:
        _insert_unless_there(session, LedgerAccount, place)
        found = session.scalars(known).one()
    return found


def book(
    session: Session,
    *,
    what: str,
    about: tuple[str, str],
    transfers: Sequence[Transfer],
    key: str,
    at: datetime,
    booked_on: date,
) -> LedgerJournal:
    """Book transfers together, once for every key.

    The same key again, with the same transfers, books nothing and returns the journal that is
    there; of two at once the second waits for the first.

    Args:
        session: the change's own.
        what: code of what happened.
        about: (kind, public id) of what it happened to.
        transfers: at least one.
        key: idempotency key, at most 120 characters; the same for a repetition.
        at: the moment of booking.
        booked_on: the day that it counts for.

    Raises:
        Invalid: no transfer, one that is not above zero, two currencies in one, accounts of
            several owners, a long key.
        Conflict: ``key_reused`` where the key stands for something else.
    """
    _check(transfers, key)
    return _write(
        session,
        {"what": what, "about_kind": about[0], "about_id": about[1], "reversal_of_id": None},
        transfers,
        key=key,
        at=at,
        booked_on=booked_on,
    )


def reverse(
    session: Session,
    journal: LedgerJournal,
    *,
    what: str = "reversal",
    key: str,
    at: datetime,
    booked_on: date,
) -> LedgerJournal:
    """Undo a journal by its mirror image, the only way to correct one.

    Raises Conflict ``already_reversed`` where that was done under another key, Invalid for a
    journal that is itself a reversal: what it undid is booked anew.
    """
    if journal.reversal_of_id is not None:
        raise Invalid({"journal": "is_reversal"})
    entries = session.scalars(
        sa.select(LedgerEntry).filter_by(journal_id=journal.id).order_by(LedgerEntry.line)
    ).all()
    mirrored = [
        Transfer(
            session.get_one(LedgerAccount, each.credit_id),
            session.get_one(LedgerAccount, each.debit_id),
            each.minor,
            debit_item=each.credit_item,
            credit_item=each.debit_item,
        )
        for each in entries
    ]
    _check(mirrored, key)
    earlier = session.scalars(
        sa.select(LedgerJournal).filter_by(reversal_of_id=journal.id)
    ).one_or_none()
    if earlier is not None and earlier.idempotency_key != key:
        raise Conflict("already_reversed", kind="ledger_journal")
    head = {
        "what": what,
        "about_kind": journal.about_kind,
        "about_id": journal.about_id,
        "reversal_of_id": journal.id,
    }
    return _write(session, head, mirrored, key=key, at=at, booked_on=booked_on)


def _check(transfers: Sequence[Transfer], key: str) -> None:
    if not transfers:
        raise Invalid({"transfers": "required"})
    if not 0 < len(key) <= LONGEST_KEY:
        raise Invalid({"key": "too_long" if key else "required"})
    for each in transfers:
        if not 0 < each.minor < LARGEST:
            raise Invalid({"amount": "out_of_range"})
        if each.debit.currency != each.credit.currency:
            raise Invalid({"currency": "mixed_currencies"})
        if each.debit.id == each.credit.id:
            raise Invalid({"transfers": "one_account"})


def _write(
    session: Session,
    head: dict[str, Any],
    transfers: Sequence[Transfer],
    *,
    key: str,
    at: datetime,
    booked_on: date,
) -> LedgerJournal:
    owner = _owner(transfers)
    lock(session, proof.chain_of(owner))
    values = head | {
        "owner_kind": owner[0],
        "owner_id": owner[1],
        "sequence": _next_in(session, owner),
        "at": at,
        "booked_on": booked_on,
        "idempotency_key": key,
        "lines": len(transfers),
    }
    made = _insert_unless_there(session, LedgerJournal, values)
    journal = session.scalars(sa.select(LedgerJournal).filter_by(idempotency_key=key)).one_or_none()
    if journal is None:  # not the key, but the reversal, is taken
        raise Conflict("already_reversed", kind="ledger_journal")
    if not made:
        _must_be_the_same(session, journal, head, transfers)
        return journal
    rows = [
        {
            "journal_id": journal.id,
            "lines": len(transfers),
            "line": line,
            "debit_id": each.debit.id,
            "credit_id": each.credit.id,
            "currency": each.debit.currency,
            "minor": each.minor,
            "debit_item": each.debit_item,
            "credit_item": each.credit_item,
        }
        for line, each in enumerate(transfers, 1)
    ]
    session.execute(sa.insert(LedgerEntry), rows)
    _prove(session, journal, transfers)
    return journal


def _owner(transfers: Sequence[Transfer]) -> tuple[str, str]:
    """Return whose books these are; raises Invalid where they are several owners'."""
    owners = {
        (account.owner_kind, account.owner_id)
        for each in transfers
        for account in (each.debit, each.credit)
    }
    if len(owners) > 1:
        raise Invalid({"transfers": "mixed_owners"})
    return owners.pop()


def _next_in(session: Session, owner: tuple[str, str]) -> int:
    last = session.scalar(
        sa.select(sa.func.max(LedgerJournal.sequence)).filter_by(
            owner_kind=owner[0], owner_id=owner[1]
        )
    )
    return 1 + (last or 0)


def _prove(session: Session, journal: LedgerJournal, transfers: Sequence[Transfer]) -> None:
    """Write the journal with its entries to the chain of its owner's books."""
    reverses = None
    if journal.reversal_of_id is not None:
        reverses = session.get_one(LedgerJournal, journal.reversal_of_id).public_id
    facts = proof.facts_of(
        journal,
        reverses=reverses,
        currency=[each.debit.currency for each in transfers],
        legs=[
            (
                each.debit.side,
                each.debit.kind,
                each.credit.side,
                each.credit.kind,
                each.minor,
                each.debit_item,
                each.credit_item,
            )
            for each in transfers
        ],
    )
    record(
        session,
        chain=proof.chain_of((journal.owner_kind, journal.owner_id)),
        kind=proof.kind_of(journal),
        by=SYSTEM,
        now=journal.at,
        facts=facts,
    )


def _must_be_the_same(
    session: Session, journal: LedgerJournal, head: dict[str, Any], transfers: Sequence[Transfer]
) -> None:
    columns = ("debit_id", "credit_id", "minor", "debit_item", "credit_item")
    there = session.execute(
        sa.select(*(getattr(LedgerEntry, name) for name in columns))
        .filter_by(journal_id=journal.id)
        .order_by(LedgerEntry.line)
    ).all()
    asked = [
        (each.debit.id, each.credit.id, each.minor, each.debit_item, each.credit_item)
        for each in transfers
    ]
    same_head = all(getattr(journal, name) == value for name, value in head.items())
    if not same_head or [tuple(row) for row in there] != asked:
        raise Conflict("key_reused", kind="ledger_journal")


def _insert_unless_there(session: Session, model: type[Any], values: dict[str, Any]) -> bool:
    """Insert a row unless a unique value of it is taken; return whether it was inserted.

    A second transaction with the same values waits for the first to end.
    """
    session.flush()
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    result = session.execute(
        insert(model).values(**values).on_conflict_do_nothing().returning(model.id)
    )
    return result.first() is not None
