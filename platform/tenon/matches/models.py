"""What was shown of matches, what people did with them, and what was learned from that."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base, BigId, Facts, Key, Moment, OptionalMoment, PublicId, one_of

FEEDBACK_KINDS = ("interested", "declined")
OUTCOME_KINDS = ("introduced", "met", "signed", "paid")
"""What comes of a match later, in order; each says more of it than the one before."""

BANDS = ("strong", "good", "possible", "weak")
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


class MatchOutcome(Base):
    """What came of a pair later: written by the room in which it happened, once.

    ``origin_kind`` and ``origin_id`` name what it happened in (an introduction, a meeting, a
    deal). ``own`` rows, of two houses in one hand, are kept and not learned from.
    """

    __tablename__ = "match_outcomes"

    id: Mapped[Key]
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"))
    achievement_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(sa.String(20))
    origin_kind: Mapped[str] = mapped_column(sa.String(20))
    origin_id: Mapped[int] = mapped_column(BigId)
    own: Mapped[bool] = mapped_column(default=False)
    at: Mapped[Moment]

    __table_args__ = (
        one_of("kind", OUTCOME_KINDS),
        sa.UniqueConstraint(
            "need_id",
            "achievement_id",
            "kind",
            "origin_kind",
            "origin_id",
            name="uq_match_outcomes_once",
        ),
        sa.Index("ix_match_outcomes_achievement_id", "achievement_id"),
    )


class MatchImpression(Base):
    """A counterpart as somebody who may speak for an organisation saw it; once a day at most.

    ``side`` is the side that asked; ``position`` is where it stood on the page and ``place``
    where the ranking had put it, both from 1. ``seen`` is what the ranking saw: the relevance
    and the features, rounded. ``ranking`` is the learned version that ordered the page, 0 for
    the shipped weights. Nothing here tells of a person.
    """

    __tablename__ = "match_impressions"

    id: Mapped[Key]
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"))
    achievement_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    side: Mapped[str] = mapped_column(sa.String(12))
    day: Mapped[int]
    position: Mapped[int]
    place: Mapped[int]
    band: Mapped[str] = mapped_column(sa.String(10))
    seen: Mapped[Facts]
    ranking: Mapped[int]
    explored: Mapped[bool] = mapped_column(default=False)
    page: Mapped[str] = mapped_column(sa.String(20), default="matches")
    at: Mapped[Moment]

    __table_args__ = (
        one_of("side", ("achievement", "need")),
        one_of("band", BANDS),
        sa.CheckConstraint("position > 0 AND place > 0", name="places_from_1"),
        sa.UniqueConstraint(
            "need_id",
            "achievement_id",
            "organisation_id",
            "day",
            name="uq_match_impressions_once_a_day",
        ),
        sa.Index("ix_match_impressions_achievement_id", "achievement_id"),
        sa.Index("ix_match_impressions_day", "day"),
    )


class RankingVersion(Base):
    """Weights learned from use; while none runs, the shipped weights do.

    ``number`` names it in impressions; ``base`` are the shipped weights that it belongs to;
    ``version`` counts its moves.
    """

    __tablename__ = "ranking_versions"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    number: Mapped[int] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(sa.String(12), default="candidate")
    version: Mapped[int] = mapped_column(default=1)
    weights: Mapped[Facts]
    base: Mapped[str] = mapped_column(sa.String(16))
    figures: Mapped[Facts]
    made_at: Mapped[Moment]
    made_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    running_since: Mapped[OptionalMoment]

    __table_args__ = (
        one_of("state", ("candidate", "running", "retired")),
        sa.CheckConstraint("number > 0", name="number_from_1"),
        sa.Index(
            "uq_ranking_versions_running",
            "state",
            unique=True,
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        ),
        sa.Index("ix_ranking_versions_made_by_id", "made_by_id"),
    )
