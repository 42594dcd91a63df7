"""The table of history entries."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base, BigId, Code, Facts, Key, Moment


class HistoryEntry(Base):
    """One thing that happened to one thing.

    ``actor_id`` serves display and is emptied on erasure; the hash covers ``actor_digest``, a
    salted digest that means nothing once the person's salt is gone.
    """

    __tablename__ = "history_entries"

    id: Mapped[Key]
    chain_kind: Mapped[Code]
    chain_id: Mapped[str] = mapped_column(sa.String(40))
    sequence: Mapped[int]
    at: Mapped[Moment]
    kind: Mapped[Code]
    actor_id: Mapped[int | None] = mapped_column(BigId)
    actor_digest: Mapped[str] = mapped_column(sa.String(64))
    facts: Mapped[Facts]
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))

    __table_args__ = (
        sa.UniqueConstraint("chain_kind", "chain_id", "sequence"),
        sa.Index("ix_history_entries_actor_id", "actor_id"),
        # For figures: what happened to things of a kind in a period.
        sa.Index("ix_history_entries_kind_at", "chain_kind", "kind", "at", "chain_id", "sequence"),
    )
