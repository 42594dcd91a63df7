"""Tables of the outbox: messages, pauses, and the leases that make a process the only one."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base, Code, Facts, Key, Moment, OptionalMoment


class OutboxMessage(Base):
    """One piece of work that follows a committed change.

    ``key`` makes a message unique where the same work must not be queued twice (a periodic job's
    turn). ``available_at`` moves into the future on every failure. ``claims`` counts how often the
    dispatcher took it up, ``attempts`` how often somebody began the work.
    """

    __tablename__ = "outbox_messages"

    id: Mapped[Key]
    topic: Mapped[Code]
    payload: Mapped[Facts]
    key: Mapped[str | None] = mapped_column(sa.String(120), unique=True)
    created_at: Mapped[Moment]
    available_at: Mapped[Moment]
    claims: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    leased_by: Mapped[str | None] = mapped_column(sa.String(80))
    leased_until: Mapped[OptionalMoment]
    started_at: Mapped[OptionalMoment]
    done_at: Mapped[OptionalMoment]
    failed_at: Mapped[OptionalMoment]
    error: Mapped[str | None] = mapped_column(sa.Text)

    __table_args__ = (
        sa.Index(
            "ix_outbox_messages_due",
            "available_at",
            postgresql_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
            sqlite_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
        ),
        sa.Index("ix_outbox_messages_done_at", "done_at"),
    )


class OutboxPause(Base):
    """A topic that waits as a whole, since what its work needs is away (a mail server, say).

    ``tries`` counts how often it was still away; the row goes with the first piece of work that
    gets through.
    """

    __tablename__ = "outbox_pauses"

    topic: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    since: Mapped[Moment]
    until: Mapped[Moment]
    tries: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(sa.String(300))


class ProcessLease(Base):
    """Who is the one process that plays a part; taken over when it falls silent."""

    __tablename__ = "process_leases"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    owner: Mapped[str] = mapped_column(sa.String(80))
    heartbeat_at: Mapped[Moment]
    until: Mapped[Moment]
