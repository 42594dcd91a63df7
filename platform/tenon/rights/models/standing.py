"""What stands in the way of dealing in an IP right: annuities, pledges, suspension, reports."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base, BigId, Key, Moment, PublicId, one_of

CONDITIONS = ("suspended", "evaluation_report", "invalidation")


class Annuity(Base):
    """One year's fee of a patent: when due, when paid (None: not paid)."""

    __tablename__ = "rights_annuities"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    ip_right_id: Mapped[int] = mapped_column(sa.ForeignKey("ip_rights.id"))
    year: Mapped[int]
    due_on: Mapped[date]
    paid_on: Mapped[date | None]
    recorded_by: Mapped[int | None] = mapped_column(BigId)
    recorded_at: Mapped[Moment]

    __table_args__ = (
        sa.CheckConstraint("year BETWEEN 1 AND 25", name="year_scale"),
        sa.UniqueConstraint("ip_right_id", "year"),
    )


class Pledge(Base):
    """A pledge of the right, and whether the pledgee lets it be licensed or assigned."""

    __tablename__ = "rights_pledges"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    ip_right_id: Mapped[int] = mapped_column(sa.ForeignKey("ip_rights.id"))
    pledgee: Mapped[str] = mapped_column(sa.String(200))
    since: Mapped[date]
    until: Mapped[date | None]
    consent: Mapped[bool] = mapped_column(default=False)
    recorded_by: Mapped[int | None] = mapped_column(BigId)
    recorded_at: Mapped[Moment]

    __table_args__ = (
        sa.CheckConstraint("until >= since", name="in_order"),
        sa.Index("ix_rights_pledges_ip_right_id", "ip_right_id"),
    )


class Condition(Base):
    """A suspension, an evaluation report, an action for invalidation: since when, until when.

    ``reference`` is the number of the decision or report.
    """

    __tablename__ = "rights_conditions"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    ip_right_id: Mapped[int] = mapped_column(sa.ForeignKey("ip_rights.id"))
    kind: Mapped[str] = mapped_column(sa.String(20))
    reference: Mapped[str] = mapped_column(sa.String(200), default="")
    since: Mapped[date]
    until: Mapped[date | None]
    recorded_by: Mapped[int | None] = mapped_column(BigId)
    recorded_at: Mapped[Moment]

    __table_args__ = (
        one_of("kind", CONDITIONS),
        sa.CheckConstraint("until >= since", name="in_order"),
        sa.Index("ix_rights_conditions_ip_right_id", "ip_right_id"),
    )
