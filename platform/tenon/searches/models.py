"""Kept searches, what they ask in a form that new listings are held against, and what was found."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import Organisation, User
from tenon.db import Base, Facts, Key, Moment, OptionalMoment, PublicId, UTCDateTime, one_of
from tenon.listings.models import Expert, Listing

KINDS = ("browse", "box", "listing")
RHYTHMS = ("now", "daily", "weekly", "none")
STATES = ("active", "paused", "stopped")


class SavedSearch(Base):
    """A question that somebody keeps, to be told of what answers it later.

    ``kind`` says how it is asked: ``browse`` (words and filters, ``chosen``), ``box`` (a
    paragraph, taken for ``side``) or ``listing`` (whatever fits a listing). ``dimensions`` counts
    the filters that a listing must meet. ``due_at`` is when what was found is told, where that is
    not at once. ``stopped`` is a search whose owner lost what it rests on. ``organisation`` is
    the firm that a broker keeps it for.
    """

    __tablename__ = "saved_searches"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    listing_id: Mapped[int | None] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(80))
    kind: Mapped[str] = mapped_column(sa.String(10))
    rhythm: Mapped[str] = mapped_column(sa.String(10))
    state: Mapped[str] = mapped_column(sa.String(10), default="active")
    version: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(sa.Text, default="")
    side: Mapped[str | None] = mapped_column(sa.String(12))
    chosen: Mapped[Facts]
    dimensions: Mapped[int]
    created_at: Mapped[Moment]
    found_at: Mapped[OptionalMoment]
    due_at: Mapped[OptionalMoment]

    user: Mapped[User] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    listing: Mapped[Listing | None] = relationship()

    __table_args__ = (
        one_of("kind", KINDS),
        one_of("rhythm", RHYTHMS),
        one_of("state", STATES),
        one_of("side", ("achievement", "need")),
        sa.CheckConstraint("(kind = 'box') = (side IS NOT NULL)", name="box_has_side"),
        sa.CheckConstraint("(kind = 'listing') = (listing_id IS NOT NULL)", name="of_a_listing"),
        sa.CheckConstraint(
            "due_at IS NULL OR (state = 'active' AND rhythm IN ('daily', 'weekly'))",
            name="due_where_told_later",
        ),
        sa.UniqueConstraint("user_id", "name"),
        sa.Index("ix_saved_searches_organisation_id", "organisation_id"),
        sa.Index("ix_saved_searches_listing_id", "listing_id"),
        sa.Index("ix_saved_searches_due_at", "due_at"),
        sa.Index("ix_saved_searches_state", "state", "dimensions"),
    )


class SavedCriterion(Base):
    """A value of a filter that a listing may meet; one of each dimension must be met."""

    __tablename__ = "saved_criteria"

    search_id: Mapped[int] = mapped_column(
        sa.ForeignKey("saved_searches.id", ondelete="CASCADE"), primary_key=True
    )
    dimension: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    value: Mapped[str] = mapped_column(sa.String(20), primary_key=True)

    __table_args__ = (sa.Index("ix_saved_criteria_value", "dimension", "value"),)


class SavedQuestion(Base):
    """One text of a search as new listings are held against it; see ``matching.reverse``.

    ``encoder`` made the vector; ``leeway`` says what facets may add. The arrays are kept as the
    bytes of little-endian numbers.
    """

    __tablename__ = "saved_questions"

    search_id: Mapped[int] = mapped_column(
        sa.ForeignKey("saved_searches.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(primary_key=True)
    encoder: Mapped[str] = mapped_column(sa.String(120))
    gauged_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    vector: Mapped[bytes] = mapped_column(sa.LargeBinary)
    figures: Mapped[bytes] = mapped_column(sa.LargeBinary)
    forms: Mapped[bytes] = mapped_column(sa.LargeBinary)
    masses: Mapped[bytes] = mapped_column(sa.LargeBinary)
    few: Mapped[bool]
    leeway: Mapped[int]

    __table_args__ = (sa.Index("ix_saved_questions_gauged_at", "gauged_at"),)


class SavedFinding(Base):
    """A listing that a search found, once: ``known`` ones were there when it was kept."""

    __tablename__ = "saved_findings"

    search_id: Mapped[int] = mapped_column(
        sa.ForeignKey("saved_searches.id", ondelete="CASCADE"), primary_key=True
    )
    listing_id: Mapped[int] = mapped_column(
        sa.ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True
    )
    known: Mapped[bool] = mapped_column(default=False)
    found_at: Mapped[Moment]
    told_at: Mapped[OptionalMoment]
    seen_at: Mapped[OptionalMoment]

    listing: Mapped[Listing] = relationship()

    __table_args__ = (
        sa.Index("ix_saved_findings_listing_id", "listing_id"),
        sa.Index("ix_saved_findings_told_at", "search_id", "told_at"),
    )


class SavedExpertFinding(Base):
    """An expert whom a search found, once; as ``SavedFinding`` is of listings."""

    __tablename__ = "saved_expert_findings"

    search_id: Mapped[int] = mapped_column(
        sa.ForeignKey("saved_searches.id", ondelete="CASCADE"), primary_key=True
    )
    expert_id: Mapped[int] = mapped_column(
        sa.ForeignKey("experts.id", ondelete="CASCADE"), primary_key=True
    )
    known: Mapped[bool] = mapped_column(default=False)
    found_at: Mapped[Moment]
    told_at: Mapped[OptionalMoment]
    seen_at: Mapped[OptionalMoment]

    expert: Mapped[Expert] = relationship()

    __table_args__ = (
        sa.Index("ix_saved_expert_findings_expert_id", "expert_id"),
        sa.Index("ix_saved_expert_findings_told_at", "search_id", "told_at"),
    )


class SavedOffer(Base):
    """A search that its owner offers to the other editors of an organisation, to keep it too."""

    __tablename__ = "saved_offers"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    search_id: Mapped[int] = mapped_column(sa.ForeignKey("saved_searches.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    offered_at: Mapped[Moment]

    search: Mapped[SavedSearch] = relationship()
    organisation: Mapped[Organisation] = relationship()

    __table_args__ = (
        sa.UniqueConstraint("search_id", "organisation_id"),
        sa.Index("ix_saved_offers_organisation_id", "organisation_id"),
    )
