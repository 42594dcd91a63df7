"""Approval chains of organisations, and a deal's own copy of them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import User
from tenon.db import Base, BigId, Key, Moment, OptionalMoment, PublicId, one_of
from tenon.deals.models import SIDES, Deal

CHAIN_ROLES = ("editor", "administrator")
APPROVAL_STATES = ("waiting", "approved", "returned", "void")


class ChainStep(Base):
    """One step of an organisation's chain: who approves, from which amount on.

    Either a role of the organisation or a person of it. ``from_minor`` is a contract value in
    ``currency``; a deal in another currency, or without a value, passes the step in any case:
    amounts of different currencies are not compared.
    """

    __tablename__ = "compliance_chain_steps"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    position: Mapped[int]
    name_zh: Mapped[str] = mapped_column(sa.String(120))
    name_en: Mapped[str] = mapped_column(sa.String(120))
    role: Mapped[str | None] = mapped_column(sa.String(20))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    from_minor: Mapped[int | None] = mapped_column(BigId)
    currency: Mapped[str] = mapped_column(sa.String(3), default="CNY")

    user: Mapped[User | None] = relationship(lazy="joined")

    __table_args__ = (
        one_of("role", CHAIN_ROLES),
        sa.UniqueConstraint("organisation_id", "position"),
        sa.CheckConstraint("(role IS NULL) <> (user_id IS NULL)", name="role_or_person"),
        sa.CheckConstraint("from_minor >= 0", name="threshold_not_negative"),
        sa.Index("ix_compliance_chain_steps_user_id", "user_id"),
    )


class Approval(Base):
    """A step of a side's chain in a deal, for one version of its terms.

    ``by_acceptance``: the side has no chain, and its administrator approved by proposing or
    accepting the terms.
    """

    __tablename__ = "compliance_approvals"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("deal_term_versions.id"))
    side: Mapped[str] = mapped_column(sa.String(8))
    position: Mapped[int]
    name_zh: Mapped[str] = mapped_column(sa.String(120))
    name_en: Mapped[str] = mapped_column(sa.String(120))
    role: Mapped[str | None] = mapped_column(sa.String(20))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    by_acceptance: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(sa.String(12), default="waiting")
    remark: Mapped[str | None] = mapped_column(sa.Text)
    asked_at: Mapped[Moment]
    reminded_at: Mapped[OptionalMoment]
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    decided_at: Mapped[OptionalMoment]

    deal: Mapped[Deal] = relationship(lazy="select")
    user: Mapped[User | None] = relationship(foreign_keys=[user_id], lazy="select")

    __table_args__ = (
        one_of("side", SIDES),
        one_of("role", CHAIN_ROLES),
        one_of("state", APPROVAL_STATES),
        sa.UniqueConstraint("version_id", "side", "position"),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'returned') OR decided_at IS NOT NULL",
            name="decision_has_day",
        ),
        sa.CheckConstraint("state <> 'returned' OR remark IS NOT NULL", name="return_has_remark"),
        sa.Index("ix_compliance_approvals_deal_id", "deal_id", "id"),
        sa.Index("ix_compliance_approvals_user_id", "user_id", "state"),
        sa.Index("ix_compliance_approvals_state", "state", "asked_at"),
        sa.Index("ix_compliance_approvals_decided_by", "decided_by"),
    )
