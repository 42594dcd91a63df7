"""Deals, what they rest on, their versions of terms, files, signatures and messages.

``seller`` gives the technology or does the work, ``buyer`` takes it and pays: the words of contract
registration, whatever a form calls the two. What a form is stands in ``forms``.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import Organisation, User
from tenon.db import (
    Base,
    BigId,
    Facts,
    Key,
    Moment,
    OptionalCode,
    OptionalMoment,
    PublicId,
    one_of,
)
from tenon.deals.forms.schema import SIGNED_STAGES, STAGES
from tenon.listings.models import IpRight, Listing

SIDES = ("seller", "buyer")
ORIGINS = ("introduction", "match", "listing", "meeting", "offer", "deal", "none")
VERSION_STATES = ("proposed", "accepted", "replaced", "declined", "withdrawn")
FILE_KINDS = (
    "signed_contract",
    "amendment",
    "draft",
    "appraisal",
    "approval",
    "insurance",
    "report",
    "evidence",
    "other",
)
END_REASONS = (
    "price",
    "scope",
    "timing",
    "technology",
    "approval",
    "objection",
    "finance",
    "other_partner",
    "breach",
    "agreed",
    "other",
)
_SIGNED = ", ".join(f"'{stage}'" for stage in SIGNED_STAGES)


class Deal(Base):
    """What a match becomes: two sides, a form, and how far it has come.

    ``state`` is the form's own (``in_force.trial``), ``stage`` the one of the pipeline that it lies
    in; both change in one statement. ``value_minor`` is the contract value (成交额) in
    ``currency``, ``technology_value_minor`` the part that is for technology (技术交易额).
    ``jurisdiction`` is the region whose rules hold: the seller's. ``origin_*`` say where it began;
    ``request_key`` comes with the form that opened it, so that a retried request opens one. A deal
    without a need behind it says why in ``no_need_reason``.
    """

    __tablename__ = "deals"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    title: Mapped[str] = mapped_column(sa.String(300))
    form: Mapped[str] = mapped_column(sa.String(40))
    stage: Mapped[str] = mapped_column(sa.String(12))
    state: Mapped[str] = mapped_column(sa.String(60))
    version: Mapped[int] = mapped_column(default=1)
    seller_organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    buyer_organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    seller_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    buyer_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    broker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    origin_kind: Mapped[str] = mapped_column(sa.String(20), default="none")
    origin_id: Mapped[int | None] = mapped_column(BigId)
    no_need_reason: Mapped[str | None] = mapped_column(sa.String(300))
    language: Mapped[str] = mapped_column(sa.String(2), default="zh")
    jurisdiction: Mapped[str] = mapped_column(sa.String(12), default="CN")
    currency: Mapped[str] = mapped_column(sa.String(3), default="CNY")
    value_minor: Mapped[int | None] = mapped_column(BigId)
    technology_value_minor: Mapped[int | None] = mapped_column(BigId)
    agreed_at: Mapped[OptionalMoment]
    signed_on: Mapped[date | None]
    effective_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    end_reason: Mapped[OptionalCode]
    end_remark: Mapped[str | None] = mapped_column(sa.Text)
    stage_since: Mapped[Moment]
    state_since: Mapped[Moment]
    last_message_at: Mapped[OptionalMoment]
    created_at: Mapped[Moment]
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    request_key: Mapped[str | None] = mapped_column(sa.String(40), unique=True)

    seller_organisation: Mapped[Organisation] = relationship(foreign_keys=[seller_organisation_id])
    buyer_organisation: Mapped[Organisation] = relationship(foreign_keys=[buyer_organisation_id])
    broker: Mapped[User | None] = relationship(foreign_keys=[broker_id])
    listings: Mapped[list[Listing]] = relationship(
        secondary="deal_listings", order_by="Listing.id", lazy="select"
    )
    ip_rights: Mapped[list[IpRight]] = relationship(
        secondary="deal_rights", order_by="IpRight.id", lazy="select"
    )

    __table_args__ = (
        one_of("stage", STAGES),
        one_of("origin_kind", ORIGINS),
        one_of("language", ("zh", "en")),
        one_of("end_reason", END_REASONS),
        sa.CheckConstraint("seller_organisation_id <> buyer_organisation_id", name="two_sides"),
        sa.CheckConstraint("state = stage OR state LIKE stage || '.%'", name="state_in_stage"),
        sa.CheckConstraint("value_minor >= 0", name="value_not_negative"),
        sa.CheckConstraint(
            "technology_value_minor BETWEEN 0 AND value_minor", name="technology_within_value"
        ),
        sa.CheckConstraint(
            f"stage NOT IN ({_SIGNED}) OR signed_on IS NOT NULL", name="signed_has_day"
        ),
        sa.CheckConstraint(
            "stage NOT IN ('terminated', 'dropped') OR end_reason IS NOT NULL",
            name="end_has_reason",
        ),
        sa.Index("ix_deals_stage_stage_since", "stage", "stage_since", "id"),
        sa.Index("ix_deals_broker_id_stage", "broker_id", "stage", "stage_since", "id"),
        sa.Index("ix_deals_seller", "seller_organisation_id", "stage", "stage_since"),
        sa.Index("ix_deals_buyer", "buyer_organisation_id", "stage", "stage_since"),
        sa.Index("ix_deals_form_stage", "form", "stage"),
        sa.Index("ix_deals_signed_on", "signed_on"),
        sa.Index("ix_deals_origin", "origin_kind", "origin_id"),
        sa.Index("ix_deals_seller_user_id", "seller_user_id"),
        sa.Index("ix_deals_buyer_user_id", "buyer_user_id"),
        sa.Index("ix_deals_created_by", "created_by"),
    )

    def side_organisation_id(self, side: str) -> int:
        """Return the organisation of a side (``seller`` or ``buyer``)."""
        return self.seller_organisation_id if side == "seller" else self.buyer_organisation_id

    def side_organisation(self, side: str) -> Organisation:
        """Return the organisation of a side."""
        return self.seller_organisation if side == "seller" else self.buyer_organisation

    def side_user_id(self, side: str) -> int | None:
        """Return the person in charge on a side, if one is named."""
        return self.seller_user_id if side == "seller" else self.buyer_user_id


class DealListing(Base):
    """A result or a need that a deal rests on; several deals may share one."""

    __tablename__ = "deal_listings"

    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"), primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id"), primary_key=True)

    __table_args__ = (sa.Index("ix_deal_listings_listing_id", "listing_id"),)


class DealRight(Base):
    """A patent or other right that a deal disposes of; several deals may share one."""

    __tablename__ = "deal_rights"

    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"), primary_key=True)
    ip_right_id: Mapped[int] = mapped_column(sa.ForeignKey("ip_rights.id"), primary_key=True)

    __table_args__ = (sa.Index("ix_deal_rights_ip_right_id", "ip_right_id"),)


class TermVersion(Base):
    """One proposal of terms by one side; frozen when it is made, hashed, answered by the other.

    ``values`` is term code -> JSON by the term's type. ``sha256`` is over the canonical JSON of
    deal, number, form and values. ``state`` alone changes: at most one is proposed at a time, and
    an accepted one is replaced by the next that both accept (an amendment, once signed).
    """

    __tablename__ = "deal_term_versions"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    number: Mapped[int]
    form: Mapped[str] = mapped_column(sa.String(40))
    values: Mapped[Facts]
    state: Mapped[str] = mapped_column(sa.String(12), default="proposed")
    side: Mapped[str] = mapped_column(sa.String(8))
    proposed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    proposed_at: Mapped[Moment]
    note: Mapped[str | None] = mapped_column(sa.Text)
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    answered_at: Mapped[OptionalMoment]
    answer_note: Mapped[str | None] = mapped_column(sa.Text)
    sha256: Mapped[str] = mapped_column(sa.String(64))

    __table_args__ = (
        one_of("state", VERSION_STATES),
        one_of("side", SIDES),
        sa.UniqueConstraint("deal_id", "number"),
        sa.Index(
            "uq_deal_term_versions_proposed",
            "deal_id",
            unique=True,
            postgresql_where=sa.text("state = 'proposed'"),
            sqlite_where=sa.text("state = 'proposed'"),
        ),
        sa.Index(
            "uq_deal_term_versions_accepted",
            "deal_id",
            unique=True,
            postgresql_where=sa.text("state = 'accepted'"),
            sqlite_where=sa.text("state = 'accepted'"),
        ),
        sa.Index("ix_deal_term_versions_proposed_by", "proposed_by"),
        sa.Index("ix_deal_term_versions_answered_by", "answered_by"),
    )


class DealFile(Base):
    """A file of a deal, kept under its hash; ``side`` is whose it is, None where the broker's."""

    __tablename__ = "deal_files"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    kind: Mapped[str] = mapped_column(sa.String(20))
    name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    side: Mapped[str | None] = mapped_column(sa.String(8))
    private: Mapped[bool] = mapped_column(default=False)
    version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deal_term_versions.id"))
    uploaded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    uploaded_at: Mapped[Moment]

    __table_args__ = (
        one_of("kind", FILE_KINDS),
        one_of("side", SIDES),
        sa.CheckConstraint("NOT private OR side IS NOT NULL", name="private_has_side"),
        sa.Index("ix_deal_files_deal_id", "deal_id", "id"),
        sa.Index("ix_deal_files_sha256", "sha256"),
        sa.Index("ix_deal_files_version_id", "version_id"),
        sa.Index("ix_deal_files_uploaded_by", "uploaded_by"),
    )


class DealSignature(Base):
    """One required signer's confirmation that a version's contract was signed, once a version.

    The signer is an organisation (a side or a co-owner) or a person who holds a share of the right.
    ``file_sha256`` is the signed paper's hash, ``signatory`` the name and office that signed it.
    """

    __tablename__ = "deal_signatures"

    id: Mapped[Key]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("deal_term_versions.id"))
    signer: Mapped[str] = mapped_column(sa.String(40))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    signatory: Mapped[str] = mapped_column(sa.String(200))
    signed_on: Mapped[date]
    file_sha256: Mapped[str] = mapped_column(sa.String(64))
    confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    confirmed_at: Mapped[Moment]

    __table_args__ = (
        sa.UniqueConstraint("version_id", "signer"),
        sa.CheckConstraint(
            "organisation_id IS NOT NULL OR user_id IS NOT NULL", name="somebody_signed"
        ),
        sa.Index("ix_deal_signatures_deal_id", "deal_id"),
        sa.Index("ix_deal_signatures_organisation_id", "organisation_id"),
        sa.Index("ix_deal_signatures_user_id", "user_id"),
        sa.Index("ix_deal_signatures_confirmed_by", "confirmed_by"),
    )


class DealMessage(Base):
    """One message of a deal's parties and broker; all of them read it."""

    __tablename__ = "deal_messages"

    id: Mapped[Key]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    speaker: Mapped[str] = mapped_column(sa.String(8))
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[Moment]

    __table_args__ = (
        one_of("speaker", (*SIDES, "broker")),
        sa.Index("ix_deal_messages_deal_id", "deal_id", "id"),
        sa.Index("ix_deal_messages_author_id", "author_id"),
    )
