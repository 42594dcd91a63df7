"""What lies beside a listing's public text: confidential detail by tier, and files."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base, BigId, Key, Moment, PublicId, one_of
from tenon.listings.models.disclosure import TIERS


class ConfidentialDetail(Base):
    """Text that opens at a tier above public; never in the index."""

    __tablename__ = "listing_details"

    listing_id: Mapped[int] = mapped_column(
        sa.ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True
    )
    tier: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    text: Mapped[str] = mapped_column(sa.Text)

    __table_args__ = (one_of("tier", TIERS[1:]),)


class Attachment(Base):
    """A file of a listing, kept outside the database under its SHA-256."""

    __tablename__ = "listing_attachments"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"))
    tier: Mapped[str] = mapped_column(sa.String(12), default="public")
    name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int] = mapped_column(BigId)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    uploaded_by: Mapped[int | None] = mapped_column(BigId)
    uploaded_at: Mapped[Moment]

    __table_args__ = (
        one_of("tier", TIERS),
        sa.Index("ix_listing_attachments_listing_id", "listing_id"),
    )
