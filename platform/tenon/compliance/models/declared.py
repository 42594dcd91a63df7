"""What a side declares: price route, contributors and their relations, first refusal, abroad."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.db import Base, BigId, Key, Moment, OptionalMoment, PublicId, one_of
from tenon.deals.models import Deal, DealFile

ROUTES = ("agreement", "listing", "auction")
RELATIONS = ("none", "is_buyer", "related")
ANSWERS = ("takes_up", "waives")
EXPORT_CONTROLS = ("free", "restricted", "prohibited")


class ComplianceSheet(Base):
    """What the seller's side stated once for a deal: how the price is found, what is published.

    ``route`` None means by agreement. ``base_minor`` and ``price_minor`` (what the listing or
    auction brought) are in ``currency``. ``not_service_reason`` says why nobody has first refusal.
    """

    __tablename__ = "compliance_sheets"

    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"), primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    route: Mapped[str | None] = mapped_column(sa.String(12))
    base_minor: Mapped[int | None] = mapped_column(BigId)
    price_minor: Mapped[int | None] = mapped_column(BigId)
    currency: Mapped[str] = mapped_column(sa.String(3), default="CNY")
    venue: Mapped[str | None] = mapped_column(sa.String(200))
    held_on: Mapped[date | None]
    evidence_file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deal_files.id"))
    publicity_name: Mapped[str | None] = mapped_column(sa.String(300))
    publicity_summary: Mapped[str | None] = mapped_column(sa.Text)
    publicity_price: Mapped[str | None] = mapped_column(sa.String(500))
    publicity_contact: Mapped[str | None] = mapped_column(sa.String(500))
    not_service_reason: Mapped[str | None] = mapped_column(sa.String(500))
    changed_at: Mapped[Moment]
    changed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))

    evidence_file: Mapped[DealFile | None] = relationship(lazy="select")

    __table_args__ = (
        one_of("route", ROUTES),
        sa.CheckConstraint(
            "route IS NULL OR route = 'agreement' OR base_minor IS NOT NULL",
            name="base_price_given",
        ),
        sa.CheckConstraint("base_minor >= 0", name="base_not_negative"),
        sa.CheckConstraint("price_minor >= base_minor", name="not_below_base"),
        sa.Index("ix_compliance_sheets_evidence_file_id", "evidence_file_id"),
        sa.Index("ix_compliance_sheets_changed_by", "changed_by"),
    )


class Contributor(Base):
    """A contributor (完成人) of what the deal disposes of, and how they stand to the buyer."""

    __tablename__ = "compliance_contributors"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(120))
    expert_id: Mapped[int | None] = mapped_column(sa.ForeignKey("experts.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    relation: Mapped[str | None] = mapped_column(sa.String(12))
    relation_detail: Mapped[str | None] = mapped_column(sa.String(500))
    declared_at: Mapped[OptionalMoment]
    declared_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))

    __table_args__ = (
        one_of("relation", RELATIONS),
        sa.UniqueConstraint("deal_id", "position"),
        sa.CheckConstraint("relation IS NULL OR declared_at IS NOT NULL", name="relation_has_day"),
        sa.Index("ix_compliance_contributors_user_id", "user_id"),
        sa.Index("ix_compliance_contributors_expert_id", "expert_id"),
        sa.Index("ix_compliance_contributors_declared_by", "declared_by"),
    )


class FirstRefusal(Base):
    """A contributor asked whether to take the technology on the accepted terms (Civil Code 847).

    ``answer`` None after ``until`` has passed counts as waived. ``file_id`` is the signed paper of
    a contributor who is no person of the site.
    """

    __tablename__ = "compliance_first_refusals"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("deal_term_versions.id"))
    contributor_id: Mapped[int] = mapped_column(sa.ForeignKey("compliance_contributors.id"))
    asked_at: Mapped[Moment]
    until: Mapped[date]
    source_zh: Mapped[str] = mapped_column(sa.Text)
    source_en: Mapped[str] = mapped_column(sa.Text)
    answer: Mapped[str | None] = mapped_column(sa.String(12))
    remark: Mapped[str | None] = mapped_column(sa.Text)
    answered_at: Mapped[OptionalMoment]
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    answered_on: Mapped[date | None]
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deal_files.id"))

    deal: Mapped[Deal] = relationship(lazy="select")
    contributor: Mapped[Contributor] = relationship(lazy="joined")
    file: Mapped[DealFile | None] = relationship(lazy="select")

    __table_args__ = (
        one_of("answer", ANSWERS),
        sa.UniqueConstraint("version_id", "contributor_id"),
        sa.CheckConstraint("answer IS NULL OR answered_on IS NOT NULL", name="answer_is_dated"),
        sa.Index("ix_compliance_first_refusals_deal_id", "deal_id"),
        sa.Index("ix_compliance_first_refusals_contributor_id", "contributor_id"),
        sa.Index("ix_compliance_first_refusals_answered_by", "answered_by"),
        sa.Index("ix_compliance_first_refusals_file_id", "file_id"),
    )


class ForeignCheck(Base):
    """The checklist that a foreign party opens: export control, state funding, approval abroad."""

    __tablename__ = "compliance_foreign_checks"

    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"), primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    export_control: Mapped[str] = mapped_column(sa.String(12))
    export_licence: Mapped[str | None] = mapped_column(sa.String(120))
    state_funded: Mapped[bool]
    approval_number: Mapped[str | None] = mapped_column(sa.String(120))
    approved_on: Mapped[date | None]
    remark: Mapped[str | None] = mapped_column(sa.Text)
    filled_at: Mapped[Moment]
    filled_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))

    __table_args__ = (
        one_of("export_control", EXPORT_CONTROLS),
        sa.Index("ix_compliance_foreign_checks_filled_by", "filled_by"),
    )
