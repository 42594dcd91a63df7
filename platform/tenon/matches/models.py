"""What people did with a match, and what the index holds."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base, BigId, Key, Moment, one_of

FEEDBACK_KINDS = ("interested", "declined")
DECLINE_REASONS = (
    "too_early",
    "no_clear_benefit",
    "route_unclear",
    "description_unclear",
    "scientific_doubt",
    "other",
)


class MatchFeedback(Base):
    """What an organisation said of one pair; the ranker learns from these rows.

    ``side`` is the side that spoke. One organisation has one live word on a pair; a later one
    replaces it.
    """

    __tablename__ = "match_feedback"

    id: Mapped[Key]
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"))
    achievement_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"))
    side: Mapped[str] = mapped_column(sa.String(12))
    kind: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str | None] = mapped_column(sa.String(40))
    remark: Mapped[str | None] = mapped_column(sa.Text)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    own: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int | None]
    origin_kind: Mapped[str] = mapped_column(sa.String(20), default="match")
    origin_id: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[Moment]

    __table_args__ = (
        one_of("side", ("achievement", "need")),
        one_of("kind", FEEDBACK_KINDS),
        one_of("reason", DECLINE_REASONS),
        sa.CheckConstraint(
            "(kind = 'declined') = (reason IS NOT NULL)", name="declined_has_reason"
        ),
        sa.UniqueConstraint("need_id", "achievement_id", "organisation_id"),
        sa.Index("ix_match_feedback_achievement_id", "achievement_id"),
        sa.Index("ix_match_feedback_user_id", "user_id"),
    )
