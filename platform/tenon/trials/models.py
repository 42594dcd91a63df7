"""Trials of pay-after-use deals, their readings and policies; deliveries of milestones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import (
    Base,
    BigId,
    ExactDecimal,
    Key,
    Moment,
    OptionalMoment,
    PublicId,
    one_of,
)
from tenon.deals.models import SIDES
from tenon.formulas.triggers import KINDS

OUTCOMES = ("accepted", "rejected", "converted")
READING_KINDS = ("metric", "sales")
DELIVERY_STATES = ("delivered", "accepted", "returned")


class Trial(Base):
    """The trial of one deal: from when until when, how often extended, what ended it.

    ``triggered_on`` and ``trigger`` say which trigger was met first, as the nightly watch found.
    ``learned_*`` is what the firm found out, for those who look after the result.
    """

    __tablename__ = "trials"

    id: Mapped[Key]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"), unique=True)
    started_on: Mapped[date]
    ends_on: Mapped[date]
    extensions: Mapped[int] = mapped_column(default=0)
    triggered_on: Mapped[date | None]
    trigger: Mapped[str | None] = mapped_column(sa.String(12))
    outcome: Mapped[str | None] = mapped_column(sa.String(12))
    ended_on: Mapped[date | None]
    learned: Mapped[str | None] = mapped_column(sa.Text)
    learned_at: Mapped[OptionalMoment]
    learned_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))

    __table_args__ = (
        one_of("trigger", KINDS),
        one_of("outcome", OUTCOMES),
        sa.CheckConstraint("ends_on >= started_on", name="ends_after_start"),
        sa.CheckConstraint("extensions >= 0", name="extensions_counted"),
        sa.CheckConstraint("(trigger IS NULL) = (triggered_on IS NULL)", name="trigger_whole"),
        sa.CheckConstraint("(outcome IS NULL) = (ended_on IS NULL)", name="outcome_whole"),
        sa.Index("ix_trials_outcome_ends_on", "outcome", "ends_on"),
        sa.Index("ix_trials_learned_by", "learned_by"),
    )


class TrialReading(Base):
    """What was measured or sold in a trial on a day.

    Sales count as the buyer reports them; a measured value counts once the other side has
    confirmed it. ``request_key`` comes with the form: a retried request notes once.
    """

    __tablename__ = "trial_readings"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    kind: Mapped[str] = mapped_column(sa.String(8))
    on: Mapped[date]
    value: Mapped[Decimal | None] = mapped_column(ExactDecimal(6))
    sold_minor: Mapped[int | None] = mapped_column(BigId)
    currency: Mapped[str | None] = mapped_column(sa.String(3))
    note: Mapped[str | None] = mapped_column(sa.String(500))
    side: Mapped[str] = mapped_column(sa.String(8))
    reported_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    reported_at: Mapped[Moment]
    confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    confirmed_at: Mapped[OptionalMoment]
    request_key: Mapped[str | None] = mapped_column(sa.String(40), unique=True)

    __table_args__ = (
        one_of("kind", READING_KINDS),
        one_of("side", SIDES),
        sa.CheckConstraint("(kind = 'metric') = (value IS NOT NULL)", name="metric_has_value"),
        sa.CheckConstraint("(kind = 'sales') = (sold_minor IS NOT NULL)", name="sales_have_sum"),
        sa.CheckConstraint("sold_minor >= 0", name="sold_not_negative"),
        sa.Index("ix_trial_readings_deal_id", "deal_id", "on"),
        sa.Index("ix_trial_readings_reported_by", "reported_by"),
        sa.Index("ix_trial_readings_confirmed_by", "confirmed_by"),
    )


class TrialPolicy(Base):
    """The insurance of a trial: who insures, under which number, for how much, until when."""

    __tablename__ = "trial_policies"

    id: Mapped[Key]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"), unique=True)
    insurer: Mapped[str] = mapped_column(sa.String(200))
    number: Mapped[str] = mapped_column(sa.String(80))
    sum_minor: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str] = mapped_column(sa.String(3))
    begins_on: Mapped[date]
    ends_on: Mapped[date]
    side: Mapped[str] = mapped_column(sa.String(8))
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    recorded_at: Mapped[Moment]

    __table_args__ = (
        one_of("side", SIDES),
        sa.CheckConstraint("sum_minor > 0", name="sum_positive"),
        sa.CheckConstraint("ends_on >= begins_on", name="ends_after_beginning"),
        sa.Index("ix_trial_policies_recorded_by", "recorded_by"),
    )


class Delivery(Base):
    """One delivery of a milestone, and its answer; a returned one is followed by another."""

    __tablename__ = "milestone_deliveries"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    milestone: Mapped[int]
    attempt: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(12), default="delivered")
    note: Mapped[str | None] = mapped_column(sa.Text)
    delivered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    delivered_at: Mapped[Moment]
    answer: Mapped[str | None] = mapped_column(sa.Text)
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    answered_at: Mapped[OptionalMoment]

    __table_args__ = (
        one_of("state", DELIVERY_STATES),
        sa.UniqueConstraint("deal_id", "milestone", "attempt"),
        sa.Index(
            "uq_milestone_deliveries_live",
            "deal_id",
            "milestone",
            unique=True,
            postgresql_where=sa.text("state IN ('delivered', 'accepted')"),
            sqlite_where=sa.text("state IN ('delivered', 'accepted')"),
        ),
        sa.CheckConstraint("(state = 'delivered') = (answered_at IS NULL)", name="answered_whole"),
        sa.Index("ix_milestone_deliveries_delivered_by", "delivered_by"),
        sa.Index("ix_milestone_deliveries_answered_by", "answered_by"),
    )
