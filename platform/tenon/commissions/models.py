"""Tables of the room: agreements and who agreed, splits and shares, dues, parts, payouts, papers.

Amounts are integer minor units of one currency, never of several together. What was booked stands
in the ledger (books.py); the rows here say why, and the two must agree.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import Organisation, User
from tenon.commissions.states import AGREEMENT_STATES, LIVE_SPLITS, PAYOUT_STATES, SPLIT_STATES
from tenon.credit.models import CreditEntry
from tenon.credit.statements.models import CreditStatement
from tenon.db import (
    Base,
    BigId,
    ExactDecimal,
    Facts,
    Json,
    Key,
    Moment,
    OptionalMoment,
    PublicId,
    one_of,
)
from tenon.deals.models import SIDES, Deal
from tenon.network.models import Station

BASES = ("percent", "tiers", "fixed")
EVENTS = ("signing", "in_force", "first_payment")
RECEIVERS = ("person", "organisation", "station")
SHARE_STATES = ("waiting", "confirmed", "disputed")
PART_KINDS = ("shared", "reversed", "reopened")
PAPERS = ("year", "certificate")
DIGITS = 4
"""Digits of a percentage after the point."""
Percent = ExactDecimal(DIGITS)
_LIVE = ", ".join(f"'{state}'" for state in LIVE_SPLITS)


class Agreement(Base):
    """What the payers of a deal agree to pay its brokers, in one currency; a version of it.

    ``seller_percent`` is the seller's part of the commission, the buyer pays the rest. ``basis``:
    ``percent`` of received payments of the named ``kinds``, ``tiers`` (``[[up to minor or None,
    percent], ...]``) of them together, or ``fixed_minor`` once ``fixed_event`` has happened.
    ``sha256`` covers the terms. From when it holds on, ``base_start`` is what had been received
    and ``carried`` what earlier versions had made due (side -> net and VAT), with the place in the
    deal's books ``since`` which it earns; ``base_end`` is what had been received when it ended,
    ``until`` in ``carried`` the place in the books.
    """

    __tablename__ = "commission_agreements"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(12), default="proposed")
    version: Mapped[int] = mapped_column(default=1)
    currency: Mapped[str] = mapped_column(sa.String(3))
    seller_percent: Mapped[Decimal] = mapped_column(Percent)
    basis: Mapped[str] = mapped_column(sa.String(8))
    percent: Mapped[Decimal | None] = mapped_column(Percent)
    tiers: Mapped[list[Any]] = mapped_column(Json, default=list)
    fixed_minor: Mapped[int | None] = mapped_column(BigId)
    fixed_event: Mapped[str | None] = mapped_column(sa.String(16))
    kinds: Mapped[list[str]] = mapped_column(Json, default=list)
    cap_minor: Mapped[int | None] = mapped_column(BigId)
    vat_rate: Mapped[Decimal] = mapped_column(Percent, default=Decimal(0))
    pay_within_days: Mapped[int]
    note: Mapped[str | None] = mapped_column(sa.Text)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    proposed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    proposed_at: Mapped[Moment]
    agreed_at: Mapped[OptionalMoment]
    base_start: Mapped[int] = mapped_column(BigId, default=0)
    carried: Mapped[Facts] = mapped_column(default=dict)
    ended_at: Mapped[OptionalMoment]
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    end_reason: Mapped[str | None] = mapped_column(sa.Text)
    base_end: Mapped[int | None] = mapped_column(BigId)

    deal: Mapped[Deal] = relationship()
    consents: Mapped[list[Consent]] = relationship(order_by="Consent.id")

    __table_args__ = (
        one_of("state", AGREEMENT_STATES),
        one_of("basis", BASES),
        one_of("fixed_event", EVENTS),
        sa.UniqueConstraint("deal_id", "number"),
        sa.CheckConstraint("length(currency) = 3", name="currency_code"),
        sa.CheckConstraint("seller_percent BETWEEN 0 AND 1000000", name="seller_percent_in_range"),
        sa.CheckConstraint("percent BETWEEN 0 AND 1000000", name="percent_in_range"),
        sa.CheckConstraint("vat_rate BETWEEN 0 AND 1000000", name="vat_rate_in_range"),
        sa.CheckConstraint("basis <> 'percent' OR percent IS NOT NULL", name="percent_has_rate"),
        sa.CheckConstraint(
            "basis <> 'fixed' OR (fixed_minor IS NOT NULL AND fixed_event IS NOT NULL)",
            name="fixed_has_sum",
        ),
        sa.CheckConstraint("fixed_minor > 0 AND cap_minor > 0", name="sums_positive"),
        sa.CheckConstraint("pay_within_days BETWEEN 0 AND 365", name="days_plausible"),
        sa.CheckConstraint(
            "state NOT IN ('agreed', 'replaced', 'ended') OR agreed_at IS NOT NULL",
            name="agreed_has_time",
        ),
        sa.CheckConstraint(
            "state <> 'ended' OR (ended_at IS NOT NULL AND base_end IS NOT NULL)",
            name="ended_has_time",
        ),
        sa.Index(
            "uq_commission_agreements_proposed",
            "deal_id",
            "currency",
            unique=True,
            postgresql_where=sa.text("state = 'proposed'"),
            sqlite_where=sa.text("state = 'proposed'"),
        ),
        sa.Index(
            "uq_commission_agreements_agreed",
            "deal_id",
            "currency",
            unique=True,
            postgresql_where=sa.text("state = 'agreed'"),
            sqlite_where=sa.text("state = 'agreed'"),
        ),
        sa.Index("ix_commission_agreements_state", "state", "proposed_at"),
        sa.Index("ix_commission_agreements_proposed_by", "proposed_by"),
        sa.Index("ix_commission_agreements_ended_by", "ended_by"),
    )

    @property
    def payers(self) -> tuple[str, ...]:
        """The sides that pay a part of it."""
        parts = {"seller": self.seller_percent, "buyer": 100 - self.seller_percent}
        return tuple(side for side in SIDES if parts[side] > 0)


class Consent(Base):
    """A signatory of a paying side agreed to the terms of this hash, on the site."""

    __tablename__ = "commission_consents"

    id: Mapped[Key]
    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("commission_agreements.id"))
    side: Mapped[str] = mapped_column(sa.String(8))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[Moment]

    __table_args__ = (
        one_of("side", SIDES),
        sa.UniqueConstraint("agreement_id", "side"),
        sa.Index("ix_commission_consents_user_id", "user_id"),
    )


class Receiver(Base):
    """Where a participant's part of a deal's commission goes: to them, their house, their place.

    ``user_id`` is always the person whom the ledger of credit names; None once erased. The public
    id is the open item of the ledger's accounts.
    """

    __tablename__ = "commission_receivers"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    station_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stations.id"))
    name: Mapped[str] = mapped_column(sa.String(120))

    deal: Mapped[Deal] = relationship()
    user: Mapped[User | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    station: Mapped[Station | None] = relationship()

    __table_args__ = (
        one_of("kind", RECEIVERS),
        sa.CheckConstraint(
            "(kind = 'organisation') = (organisation_id IS NOT NULL)", name="house_whole"
        ),
        sa.CheckConstraint("(kind = 'station') = (station_id IS NOT NULL)", name="place_whole"),
        sa.Index("ix_commission_receivers_deal_id", "deal_id"),
        sa.Index("ix_commission_receivers_user_id", "user_id"),
        sa.Index("ix_commission_receivers_organisation_id", "organisation_id"),
        sa.Index("ix_commission_receivers_station_id", "station_id"),
    )


class Split(Base):
    """How a deal's commission is shared; one live one a deal, percentages sum to 100."""

    __tablename__ = "commission_splits"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(12), default="proposed")
    version: Mapped[int] = mapped_column(default=1)
    live_key: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
    proposed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    proposed_at: Mapped[Moment]
    confirmed_at: Mapped[OptionalMoment]
    ended_at: Mapped[OptionalMoment]

    deal: Mapped[Deal] = relationship()
    shares: Mapped[list[Share]] = relationship(order_by="Share.position", back_populates="split")

    __table_args__ = (
        one_of("state", SPLIT_STATES),
        sa.UniqueConstraint("deal_id", "number"),
        sa.CheckConstraint(
            f"(live_key IS NOT NULL) = (state IN ({_LIVE}))", name="live_key_while_live"
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR confirmed_at IS NOT NULL", name="confirmed_has_time"
        ),
        sa.Index("ix_commission_splits_proposed_by", "proposed_by"),
    )


class Share(Base):
    """One receiver's part of a split, and what its participant says to it."""

    __tablename__ = "commission_shares"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    split_id: Mapped[int] = mapped_column(sa.ForeignKey("commission_splits.id"))
    position: Mapped[int]
    receiver_id: Mapped[int] = mapped_column(sa.ForeignKey("commission_receivers.id"))
    percent: Mapped[Decimal] = mapped_column(Percent)
    acts: Mapped[list[str]] = mapped_column(Json, default=list)
    state: Mapped[str] = mapped_column(sa.String(12), default="waiting")
    answered_at: Mapped[OptionalMoment]
    words: Mapped[str | None] = mapped_column(sa.Text)

    split: Mapped[Split] = relationship(back_populates="shares")
    receiver: Mapped[Receiver] = relationship()

    __table_args__ = (
        one_of("state", SHARE_STATES),
        sa.UniqueConstraint("split_id", "receiver_id"),
        sa.CheckConstraint("percent BETWEEN 0 AND 1000000", name="percent_in_range"),
        sa.CheckConstraint("state = 'waiting' OR answered_at IS NOT NULL", name="answered"),
        sa.Index("ix_commission_shares_receiver_id", "receiver_id"),
    )


class ShareEntry(Base):
    """A line of the ledger of credit that a share rests on."""

    __tablename__ = "commission_share_entries"

    share_id: Mapped[int] = mapped_column(sa.ForeignKey("commission_shares.id"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("credit_entries.id"), primary_key=True)

    entry: Mapped[CreditEntry] = relationship()

    __table_args__ = (sa.Index("ix_commission_share_entries_entry_id", "entry_id"),)


class Accrual(Base):
    """What something made due of one side, or took away again (below zero); net and VAT.

    ``cause_kind`` and ``cause_id`` name what it followed: a payment, a step of the deal, an
    agreement. Never changed.
    """

    __tablename__ = "commission_accruals"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("commission_agreements.id"))
    side: Mapped[str] = mapped_column(sa.String(8))
    currency: Mapped[str] = mapped_column(sa.String(3))
    cause_kind: Mapped[str] = mapped_column(sa.String(20))
    cause_id: Mapped[str] = mapped_column(sa.String(40))
    net_minor: Mapped[int] = mapped_column(BigId)
    vat_minor: Mapped[int] = mapped_column(BigId)
    on: Mapped[date]
    at: Mapped[Moment]

    __table_args__ = (
        one_of("side", SIDES),
        sa.CheckConstraint("net_minor <> 0 OR vat_minor <> 0", name="says_something"),
        sa.Index("ix_commission_accruals_deal_id", "deal_id", "currency", "side"),
        sa.Index("ix_commission_accruals_agreement_id", "agreement_id"),
    )

    @property
    def gross_minor(self) -> int:
        """Net and VAT together."""
        return self.net_minor + self.vat_minor


class Part(Base):
    """What of one side's commission a receiver is owed (above zero) or no longer owed; gross.

    ``shared``: by a confirmed split; ``reversed``: the payment behind it went back or the terms
    changed; ``reopened``: the split was opened again before it was paid. Never changed.
    """

    __tablename__ = "commission_parts"

    id: Mapped[Key]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    receiver_id: Mapped[int] = mapped_column(sa.ForeignKey("commission_receivers.id"))
    side: Mapped[str] = mapped_column(sa.String(8))
    currency: Mapped[str] = mapped_column(sa.String(3))
    kind: Mapped[str] = mapped_column(sa.String(10))
    minor: Mapped[int] = mapped_column(BigId)
    on: Mapped[date]
    due_on: Mapped[date]
    at: Mapped[Moment]

    __table_args__ = (
        one_of("side", SIDES),
        one_of("kind", PART_KINDS),
        sa.CheckConstraint("minor <> 0 AND (kind = 'shared') = (minor > 0)", name="sign_of_kind"),
        sa.Index("ix_commission_parts_deal_id", "deal_id"),
        sa.Index("ix_commission_parts_receiver_id", "receiver_id", "on"),
    )


class Payout(Base):
    """What a paying side says that it paid to a receiver, and what the receiver says to it.

    Below zero: the receiver gave back what had been paid too much. ``key`` comes with the form.
    """

    __tablename__ = "commission_payouts"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    receiver_id: Mapped[int] = mapped_column(sa.ForeignKey("commission_receivers.id"))
    side: Mapped[str] = mapped_column(sa.String(8))
    currency: Mapped[str] = mapped_column(sa.String(3))
    minor: Mapped[int] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(sa.String(12), default="paid")
    version: Mapped[int] = mapped_column(default=1)
    paid_on: Mapped[date]
    reference: Mapped[str] = mapped_column(sa.String(100))
    key: Mapped[str] = mapped_column(sa.String(60))
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    recorded_at: Mapped[Moment]
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    answered_at: Mapped[OptionalMoment]
    words: Mapped[str | None] = mapped_column(sa.Text)

    deal: Mapped[Deal] = relationship()
    receiver: Mapped[Receiver] = relationship()

    __table_args__ = (
        one_of("side", SIDES),
        one_of("state", PAYOUT_STATES),
        sa.CheckConstraint("minor <> 0", name="not_zero"),
        sa.UniqueConstraint("deal_id", "key"),
        sa.Index("ix_commission_payouts_receiver_id", "receiver_id", "paid_on"),
        sa.Index("ix_commission_payouts_recorded_by", "recorded_by"),
        sa.Index("ix_commission_payouts_answered_by", "answered_by"),
    )


class BrokerPaper(Base):
    """A yearly statement or a certificate of a broker: which statement of credit it is.

    ``number`` is the certificate's within its year; None for a yearly statement.
    """

    __tablename__ = "broker_papers"

    id: Mapped[Key]
    statement_id: Mapped[int] = mapped_column(sa.ForeignKey("credit_statements.id"), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    year: Mapped[int]
    paper: Mapped[str] = mapped_column(sa.String(12))
    number: Mapped[int | None]
    by_itself: Mapped[bool] = mapped_column(default=False)

    statement: Mapped[CreditStatement] = relationship(lazy="joined")

    __table_args__ = (
        one_of("paper", PAPERS),
        sa.UniqueConstraint("paper", "year", "number"),
        sa.CheckConstraint("(paper = 'certificate') = (number IS NOT NULL)", name="numbered"),
        sa.CheckConstraint("year BETWEEN 2000 AND 2200", name="year_plausible"),
        sa.Index("ix_broker_papers_user_id_year", "user_id", "year"),
        # The clock makes one of its own for each broker and year, whoever starts it twice.
        sa.Index(
            "uq_broker_papers_by_itself",
            "user_id",
            "year",
            unique=True,
            postgresql_where=sa.text("by_itself"),
            sqlite_where=sa.text("by_itself"),
        ),
    )
