"""Tables of the ledger: accounts, journals, entries. All three are only ever added to.

No code changes or deletes a row of them, and triggers (migration 0011) refuse both; whoever
rebuilds one of these tables in a later migration makes its triggers again.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.db import Base, BigId, Code, Key, Moment, PublicId, one_of
from tenon.ledger.kinds import KINDS, LONGEST_KEY

Currency = sa.String(3)
Item = sa.String(32)


class LedgerAccount(Base):
    """An account of one side of something, in one currency.

    ``owner_kind`` and ``owner_id`` say whose books it is in (``deal`` and its public id);
    ``side`` says which of its parties keeps these books: the one to whom money is due.
    """

    __tablename__ = "ledger_accounts"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_kind: Mapped[Code]
    owner_id: Mapped[str] = mapped_column(sa.String(32))
    side: Mapped[str] = mapped_column(sa.String(20))
    kind: Mapped[str] = mapped_column(sa.String(20))
    currency: Mapped[str] = mapped_column(Currency)

    __table_args__ = (
        one_of("kind", tuple(KINDS)),
        sa.CheckConstraint("length(currency) = 3", name="currency_code"),
        sa.UniqueConstraint(
            "owner_kind", "owner_id", "side", "kind", "currency", name="uq_ledger_accounts_place"
        ),
        # What entries refer to, so that none can lie between two currencies.
        sa.UniqueConstraint("id", "currency"),
    )


class LedgerJournal(Base):
    """Entries that were booked together in the books of one owner: something that happened, once.

    ``about_kind`` and ``about_id`` name what happened to (a payment, an obligation);
    ``idempotency_key`` makes a repetition find this journal; ``lines`` is how many entries it
    has, so that none can be added to it later. ``sequence`` is its place in the chain of history
    ``ledger/<owner kind>:<owner id>``, which proves all of it.
    """

    __tablename__ = "ledger_journals"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_kind: Mapped[Code]
    owner_id: Mapped[str] = mapped_column(sa.String(32))
    sequence: Mapped[int]
    what: Mapped[Code]
    about_kind: Mapped[Code]
    about_id: Mapped[str] = mapped_column(sa.String(32))
    at: Mapped[Moment]
    booked_on: Mapped[date]
    idempotency_key: Mapped[str] = mapped_column(sa.String(LONGEST_KEY), unique=True)
    lines: Mapped[int]
    reversal_of_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("ledger_journals.id"), unique=True
    )

    entries: Mapped[list[LedgerEntry]] = relationship(
        order_by="LedgerEntry.line",
        primaryjoin="foreign(LedgerEntry.journal_id) == LedgerJournal.id",
        viewonly=True,
    )

    __table_args__ = (
        sa.CheckConstraint("lines > 0", name="has_lines"),
        sa.CheckConstraint("reversal_of_id <> id", name="reverses_another"),
        sa.CheckConstraint("sequence > 0", name="counted_from_1"),
        sa.UniqueConstraint("id", "lines"),
        sa.UniqueConstraint(
            "owner_kind", "owner_id", "sequence", name="uq_ledger_journals_sequence"
        ),
        sa.Index("ix_ledger_journals_about", "about_kind", "about_id"),
    )


class LedgerEntry(Base):
    """An amount that goes from the account credited to the account debited.

    One row holds both legs, in one currency, so that what is debited equals what is credited
    whatever is written. ``debit_item`` and ``credit_item`` say which open item of the account
    the leg belongs to (the obligation, the payment).
    """

    __tablename__ = "ledger_entries"

    id: Mapped[Key]
    journal_id: Mapped[int] = mapped_column(BigId)
    lines: Mapped[int]
    line: Mapped[int]
    debit_id: Mapped[int] = mapped_column(BigId)
    credit_id: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str] = mapped_column(Currency)
    minor: Mapped[int] = mapped_column(BigId)
    debit_item: Mapped[str | None] = mapped_column(Item)
    credit_item: Mapped[str | None] = mapped_column(Item)

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["journal_id", "lines"],
            ["ledger_journals.id", "ledger_journals.lines"],
            name="fk_ledger_entries_journal",
        ),
        sa.ForeignKeyConstraint(
            ["debit_id", "currency"],
            ["ledger_accounts.id", "ledger_accounts.currency"],
            name="fk_ledger_entries_debit",
        ),
        sa.ForeignKeyConstraint(
            ["credit_id", "currency"],
            ["ledger_accounts.id", "ledger_accounts.currency"],
            name="fk_ledger_entries_credit",
        ),
        sa.CheckConstraint("minor > 0", name="positive"),
        sa.CheckConstraint("debit_id <> credit_id", name="two_accounts"),
        sa.CheckConstraint("line > 0 AND line <= lines", name="within_journal"),
        sa.UniqueConstraint("journal_id", "line", name="uq_ledger_entries_place"),
        sa.Index("ix_ledger_entries_debit", "debit_id", "debit_item"),
        sa.Index("ix_ledger_entries_credit", "credit_id", "credit_item"),
        sa.Index("ix_ledger_entries_debit_item", "debit_item"),
        sa.Index("ix_ledger_entries_credit_item", "credit_item"),
    )
