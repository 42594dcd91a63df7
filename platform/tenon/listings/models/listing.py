"""The listing itself: achievement or need, its texts in either language, its coded facets.

One table serves both sides, since review, publication, search and matches treat them alike; what
only one side has is nullable and held to its side by constraints.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import Organisation
from tenon.db import (
    Base,
    BigId,
    Code,
    ExactDecimal,
    Key,
    Moment,
    OptionalCode,
    OptionalMoment,
    PublicId,
    one_of,
)
from tenon.listings.models.attachments import Attachment, ConfidentialDetail
from tenon.listings.models.intellectual_property import IpRight
from tenon.listings.states import STATES
from tenon.network import models as _network  # noqa: F401  # the places that rows here name

SIDES = ("achievement", "need")
DEAL_FORMS = (
    "assignment",
    "licence_exclusive",
    "licence_sole",
    "licence_nonexclusive",
    "licence_open",
    "equity_contribution",
    "share_subscription",
    "pay_after_use",
    "invest_then_equity",
    "development_commissioned",
    "development_cooperative",
    "consulting",
    "service",
)
MONEY_KINDS = ("fixed", "range", "negotiable")
COMPARISONS = (
    "at_least",
    "more_than",
    "at_most",
    "less_than",
    "equal",
    "between",
    "around",
    "free",
)
OBLIGATIONS = ("must", "wish")


class Listing(Base):
    """A result on offer or a need that seeks one.

    ``version`` rises with every change of state or content, ``text_version`` with content alone.
    ``money_*`` is the price expected (achievement) or the budget (need). ``readiness`` is the
    level reached (achievement) or sought at least (need). ``reviewed_version`` lags behind
    ``text_version`` where the text was edited after its review. ``station_id`` is the place of
    the service network where it came in, ``handling_station_id`` the one that has it now; while
    neither is named, every broker may know of it. ``collected`` says that a broker wrote the need
    down for its firm: brokers then write it up, while ``broker_id`` says who has it in hand.
    ``first_*_at`` are moments of its history laid flat, for figures: once set they stay.
    """

    __tablename__ = "listings"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    side: Mapped[str] = mapped_column(sa.String(12))
    state: Mapped[str] = mapped_column(sa.String(20), default="draft")
    version: Mapped[int] = mapped_column(default=1)
    text_version: Mapped[int] = mapped_column(default=1)
    reviewed_version: Mapped[int] = mapped_column(default=0)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    broker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    station_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stations.id"))
    handling_station_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stations.id"))
    language: Mapped[str] = mapped_column(sa.String(2))
    region: Mapped[OptionalCode]
    readiness: Mapped[int | None]
    money_kind: Mapped[OptionalCode]
    money_low: Mapped[int | None] = mapped_column(BigId)
    money_high: Mapped[int | None] = mapped_column(BigId)
    currency: Mapped[str] = mapped_column(sa.String(3), default="CNY")
    deadline: Mapped[date | None]
    anonymous: Mapped[bool] = mapped_column(default=False)
    collected: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    submitted_at: Mapped[OptionalMoment]
    published_at: Mapped[OptionalMoment]
    first_handed_in_at: Mapped[OptionalMoment]
    first_published_at: Mapped[OptionalMoment]
    expires_at: Mapped[OptionalMoment]
    reminded_at: Mapped[OptionalMoment]
    source: Mapped[str | None] = mapped_column(sa.String(40))
    external_id: Mapped[str | None] = mapped_column(sa.String(120))
    source_url: Mapped[str | None] = mapped_column(sa.String(500))
    source_digest: Mapped[str | None] = mapped_column(sa.String(64))

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    texts: Mapped[list[ListingText]] = relationship(
        back_populates="listing", lazy="selectin", cascade="all, delete-orphan"
    )
    fields: Mapped[list[ListingField]] = relationship(lazy="selectin", cascade="all, delete-orphan")
    deal_forms: Mapped[list[ListingDealForm]] = relationship(
        lazy="selectin", cascade="all, delete-orphan"
    )
    requirements: Mapped[list[Requirement]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="Requirement.position"
    )
    contributors: Mapped[list[ListingContributor]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="ListingContributor.position"
    )
    # Asked for on a listing's own pages only, hence loaded when asked.
    details: Mapped[list[ConfidentialDetail]] = relationship(cascade="all, delete-orphan")
    attachments: Mapped[list[Attachment]] = relationship(
        cascade="all, delete-orphan", order_by="Attachment.id"
    )
    ip_rights: Mapped[list[IpRight]] = relationship(
        secondary="listing_ip_rights", order_by="IpRight.id"
    )

    __table_args__ = (
        one_of("side", SIDES),
        one_of("state", STATES),
        one_of("language", ("zh", "en")),
        one_of("money_kind", MONEY_KINDS),
        sa.CheckConstraint("readiness BETWEEN 1 AND 9", name="readiness_scale"),
        sa.CheckConstraint("money_low >= 0", name="money_not_negative"),
        sa.CheckConstraint("money_high >= money_low", name="money_ordered"),
        sa.CheckConstraint("side = 'need' OR NOT anonymous", name="only_needs_anonymous"),
        sa.CheckConstraint("side = 'need' OR deadline IS NULL", name="only_needs_have_deadline"),
        sa.CheckConstraint("side = 'need' OR NOT collected", name="only_needs_collected"),
        sa.UniqueConstraint("source", "external_id"),
        sa.Index("ix_listings_state_side_published_at", "state", "side", "published_at"),
        sa.Index("ix_listings_state_updated_at", "state", "updated_at", "id"),
        sa.Index("ix_listings_state_submitted_at", "state", "submitted_at", "id"),
        # What was edited since it was reviewed: a few of many.
        sa.Index(
            "ix_listings_edited",
            "state",
            "updated_at",
            "id",
            postgresql_where=sa.text("reviewed_version < text_version"),
            sqlite_where=sa.text("reviewed_version < text_version"),
        ),
        sa.Index("ix_listings_first_handed_in_at", "side", "first_handed_in_at"),
        sa.Index("ix_listings_first_published_at", "side", "first_published_at"),
        sa.Index("ix_listings_organisation_id", "organisation_id"),
        sa.Index("ix_listings_author_id", "author_id"),
        sa.Index("ix_listings_expires_at", "expires_at"),
        sa.Index("ix_listings_station_id", "station_id", "state"),
        sa.Index("ix_listings_handling_station_id", "handling_station_id", "state"),
        sa.Index("ix_listings_broker_id", "broker_id", "state"),
        sa.Index(
            "ix_listings_collected",
            "organisation_id",
            postgresql_where=sa.text("collected"),
            sqlite_where=sa.text("collected"),
        ),
    )

    def text(self, language: str) -> ListingText:
        """Return the text in ``language`` (zh or en), or in the source language."""
        own = {text.language: text for text in self.texts}
        return own.get(language) or own[self.language]

    def said(self, part: str, language: str) -> tuple[str, str]:
        """Return a part of the text (``title``, ``summary``, ...) and the language it is in.

        In ``language`` where that is written, else in the source language: many translations
        hold only a title. The part is empty where nobody wrote it.
        """
        for tongue in (language, self.language):
            words = getattr(self.text(tongue), part)
            if words:
                return words, self.text(tongue).language
        return "", self.language


class ListingText(Base):
    """What a listing says in one language; everything here is of the public tier.

    A need's background stands in ``summary``; ``problem``, ``advantages`` and ``applications``
    belong to achievements.
    """

    __tablename__ = "listing_texts"

    listing_id: Mapped[int] = mapped_column(
        sa.ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True
    )
    language: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(300))
    summary: Mapped[str] = mapped_column(sa.Text)
    problem: Mapped[str | None] = mapped_column(sa.Text)
    advantages: Mapped[str | None] = mapped_column(sa.Text)
    applications: Mapped[str | None] = mapped_column(sa.Text)

    listing: Mapped[Listing] = relationship(back_populates="texts")

    __table_args__ = (one_of("language", ("zh", "en")),)


class ListingField(Base):
    """A field of technology (ipc, hitech) or an industry (gbt4754) of a listing."""

    __tablename__ = "listing_fields"

    listing_id: Mapped[int] = mapped_column(
        sa.ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True
    )
    scheme: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["scheme", "code"], ["taxonomy_terms.scheme", "taxonomy_terms.code"]
        ),
        sa.Index("ix_listing_fields_scheme_code", "scheme", "code"),
    )


class ListingDealForm(Base):
    """A deal form that an achievement offers or a need accepts."""

    __tablename__ = "listing_deal_forms"

    listing_id: Mapped[int] = mapped_column(
        sa.ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True
    )
    form: Mapped[str] = mapped_column(sa.String(40), primary_key=True)

    __table_args__ = (one_of("form", DEAL_FORMS), sa.Index("ix_listing_deal_forms_form", "form"))


class Requirement(Base):
    """One requirement of a need, as written and as understood.

    ``low`` and ``high`` are in ``unit`` as written; a text that holds no figure has the
    comparison ``free``.
    """

    __tablename__ = "listing_requirements"

    id: Mapped[Key]
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(sa.String(300))
    quantity: Mapped[str | None] = mapped_column(sa.String(100))
    comparison: Mapped[Code]
    low = mapped_column(ExactDecimal(6), nullable=True)
    high = mapped_column(ExactDecimal(6), nullable=True)
    unit: Mapped[str | None] = mapped_column(sa.String(40))
    obligation: Mapped[str] = mapped_column(sa.String(8), default="must")

    __table_args__ = (
        one_of("comparison", COMPARISONS),
        one_of("obligation", OBLIGATIONS),
        sa.UniqueConstraint("listing_id", "position"),
    )


class ListingContributor(Base):
    """A contributor to an achievement, in order; an expert of the site where known."""

    __tablename__ = "listing_contributors"

    listing_id: Mapped[int] = mapped_column(
        sa.ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    expert_id: Mapped[int | None] = mapped_column(sa.ForeignKey("experts.id"))

    __table_args__ = (sa.Index("ix_listing_contributors_expert_id", "expert_id"),)
