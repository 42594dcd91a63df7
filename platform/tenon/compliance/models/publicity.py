"""Publicity of a price that was agreed, objections to it, and how often it was opened."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.db import Base, Facts, Key, Moment, OptionalMoment, PublicId, one_of
from tenon.deals.models import Deal

PUBLICITY_STATES = ("running", "stopped")
OBJECTION_STATES = ("open", "upheld", "rejected", "withdrawn")


class Publicity(Base):
    """What is published of a deal, frozen and hashed when it starts; it runs to the end of a day.

    ``body`` is what the page says (name, summary, mode, price, contributors and their relation to
    the buyer, procedure); ``sha256`` is over its canonical JSON. ``days`` is the rule's on the day
    of the start, with the source as it stood then: a later row does not shorten it. ``sequence`` is
    the place in the deal's chain that tells of it (``witness``).
    """

    __tablename__ = "compliance_publicities"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("deal_term_versions.id"))
    state: Mapped[str] = mapped_column(sa.String(12), default="running")
    body: Mapped[Facts]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    days: Mapped[int]
    jurisdiction: Mapped[str] = mapped_column(sa.String(12))
    source_zh: Mapped[str] = mapped_column(sa.Text)
    source_en: Mapped[str] = mapped_column(sa.Text)
    verified: Mapped[bool]
    started_at: Mapped[Moment]
    started_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    last_on: Mapped[date]
    stopped_at: Mapped[OptionalMoment]
    told_over_at: Mapped[OptionalMoment]
    sequence: Mapped[int]

    deal: Mapped[Deal] = relationship(lazy="select")
    objections: Mapped[list[Objection]] = relationship(
        back_populates="publicity", order_by="Objection.id", lazy="select"
    )

    __table_args__ = (
        one_of("state", PUBLICITY_STATES),
        sa.CheckConstraint("days > 0", name="days_positive"),
        sa.CheckConstraint("state <> 'stopped' OR stopped_at IS NOT NULL", name="stopped_has_day"),
        sa.Index(
            "uq_compliance_publicities_running",
            "deal_id",
            unique=True,
            postgresql_where=sa.text("state = 'running'"),
            sqlite_where=sa.text("state = 'running'"),
        ),
        sa.Index("ix_compliance_publicities_deal_id", "deal_id"),
        sa.Index("ix_compliance_publicities_last_on", "last_on", "id"),
        sa.Index("ix_compliance_publicities_version_id", "version_id"),
        sa.Index("ix_compliance_publicities_started_by", "started_by"),
    )


class PublicityOpening(Base):
    """How often a publicity was opened on a day; nothing of who opened it."""

    __tablename__ = "compliance_openings"

    publicity_id: Mapped[int] = mapped_column(
        sa.ForeignKey("compliance_publicities.id"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    times: Mapped[int] = mapped_column(default=0)


class Objection(Base):
    """Somebody's objection to a publicity, and the institution's decision on it.

    ``sequence`` is the place in the deal's chain that tells of it.
    """

    __tablename__ = "compliance_objections"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    publicity_id: Mapped[int] = mapped_column(sa.ForeignKey("compliance_publicities.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(sa.String(120))
    contact: Mapped[str] = mapped_column(sa.String(200))
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[Moment]
    state: Mapped[str] = mapped_column(sa.String(12), default="open")
    grounds: Mapped[str | None] = mapped_column(sa.Text)
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    decided_at: Mapped[OptionalMoment]
    sequence: Mapped[int]

    publicity: Mapped[Publicity] = relationship(back_populates="objections")

    __table_args__ = (
        one_of("state", OBJECTION_STATES),
        sa.CheckConstraint(
            "state NOT IN ('upheld', 'rejected') "
            "OR (decided_at IS NOT NULL AND grounds IS NOT NULL)",
            name="decision_has_grounds",
        ),
        sa.Index("ix_compliance_objections_publicity_id", "publicity_id", "id"),
        sa.Index("ix_compliance_objections_user_id", "user_id"),
        sa.Index("ix_compliance_objections_decided_by", "decided_by"),
    )
