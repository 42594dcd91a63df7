"""Reads of the ledger: every figure is a sum over entries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from tenon.ledger.kinds import KINDS
from tenon.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal


@dataclass(frozen=True, slots=True)
class Balance:
    """What was debited and credited, in minor units of one currency."""

    debit: int = 0
    credit: int = 0

    @property
    def minor(self) -> int:
        """Debits less credits: positive where more was debited."""
        return self.debit - self.credit


@dataclass(frozen=True, slots=True)
class Place:
    """An account without its owner."""

    side: str
    kind: str
    currency: str


@dataclass(frozen=True, slots=True)
class Move:
    """What one entry took from another open item to an item; below zero where it went back.

    ``sequence`` is the journal's place in its owner's books, ``at`` when it was written.
    """

    sequence: int
    at: datetime
    item: str
    other: str
    minor: int


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One leg on an account.

    Attributes:
        booked_on, at, what, about: the journal's.
        journal: its public id.
        item: the open item that the leg belongs to.
        debit, credit: one of them is 0.
        balance: of the account after this line, debits less credits.
        other_kind: of the account on the other side.
        undone: the line was reversed, or is itself a reversal.
    """

    booked_on: date
    at: datetime
    what: str
    about: tuple[str, str]
    journal: str
    item: str | None
    debit: int
    credit: int
    balance: int
    other_kind: str
    undone: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """An account over a time: balance before it, its lines, balance after it."""

    opening: int
    lines: Sequence[StatementLine]
    closing: int


def grown(kind: str, balance: Balance) -> int:
    """Return a balance so that it is positive where an account of this kind grew."""
    return balance.minor if KINDS[kind] == "debit" else -balance.minor


def _legs() -> sa.Subquery:
    """Every entry as two rows: account, item, debit, credit, journal, entry, the other account."""
    entry, zero = LedgerEntry, sa.literal(0, sa.BigInteger)
    debits = sa.select(
        entry.debit_id.label("account_id"),
        entry.debit_item.label("item"),
        entry.minor.label("debit"),
        zero.label("credit"),
        entry.journal_id.label("journal_id"),
        entry.id.label("entry_id"),
        entry.credit_id.label("other_id"),
    )
    credits_ = sa.select(
        entry.credit_id,
        entry.credit_item,
        zero,
        entry.minor,
        entry.journal_id,
        entry.id,
        entry.debit_id,
    )
    return sa.union_all(debits, credits_).subquery("legs")


def balance(
    session: Session, account: LedgerAccount, *, on: date | None = None, item: str | None = None
) -> Balance:
    """Return what was debited to and credited to an account, up to and with the day ``on``.

    ``item`` leaves only the legs of one open item.
    """
    legs = _legs()
    wanted = sa.select(_sum(legs.c.debit), _sum(legs.c.credit)).where(
        legs.c.account_id == account.id
    )
    if item is not None:
        wanted = wanted.where(legs.c.item == item)
    row = session.execute(_up_to(wanted, legs, on)).one()
    return Balance(int(row[0]), int(row[1]))


def trial_balance(
    session: Session, *, owner: tuple[str, str], on: date | None = None
) -> Mapping[Place, Balance]:
    """Return the balance of each account of an owner that has entries.

    In every currency, debits and credits of all accounts together are equal.
    """
    legs, account = _legs(), LedgerAccount
    wanted = (
        sa.select(
            account.side,
            account.kind,
            account.currency,
            _sum(legs.c.debit),
            _sum(legs.c.credit),
        )
        .join(legs, legs.c.account_id == account.id)
        .where(account.owner_kind == owner[0], account.owner_id == owner[1])
        .group_by(account.id, account.side, account.kind, account.currency)
        .order_by(account.currency, account.side, account.kind)
    )
    return {
        Place(side, kind, currency): Balance(int(debit), int(credit))
        for side, kind, currency, debit, credit in session.execute(_up_to(wanted, legs, on))
    }


def item_flows(
    session: Session, items: Collection[str], *, on: date | None = None
) -> Mapping[str, Mapping[tuple[str, str], Balance]]:
    """Return open item -> (kind of its account, kind of the other account) -> its legs' balance.

    ``("receivable", "advance")`` of an obligation is what was paid on it. Items without entries
    are left out; an item has one currency, since its owner has.
    """
    legs, own, other = _legs(), LedgerAccount, aliased(LedgerAccount)
    found: dict[str, dict[tuple[str, str], Balance]] = {}
    unique = sorted(set(items))
    for start in range(0, len(unique), 500):
        wanted = (
            sa.select(legs.c.item, own.kind, other.kind, _sum(legs.c.debit), _sum(legs.c.credit))
            .join(own, own.id == legs.c.account_id)
            .join(other, other.id == legs.c.other_id)
            .where(legs.c.item.in_(unique[start : start + 500]))
            .group_by(legs.c.item, own.kind, other.kind)
        )
        for item, kind, other_kind, debit, credit in session.execute(_up_to(wanted, legs, on)):
            found.setdefault(item, {})[kind, other_kind] = Balance(int(debit), int(credit))
    return found


def item_balances(
    session: Session, items: Collection[str], *, on: date | None = None
) -> Mapping[str, Mapping[str, Balance]]:
    """Return open item -> kind of account -> balance of the item's legs there."""
    found: dict[str, dict[str, Balance]] = {}
    for item, flows in item_flows(session, items, on=on).items():
        for (kind, _), each in flows.items():
            so_far = found.setdefault(item, {}).get(kind, Balance())
            found[item][kind] = Balance(so_far.debit + each.debit, so_far.credit + each.credit)
    return found


def item_pairs(
    session: Session, items: Collection[str], *, kinds: tuple[str, str]
) -> Mapping[tuple[str, str], int]:
    """Return (item, other item) -> what went from the other's account to the item's, net.

    ``kinds`` are the kinds of the two accounts; ``items`` are sought on either side. With
    ``("advance", "receivable")``: (payment, obligation) -> what was matched.
    """
    entry, debit, credit = LedgerEntry, aliased(LedgerAccount), aliased(LedgerAccount)
    found: dict[tuple[str, str], int] = {}
    wanted = (
        sa.select(debit.kind, entry.debit_item, entry.credit_item, sa.func.sum(entry.minor))
        .join(debit, debit.id == entry.debit_id)
        .join(credit, credit.id == entry.credit_id)
        .where(
            sa.or_(
                sa.and_(debit.kind == kinds[0], credit.kind == kinds[1]),
                sa.and_(debit.kind == kinds[1], credit.kind == kinds[0]),
            ),
            sa.or_(entry.debit_item.in_(items), entry.credit_item.in_(items)),
        )
        .group_by(debit.kind, entry.debit_item, entry.credit_item)
    )
    for kind, debit_item, credit_item, minor in session.execute(wanted):
        forth = kind == kinds[0]
        own, other = (debit_item, credit_item) if forth else (credit_item, debit_item)
        pair = (own or "", other or "")
        found[pair] = found.get(pair, 0) + (int(minor) if forth else -int(minor))
    return {pair: minor for pair, minor in found.items() if minor}


def item_moves(
    session: Session, items: Collection[str], *, kinds: tuple[str, str]
) -> Sequence[Move]:
    """Return entry by entry what ``item_pairs`` sums up, oldest first."""
    entry, debit, credit = LedgerEntry, aliased(LedgerAccount), aliased(LedgerAccount)
    found = []
    unique = sorted(set(items))
    for start in range(0, len(unique), 500):
        some = unique[start : start + 500]
        wanted = (
            sa.select(LedgerJournal.sequence, LedgerJournal.at, debit.kind, entry)
            .join(LedgerJournal, LedgerJournal.id == entry.journal_id)
            .join(debit, debit.id == entry.debit_id)
            .join(credit, credit.id == entry.credit_id)
            .where(
                sa.or_(
                    sa.and_(debit.kind == kinds[0], credit.kind == kinds[1]),
                    sa.and_(debit.kind == kinds[1], credit.kind == kinds[0]),
                ),
                sa.or_(entry.debit_item.in_(some), entry.credit_item.in_(some)),
            )
        )
        for sequence, at, kind, row in session.execute(wanted):
            forth = kind == kinds[0]
            own, other = row.debit_item or "", row.credit_item or ""
            found.append(
                Move(sequence, at, own, other, row.minor)
                if forth
                else Move(sequence, at, other, own, -row.minor)
            )
    return sorted(found, key=lambda each: each.sequence)


def statement(
    session: Session,
    account: LedgerAccount,
    *,
    since: date | None = None,
    until: date | None = None,
    item: str | None = None,
) -> Statement:
    """Return an account's lines of a time (both days included), oldest first, with balances.

    ``item`` leaves only the lines of one open item, and balances are its own then.
    """
    legs, journal, other = _legs(), LedgerJournal, LedgerAccount
    reversal = aliased(LedgerJournal)
    wanted = (
        sa.select(journal, legs.c.item, legs.c.debit, legs.c.credit, other.kind, reversal.id)
        .select_from(legs)
        .join(journal, journal.id == legs.c.journal_id)
        .join(other, other.id == legs.c.other_id)
        .outerjoin(reversal, reversal.reversal_of_id == journal.id)
        .where(legs.c.account_id == account.id)
        .order_by(journal.booked_on, journal.id, legs.c.entry_id)
    )
    if item is not None:
        wanted = wanted.where(legs.c.item == item)
    if until is not None:
        wanted = wanted.where(journal.booked_on <= until)
    opening = running = 0
    lines = []
    for head, own, debit, credit, kind, undone_by in session.execute(wanted):
        running += debit - credit
        if since is not None and head.booked_on < since:
            opening = running
            continue
        lines.append(
            StatementLine(
                booked_on=head.booked_on,
                at=head.at,
                what=head.what,
                about=(head.about_kind, head.about_id),
                journal=head.public_id,
                item=own,
                debit=debit,
                credit=credit,
                balance=running,
                other_kind=kind,
                undone=undone_by is not None or head.reversal_of_id is not None,
            )
        )
    return Statement(opening, lines, running)


def owner_sums(session: Session, *, owner_kind: str) -> Mapping[tuple[str, str], int]:
    """Return (kind of account, currency) -> debits less credits over all owners of a kind."""
    legs, account = _legs(), LedgerAccount
    wanted = (
        sa.select(account.kind, account.currency, _sum(legs.c.debit), _sum(legs.c.credit))
        .join(legs, legs.c.account_id == account.id)
        .where(account.owner_kind == owner_kind)
        .group_by(account.kind, account.currency)
    )
    return {
        (kind, currency): int(debit) - int(credit)
        for kind, currency, debit, credit in session.execute(wanted)
    }


def journals_about(session: Session, about: tuple[str, str]) -> Sequence[LedgerJournal]:
    """Return the journals about one thing, oldest first."""
    return session.scalars(
        sa.select(LedgerJournal)
        .filter_by(about_kind=about[0], about_id=about[1])
        .order_by(LedgerJournal.id)
    ).all()


def reversed_ids(session: Session, journals: Collection[LedgerJournal]) -> frozenset[int]:
    """Return the keys of those journals that were reversed."""
    keys = [each.id for each in journals]
    return frozenset(
        each
        for each in session.scalars(
            sa.select(LedgerJournal.reversal_of_id).where(LedgerJournal.reversal_of_id.in_(keys))
        )
        if each is not None
    )


def _sum(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(column), 0)


def _up_to(wanted: Any, legs: sa.Subquery, on: date | None) -> Any:
    """Return a selection of legs, of whatever columns, cut to what was booked by a day."""
    if on is None:
        return wanted
    return wanted.join(LedgerJournal, LedgerJournal.id == legs.c.journal_id).where(
        LedgerJournal.booked_on <= on
    )
