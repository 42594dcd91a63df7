"""What reviewers said of a listing, and every version of its text."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base, BigId, Facts, Key, Moment, one_of

OUTCOMES = ("publish", "hold", "return", "reject")


class Review(Base):
    """One broker's scores and remarks on one version of the text."""

    __tablename__ = "listing_reviews"

    id: Mapped[Key]
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"))
    text_version: Mapped[int]
    reviewer_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    substance: Mapped[int]
    clarity: Mapped[int]
    expectations: Mapped[int]
    wording: Mapped[int]
    outcome: Mapped[str] = mapped_column(sa.String(12))
    remarks: Mapped[str] = mapped_column(sa.Text, default="")
    at: Mapped[Moment]

    __table_args__ = (
        one_of("outcome", OUTCOMES),
        sa.CheckConstraint("substance BETWEEN 0 AND 5", name="substance_scale"),
        sa.CheckConstraint("clarity BETWEEN 0 AND 5", name="clarity_scale"),
        sa.CheckConstraint("expectations BETWEEN 0 AND 5", name="expectations_scale"),
        sa.CheckConstraint("wording BETWEEN 0 AND 5", name="wording_scale"),
        sa.Index("ix_listing_reviews_listing_id", "listing_id"),
    )


class ListingVersion(Base):
    """A full copy of what a listing said at one time, for comparison."""

    __tablename__ = "listing_versions"

    listing_id: Mapped[int] = mapped_column(
        sa.ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[Facts]
    at: Mapped[Moment]
    author_id: Mapped[int | None] = mapped_column(BigId)
