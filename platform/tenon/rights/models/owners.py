"""Who owns an achievement or an IP right, in versions that each hold for a span of days."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import Organisation, User
from tenon.db import Base, BigId, ExactDecimal, Key, Moment, OptionalMoment, PublicId, one_of

REASONS = ("recorded", "corrected", "grant", "title")
SHARE_DIGITS = 6


class Ownership(Base):
    """The owners of one subject from a day on; their shares sum to 100 %.

    Of one subject no two versions that were not replaced hold on the same day.

    Attributes:
        listing_id, ip_right_id: the subject: one of the two.
        valid_to: the last day; None while nothing newer is recorded.
        reason: why it changed; ``origin`` is the public id of the grant or deal behind it.
        replaced_at: set where a later record for the same day or an earlier one took its place.
    """

    __tablename__ = "rights_ownerships"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    listing_id: Mapped[int | None] = mapped_column(sa.ForeignKey("listings.id"))
    ip_right_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ip_rights.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    reason: Mapped[str] = mapped_column(sa.String(12))
    origin: Mapped[str | None] = mapped_column(sa.String(32))
    recorded_by: Mapped[int | None] = mapped_column(BigId)
    recorded_at: Mapped[Moment]
    replaced_at: Mapped[OptionalMoment]

    shares: Mapped[list[OwnershipShare]] = relationship(
        lazy="selectin", order_by="OwnershipShare.position", cascade="all, delete-orphan"
    )

    __table_args__ = (
        one_of("reason", REASONS),
        sa.CheckConstraint("(listing_id IS NULL) <> (ip_right_id IS NULL)", name="of_one_subject"),
        sa.CheckConstraint("valid_to >= valid_from", name="in_order"),
        sa.Index(
            "uq_rights_ownerships_listing",
            "listing_id",
            "valid_from",
            unique=True,
            postgresql_where=sa.text("replaced_at IS NULL"),
            sqlite_where=sa.text("replaced_at IS NULL"),
        ),
        sa.Index(
            "uq_rights_ownerships_ip_right",
            "ip_right_id",
            "valid_from",
            unique=True,
            postgresql_where=sa.text("replaced_at IS NULL"),
            sqlite_where=sa.text("replaced_at IS NULL"),
        ),
    )


class OwnershipShare(Base):
    """One owner's part, in percent: an organisation or person of the site, or a named outside one.

    ``outside_kind`` says what a named one is; the name of a person who was erased is empty.
    """

    __tablename__ = "rights_ownership_shares"

    ownership_id: Mapped[int] = mapped_column(
        sa.ForeignKey("rights_ownerships.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    name: Mapped[str | None] = mapped_column(sa.String(200))
    outside_kind: Mapped[str | None] = mapped_column(sa.String(12))
    share = mapped_column(ExactDecimal(SHARE_DIGITS), nullable=False)

    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    user: Mapped[User | None] = relationship(lazy="joined")

    __table_args__ = (
        one_of("outside_kind", ("organisation", "person")),
        sa.CheckConstraint("share > 0", name="share_positive"),
        sa.CheckConstraint(
            "(CASE WHEN organisation_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN user_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN outside_kind IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_owner",
        ),
        sa.Index("ix_rights_ownership_shares_organisation_id", "organisation_id"),
        sa.Index("ix_rights_ownership_shares_user_id", "user_id"),
    )
