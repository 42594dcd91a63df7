"""Tables of the ledger: entries that are only added, who may read them, disputes over them.

No code changes or deletes an entry, and triggers (migration 0005) refuse both; whoever rebuilds
that table in a later migration makes them again.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import Organisation, User
from tenon.credit.acts import CLAIMS
from tenon.credit.states import DISPUTE_STATES
from tenon.db import Base, Code, Key, Moment, OptionalCode, OptionalMoment, PublicId, one_of

SAYS = ("credit", "strike")


class CreditEntry(Base):
    """One line of the ledger: a person did an act to a thing, or an earlier line is struck.

    Whether a line stands is never written on it: it stands where it gives credit and no later
    line replaces it. ``sequence`` is its place in the chain of history ``credit/<kind>:<id>``;
    ``person_digest`` is what the chain covers, so that erasing the person (which empties their
    row of users) breaks nothing. ``generation`` counts a person's lines for one act on one thing:
    the next is open only once the one before was struck.
    """

    __tablename__ = "credit_entries"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    thing_kind: Mapped[Code]
    thing_id: Mapped[str] = mapped_column(sa.String(32))
    sequence: Mapped[int]
    says: Mapped[str] = mapped_column(sa.String(8))
    act: Mapped[Code]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    person_digest: Mapped[str] = mapped_column(sa.String(64))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    generation: Mapped[int] = mapped_column(default=1)
    origin_kind: Mapped[OptionalCode]
    origin_id: Mapped[str | None] = mapped_column(sa.String(32))
    replaces_id: Mapped[int | None] = mapped_column(sa.ForeignKey("credit_entries.id"), unique=True)
    at: Mapped[Moment]

    user: Mapped[User] = relationship()
    organisation: Mapped[Organisation | None] = relationship()

    __table_args__ = (
        one_of("says", SAYS),
        sa.CheckConstraint("sequence > 0 AND generation > 0", name="counted_from_1"),
        sa.CheckConstraint("says = 'credit' OR replaces_id IS NOT NULL", name="strikes_something"),
        sa.CheckConstraint("(origin_kind IS NULL) = (origin_id IS NULL)", name="origin_whole"),
        sa.UniqueConstraint("thing_kind", "thing_id", "sequence", name="uq_credit_entries_place"),
        sa.Index(
            "uq_credit_entries_standing",
            "thing_kind",
            "thing_id",
            "act",
            "user_id",
            "generation",
            unique=True,
            sqlite_where=sa.text("says = 'credit'"),
            postgresql_where=sa.text("says = 'credit'"),
        ),
        sa.Index("ix_credit_entries_user_id_at", "user_id", "at"),
        sa.Index("ix_credit_entries_at", "at", "user_id"),
    )


class CreditConcerned(Base):
    """An organisation whose members may read a thing's ledger."""

    __tablename__ = "credit_concerned"

    thing_kind: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    thing_id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        sa.ForeignKey("organisations.id"), primary_key=True
    )

    __table_args__ = (sa.Index("ix_credit_concerned_organisation_id", "organisation_id"),)


class CreditDispute(Base):
    """A person concerned says that an entry is wrong; an operator settles it with a reason.

    ``settled_at`` is when it ended, be it withdrawn; ``settlement`` is what the operator wrote.
    """

    __tablename__ = "credit_disputes"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("credit_entries.id"))
    state: Mapped[str] = mapped_column(sa.String(12), default="open")
    version: Mapped[int] = mapped_column(default=1)
    claim: Mapped[str] = mapped_column(sa.String(8))
    reason: Mapped[str] = mapped_column(sa.Text)
    raised_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    raised_for_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    raised_at: Mapped[Moment]
    settled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    settled_at: Mapped[OptionalMoment]
    settlement: Mapped[str | None] = mapped_column(sa.Text)

    entry: Mapped[CreditEntry] = relationship(lazy="joined")
    raised_by: Mapped[User] = relationship(foreign_keys=[raised_by_id])
    settled_by: Mapped[User | None] = relationship(foreign_keys=[settled_by_id])

    __table_args__ = (
        one_of("state", DISPUTE_STATES),
        one_of("claim", CLAIMS),
        sa.CheckConstraint(
            "state IN ('open', 'withdrawn') OR (settled_at IS NOT NULL AND settlement IS NOT NULL)",
            name="settled_with_reason",
        ),
        # One at a time: a second opinion is for the first dispute's page.
        sa.Index(
            "uq_credit_disputes_open",
            "entry_id",
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
        sa.Index("ix_credit_disputes_entry_id", "entry_id"),
        sa.Index("ix_credit_disputes_raised_by_id", "raised_by_id"),
        sa.Index("ix_credit_disputes_state_raised_at", "state", "raised_at"),
    )
