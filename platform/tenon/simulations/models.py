"""Saved settings of the simulator."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import User
from tenon.db import Base, Facts, Json, Key, Moment, PublicId
from tenon.deals.models import Deal
from tenon.listings.models import Listing


class Simulation(Base):
    """A setting that a person kept: about a deal or a listing, with the forms chosen.

    ``values`` is input -> what was typed, as exact decimal text. ``shared`` opens it to all who
    read the deal's terms; until then it is the person's own.
    """

    __tablename__ = "simulations"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    title: Mapped[str] = mapped_column(sa.String(120))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    deal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deals.id"))
    listing_id: Mapped[int | None] = mapped_column(sa.ForeignKey("listings.id"))
    forms: Mapped[list[str]] = mapped_column(Json)
    values: Mapped[Facts]
    shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]

    user: Mapped[User] = relationship()
    deal: Mapped[Deal | None] = relationship()
    listing: Mapped[Listing | None] = relationship()

    __table_args__ = (
        sa.CheckConstraint("(deal_id IS NULL) <> (listing_id IS NULL)", name="about_one_thing"),
        sa.CheckConstraint("NOT shared OR deal_id IS NOT NULL", name="shared_with_a_deal"),
        sa.Index("ix_simulations_user_id", "user_id", "updated_at"),
        sa.Index("ix_simulations_deal_id", "deal_id", "shared"),
        sa.Index("ix_simulations_listing_id", "listing_id"),
    )
