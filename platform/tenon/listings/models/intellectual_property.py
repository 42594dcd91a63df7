"""IP rights, a table of their own: several listings may rest on one patent."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base, Key, PublicId, one_of

IP_KINDS = (
    "invention",
    "utility_model",
    "design",
    "software",
    "plant_variety",
    "layout_design",
    "trade_secret",
    "know_how",
    "other",
)
IP_STATUSES = ("pending", "granted", "lapsed", "none")


class IpRight(Base):
    """A patent, registration or secret; a registered one is unique by kind and number."""

    __tablename__ = "ip_rights"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    kind: Mapped[str] = mapped_column(sa.String(20))
    number: Mapped[str | None] = mapped_column(sa.String(60))
    status: Mapped[str] = mapped_column(sa.String(20))
    filed_on: Mapped[date | None]
    granted_on: Mapped[date | None]
    owner: Mapped[str | None] = mapped_column(sa.String(200))

    __table_args__ = (
        one_of("kind", IP_KINDS),
        one_of("status", IP_STATUSES),
        sa.UniqueConstraint("kind", "number"),
        sa.CheckConstraint("granted_on >= filed_on", name="granted_after_filed"),
    )


class ListingIpRight(Base):
    """Which listing rests on which right."""

    __tablename__ = "listing_ip_rights"

    listing_id: Mapped[int] = mapped_column(
        sa.ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True
    )
    ip_right_id: Mapped[int] = mapped_column(sa.ForeignKey("ip_rights.id"), primary_key=True)

    __table_args__ = (sa.Index("ix_listing_ip_rights_ip_right_id", "ip_right_id"),)
