"""Who may see a listing's confidential tiers, and who has looked."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base, BigId, Code, Key, Moment, OptionalMoment, one_of

TIERS = ("public", "signed_in", "introduction", "nda")


class ListingGrant(Base):
    """A tier opened to an organisation, for a reason and a time."""

    __tablename__ = "listing_grants"

    id: Mapped[Key]
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    tier: Mapped[str] = mapped_column(sa.String(12))
    reason: Mapped[Code]
    origin_kind: Mapped[str | None] = mapped_column(sa.String(20))
    origin_id: Mapped[int | None] = mapped_column(BigId)
    starts_at: Mapped[Moment]
    ends_at: Mapped[OptionalMoment]
    granted_by: Mapped[int | None] = mapped_column(BigId)

    __table_args__ = (
        one_of("tier", TIERS),
        sa.Index("ix_listing_grants_listing_id_organisation_id", "listing_id", "organisation_id"),
    )


class ListingView(Base):
    """Somebody read a listing's confidential detail."""

    __tablename__ = "listing_views"

    id: Mapped[Key]
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    tier: Mapped[str] = mapped_column(sa.String(12))
    at: Mapped[Moment]

    __table_args__ = (
        one_of("tier", TIERS),
        sa.Index("ix_listing_views_listing_id_at", "listing_id", "at"),
        sa.Index("ix_listing_views_user_id", "user_id"),
    )
