"""Experts: researchers' pages, imported or claimed by the person."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import Organisation
from tenon.db import Base, BigId, Json, Key, Moment, OptionalMoment, PublicId, one_of

AVAILABILITY = ("open", "limited", "closed")
CLAIM_STATES = ("requested", "approved", "refused")


class Expert(Base):
    """A researcher who can be found: fields, languages, availability, results by contribution."""

    __tablename__ = "experts"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), unique=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    name_zh: Mapped[str | None] = mapped_column(sa.String(120))
    name_en: Mapped[str | None] = mapped_column(sa.String(120))
    title_zh: Mapped[str | None] = mapped_column(sa.String(120))
    title_en: Mapped[str | None] = mapped_column(sa.String(120))
    bio_zh: Mapped[str | None] = mapped_column(sa.Text)
    bio_en: Mapped[str | None] = mapped_column(sa.Text)
    languages: Mapped[list[str]] = mapped_column(Json, default=list)
    availability: Mapped[str] = mapped_column(sa.String(12), default="open")
    published: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    source: Mapped[str | None] = mapped_column(sa.String(40))
    external_id: Mapped[str | None] = mapped_column(sa.String(120))
    source_digest: Mapped[str | None] = mapped_column(sa.String(64))

    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    fields: Mapped[list[ExpertField]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    __table_args__ = (
        one_of("availability", AVAILABILITY),
        sa.CheckConstraint("name_zh IS NOT NULL OR name_en IS NOT NULL", name="named"),
        sa.UniqueConstraint("source", "external_id"),
        sa.Index("ix_experts_organisation_id", "organisation_id"),
    )

    def name(self, language: str) -> str:
        """Return the name in ``language`` (zh or en), or in the other where it is missing."""
        first, second = (
            (self.name_zh, self.name_en) if language == "zh" else (self.name_en, self.name_zh)
        )
        return first or second or ""


class ExpertField(Base):
    """A field of technology of an expert."""

    __tablename__ = "expert_fields"

    expert_id: Mapped[int] = mapped_column(
        sa.ForeignKey("experts.id", ondelete="CASCADE"), primary_key=True
    )
    scheme: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["scheme", "code"], ["taxonomy_terms.scheme", "taxonomy_terms.code"]
        ),
    )


class ExpertClaim(Base):
    """A person says that an imported page is about them; one open claim a person and page."""

    __tablename__ = "expert_claims"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    expert_id: Mapped[int] = mapped_column(sa.ForeignKey("experts.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    state: Mapped[str] = mapped_column(sa.String(12), default="requested")
    remark: Mapped[str] = mapped_column(sa.String(500), default="")
    at: Mapped[Moment]
    decided_at: Mapped[OptionalMoment]
    decided_by: Mapped[int | None] = mapped_column(BigId)

    expert: Mapped[Expert] = relationship(lazy="joined")

    __table_args__ = (
        one_of("state", CLAIM_STATES),
        sa.Index("ix_expert_claims_user_id", "user_id"),
        sa.Index(
            "uq_expert_claims_open",
            "expert_id",
            "user_id",
            unique=True,
            postgresql_where=sa.text("state = 'requested'"),
            sqlite_where=sa.text("state = 'requested'"),
        ),
    )
