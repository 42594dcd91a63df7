"""A text that somebody pasted before signing in; it waits for a day to become a draft.

Kept here and not in the cookie, which holds too little for a paragraph of Chinese.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base, Key, Moment, PublicId, one_of


class HeldText(Base):
    """The text and the side it is meant for; the cookie knows its public id."""

    __tablename__ = "held_texts"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    side: Mapped[str] = mapped_column(sa.String(12))
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[Moment]

    __table_args__ = (
        one_of("side", ("achievement", "need")),
        sa.Index("ix_held_texts_at", "at"),
    )
