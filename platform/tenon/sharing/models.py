"""Distributions of a deal's income, their costs, contributors' shares, objections to them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.db import (
    Base,
    BigId,
    ExactDecimal,
    Facts,
    Key,
    Moment,
    OptionalMoment,
    PublicId,
    one_of,
)
from tenon.deals.models import Deal
from tenon.formulas.sharing import COST_KINDS
from tenon.sharing.states import LIVE_STATES, SETTLED_STATES, STATES

DIGITS = 4
"""Digits of a percentage after the point."""
SHARE_STATES = ("waiting", "confirmed", "disputed")
Percent = ExactDecimal(DIGITS)


def _listed(states: tuple[str, ...]) -> str:
    return ", ".join(f"'{state}'" for state in states)


class Distribution(Base):
    """How what a deal brought in up to a day is shared; one at a time for a deal and currency.

    Sums are integer minor units of ``currency``, worked out when it is proposed: ``income_minor``
    is what was received up to ``through_on`` and not shared before, ``costs_minor`` the direct
    costs, ``net_minor`` the rest, ``pot_minor`` the contributors' part of it. ``basis`` holds the
    rules as they stood then, each with value and source. ``pilot`` says that the institution is a
    pilot unit, for which a rule of its own may hold.
    """

    __tablename__ = "income_distributions"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(12), default="draft")
    version: Mapped[int] = mapped_column(default=1)
    live_key: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
    currency: Mapped[str] = mapped_column(sa.String(3))
    through_on: Mapped[date]
    pilot: Mapped[bool] = mapped_column(default=False)
    percent: Mapped[Decimal] = mapped_column(Percent)
    note: Mapped[str | None] = mapped_column(sa.Text)
    income_minor: Mapped[int | None] = mapped_column(BigId)
    costs_minor: Mapped[int | None] = mapped_column(BigId)
    net_minor: Mapped[int | None] = mapped_column(BigId)
    pot_minor: Mapped[int | None] = mapped_column(BigId)
    basis: Mapped[Facts] = mapped_column(default=dict)
    proposed_at: Mapped[OptionalMoment]
    proposed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    confirmed_at: Mapped[OptionalMoment]
    publicised_at: Mapped[OptionalMoment]
    publicity_ends_on: Mapped[date | None]
    approved_at: Mapped[OptionalMoment]
    approved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    paid_on: Mapped[date | None]
    created_at: Mapped[Moment]
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))

    deal: Mapped[Deal] = relationship()
    costs: Mapped[list[IncomeCost]] = relationship(
        order_by="IncomeCost.id", cascade="all, delete-orphan"
    )
    shares: Mapped[list[IncomeShare]] = relationship(
        order_by="IncomeShare.position", cascade="all, delete-orphan", back_populates="distribution"
    )
    objections: Mapped[list[IncomeObjection]] = relationship(order_by="IncomeObjection.id")

    __table_args__ = (
        one_of("state", STATES),
        sa.UniqueConstraint("deal_id", "number"),
        sa.CheckConstraint(
            f"(live_key IS NOT NULL) = (state IN ({_listed(LIVE_STATES)}))",
            name="live_key_while_live",
        ),
        sa.CheckConstraint(
            f"state NOT IN ({_listed(SETTLED_STATES)}) OR pot_minor IS NOT NULL", name="settled"
        ),
        sa.CheckConstraint(
            "net_minor = income_minor - costs_minor AND pot_minor BETWEEN 0 AND net_minor",
            name="adds_up",
        ),
        sa.CheckConstraint("percent BETWEEN 0 AND 1000000", name="percent_in_range"),
        sa.CheckConstraint("state <> 'paid' OR paid_on IS NOT NULL", name="paid_has_day"),
        sa.Index("ix_income_distributions_state", "state", "publicity_ends_on"),
        sa.Index("ix_income_distributions_proposed_by", "proposed_by"),
        sa.Index("ix_income_distributions_approved_by", "approved_by"),
        sa.Index("ix_income_distributions_created_by", "created_by"),
    )

    @property
    def institution_minor(self) -> int | None:
        """What stays with the institution; None before the sums are worked out."""
        if self.net_minor is None or self.pot_minor is None:
            return None
        return self.net_minor - self.pot_minor


class IncomeCost(Base):
    """A cost that belongs directly to the deal, with its receipt."""

    __tablename__ = "income_costs"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    distribution_id: Mapped[int] = mapped_column(sa.ForeignKey("income_distributions.id"))
    kind: Mapped[str] = mapped_column(sa.String(20))
    minor: Mapped[int] = mapped_column(sa.BigInteger)
    note: Mapped[str | None] = mapped_column(sa.String(300))
    receipt_name: Mapped[str] = mapped_column(sa.String(200))
    receipt_type: Mapped[str] = mapped_column(sa.String(100))
    receipt_sha256: Mapped[str] = mapped_column(sa.String(64))
    added_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    added_at: Mapped[Moment]

    __table_args__ = (
        one_of("kind", COST_KINDS),
        sa.CheckConstraint("minor > 0", name="positive"),
        sa.Index("ix_income_costs_distribution_id", "distribution_id"),
        sa.Index("ix_income_costs_added_by", "added_by"),
    )


class IncomeShare(Base):
    """What one contributor gets of a distribution.

    ``user_id`` where the person has an account and confirms here; everybody else signs a paper,
    which an administrator confirms. ``percent`` is of the pot, ``minor`` the amount that it comes
    to. ``main`` marks a main contributor.
    """

    __tablename__ = "income_shares"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    distribution_id: Mapped[int] = mapped_column(sa.ForeignKey("income_distributions.id"))
    position: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(sa.String(120))
    percent: Mapped[Decimal] = mapped_column(Percent)
    main: Mapped[bool] = mapped_column(default=False)
    minor: Mapped[int | None] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(sa.String(12), default="waiting")
    answered_at: Mapped[OptionalMoment]
    words: Mapped[str | None] = mapped_column(sa.Text)
    paper_name: Mapped[str | None] = mapped_column(sa.String(200))
    paper_type: Mapped[str | None] = mapped_column(sa.String(100))
    paper_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    paper_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))

    distribution: Mapped[Distribution] = relationship(back_populates="shares")

    __table_args__ = (
        one_of("state", SHARE_STATES),
        sa.UniqueConstraint("distribution_id", "user_id"),
        sa.CheckConstraint("percent BETWEEN 0 AND 1000000", name="percent_in_range"),
        sa.CheckConstraint("minor >= 0", name="not_negative"),
        sa.CheckConstraint("state = 'waiting' OR answered_at IS NOT NULL", name="answered"),
        sa.Index("ix_income_shares_user_id", "user_id", "state"),
        sa.Index("ix_income_shares_paper_by", "paper_by"),
    )


class IncomeObjection(Base):
    """What a member of the institution said against a distribution while it was public there."""

    __tablename__ = "income_objections"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    distribution_id: Mapped[int] = mapped_column(sa.ForeignKey("income_distributions.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[Moment]
    answer: Mapped[str | None] = mapped_column(sa.Text)
    answered_at: Mapped[OptionalMoment]
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))

    __table_args__ = (
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answer_whole"),
        sa.Index("ix_income_objections_distribution_id", "distribution_id"),
        sa.Index("ix_income_objections_user_id", "user_id"),
        sa.Index("ix_income_objections_answered_by", "answered_by"),
    )
