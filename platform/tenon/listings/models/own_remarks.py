"""A reviewer's own ready remarks: a sentence kept for the next listing that needs it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base, Key, Moment, PublicId, one_of

LONGEST_REMARK, MOST_REMARKS = 1_000, 60
REMARK_SIDES = ("both", "achievement", "need")


class OwnRemark(Base):
    """One ready remark of one person, for a kind of listing and the language of its author."""

    __tablename__ = "review_own_remarks"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    side: Mapped[str] = mapped_column(sa.String(12), default="both")
    language: Mapped[str] = mapped_column(sa.String(2))
    text: Mapped[str] = mapped_column(sa.Text)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Moment]

    __table_args__ = (
        one_of("side", REMARK_SIDES),
        one_of("language", ("zh", "en")),
        sa.Index("ix_review_own_remarks_user_id", "user_id", "language"),
    )
