"""Tables of the room: obligations, payments, invoices. What was booked stands in the ledger.

An obligation's ``state`` follows from the ledger (queries/sums.py); it is kept so that lists can
be filtered, and changes in the transaction that books.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import Organisation
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
from tenon.payments.kinds import KINDS, PAYMENT_KINDS, PAYMENT_STATES, STATES, other_side

INVOICE_KINDS = ("invoice", "credit_note")


class Obligation(Base):
    """A sum that one side of a deal owes the other, once.

    ``key`` names it within the deal and stays the same when the terms are amended. ``net_minor``
    is without VAT; ``vat_rate`` is in percent. It falls due on ``due_on``, or once the event
    ``waits_for`` has happened. ``firm`` is False for the most that may come (a yearly minimum that
    a statement will settle); such a one does not fall due by itself. ``charged``: made by a
    statement or by hand, so that an amendment of the terms leaves it alone. ``booked_on`` is the
    day it first stood in the ledger, ``remind_on`` the next day on which to remind.
    """

    __tablename__ = "payment_obligations"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    key: Mapped[str] = mapped_column(sa.String(80))
    kind: Mapped[str] = mapped_column(sa.String(20))
    debtor: Mapped[str] = mapped_column(sa.String(8))
    net_minor: Mapped[int] = mapped_column(BigId)
    vat_rate: Mapped[Decimal] = mapped_column(ExactDecimal(4), default=Decimal(0))
    vat_minor: Mapped[int] = mapped_column(BigId, default=0)
    currency: Mapped[str] = mapped_column(sa.String(3))
    due_on: Mapped[date | None]
    waits_for: Mapped[str | None] = mapped_column(sa.String(60))
    firm: Mapped[bool] = mapped_column(default=True)
    charged: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(sa.String(12), default="planned")
    version: Mapped[int] = mapped_column(default=1)
    term_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deal_term_versions.id"))
    origin_kind: Mapped[str | None] = mapped_column(sa.String(40))
    origin_id: Mapped[str | None] = mapped_column(sa.String(40))
    facts: Mapped[Facts]
    booked_on: Mapped[date | None]
    remind_on: Mapped[date | None]
    ended_at: Mapped[OptionalMoment]
    end_reason: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[Moment]

    deal: Mapped[Deal] = relationship()

    __table_args__ = (
        one_of("kind", KINDS),
        one_of("state", STATES),
        one_of("debtor", SIDES),
        sa.CheckConstraint("net_minor >= 0 AND vat_minor >= 0", name="not_negative"),
        sa.CheckConstraint("vat_rate >= 0", name="vat_rate_not_negative"),
        sa.CheckConstraint("due_on IS NOT NULL OR waits_for IS NOT NULL", name="has_time"),
        sa.CheckConstraint(
            "state NOT IN ('due', 'part_paid', 'paid') OR booked_on IS NOT NULL",
            name="owed_is_booked",
        ),
        sa.CheckConstraint("state <> 'waived' OR end_reason IS NOT NULL", name="waived_why"),
        sa.CheckConstraint("(origin_kind IS NULL) = (origin_id IS NULL)", name="origin_whole"),
        sa.UniqueConstraint("deal_id", "key"),
        sa.Index("ix_payment_obligations_state_due_on", "state", "due_on"),
        sa.Index("ix_payment_obligations_remind_on", "remind_on"),
        sa.Index("ix_payment_obligations_term_version_id", "term_version_id"),
        sa.Index("ix_payment_obligations_origin", "origin_kind", "origin_id"),
    )

    @property
    def creditor(self) -> str:
        """The side to whom it is owed."""
        return other_side(self.debtor)

    @property
    def settled_by_hand(self) -> bool:
        """Whether an amendment of the terms leaves it alone: charged, or (partly) waived."""
        return self.charged or self.state == "waived" or self.end_reason is not None

    @property
    def gross_minor(self) -> int:
        """What has to be paid: net and VAT."""
        return self.net_minor + self.vat_minor


class Payment(Base):
    """Money that went from one side to the other, as the one who got it confirms.

    ``receipt``: for what is owed to ``payee``; ``refund``: back to the other side, out of what the
    receipt ``of_id`` left over. ``key`` comes with the form, so that a retried request makes one
    payment; ``reference_key`` is the bank's reference made comparable, empty once the payment does
    not count, so that one transfer is recorded once. ``wishes`` are public ids of obligations that
    it was meant for.
    """

    __tablename__ = "payments"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    kind: Mapped[str] = mapped_column(sa.String(8), default="receipt")
    payee: Mapped[str] = mapped_column(sa.String(8))
    amount_minor: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str] = mapped_column(sa.String(3))
    paid_on: Mapped[date]
    reference: Mapped[str | None] = mapped_column(sa.String(100))
    reference_key: Mapped[str | None] = mapped_column(sa.String(100))
    note: Mapped[str | None] = mapped_column(sa.String(500))
    wishes: Mapped[list[str]] = mapped_column(Json, default=list)
    state: Mapped[str] = mapped_column(sa.String(12))
    version: Mapped[int] = mapped_column(default=1)
    key: Mapped[str] = mapped_column(sa.String(60))
    of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payments.id"))
    announced_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    announced_at: Mapped[OptionalMoment]
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    recorded_at: Mapped[OptionalMoment]
    ended_at: Mapped[OptionalMoment]
    end_reason: Mapped[str | None] = mapped_column(sa.Text)

    deal: Mapped[Deal] = relationship()
    of: Mapped[Payment | None] = relationship(remote_side="Payment.id")

    __table_args__ = (
        one_of("kind", PAYMENT_KINDS),
        one_of("payee", SIDES),
        one_of("state", PAYMENT_STATES),
        sa.CheckConstraint("amount_minor > 0", name="positive"),
        sa.CheckConstraint("(kind = 'refund') = (of_id IS NOT NULL)", name="refund_of_receipt"),
        sa.CheckConstraint("state <> 'received' OR recorded_at IS NOT NULL", name="received_at"),
        sa.CheckConstraint(
            "state NOT IN ('refused', 'taken_back') OR reference_key IS NULL",
            name="reference_while_counting",
        ),
        sa.UniqueConstraint("deal_id", "key"),
        sa.UniqueConstraint("deal_id", "currency", "reference_key"),
        sa.Index("ix_payments_deal_id_paid_on", "deal_id", "paid_on"),
        sa.Index("ix_payments_paid_on", "paid_on"),
        sa.Index("ix_payments_of_id", "of_id"),
        sa.Index("ix_payments_announced_by", "announced_by"),
        sa.Index("ix_payments_recorded_by", "recorded_by"),
    )


class Invoice(Base):
    """A numbered paper for what is owed: an invoice, or a credit note that takes some of it back.

    Never changed (trigger of migration 0011). Numbers of an issuer and a year have no gap: each but
    the first refers to the one before it (``follows``).
    """

    __tablename__ = "payment_invoices"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    kind: Mapped[str] = mapped_column(sa.String(12))
    issuer_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    year: Mapped[int]
    number: Mapped[int]
    follows: Mapped[int | None]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    obligation_id: Mapped[int] = mapped_column(sa.ForeignKey("payment_obligations.id"))
    corrects_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payment_invoices.id"))
    net_minor: Mapped[int] = mapped_column(BigId)
    vat_minor: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str] = mapped_column(sa.String(3))
    content: Mapped[Facts]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    issued_on: Mapped[date]
    issued_at: Mapped[Moment]
    issued_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))

    issuer: Mapped[Organisation] = relationship()
    obligation: Mapped[Obligation] = relationship()
    corrects: Mapped[Invoice | None] = relationship(
        foreign_keys=[corrects_id], remote_side="Invoice.id"
    )

    __table_args__ = (
        one_of("kind", INVOICE_KINDS),
        sa.CheckConstraint("net_minor >= 0 AND vat_minor >= 0", name="not_negative"),
        sa.CheckConstraint("net_minor + vat_minor > 0", name="of_something"),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (corrects_id IS NOT NULL)", name="credit_note_of_invoice"
        ),
        sa.CheckConstraint(
            "(number = 1 AND follows IS NULL) "
            "OR (number > 1 AND follows IS NOT NULL AND follows = number - 1)",
            name="follows_the_one_before",
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id", "year", "follows"],
            ["payment_invoices.issuer_id", "payment_invoices.year", "payment_invoices.number"],
            name="fk_payment_invoices_follows",
        ),
        sa.UniqueConstraint("issuer_id", "year", "number", name="uq_payment_invoices_number"),
        sa.Index("ix_payment_invoices_obligation_id", "obligation_id"),
        sa.Index("ix_payment_invoices_deal_id", "deal_id"),
        sa.Index("ix_payment_invoices_corrects_id", "corrects_id"),
        sa.Index("ix_payment_invoices_issued_by", "issued_by"),
    )

    @property
    def gross_minor(self) -> int:
        """Net and VAT together."""
        return self.net_minor + self.vat_minor

    @property
    def label(self) -> str:
        """The number as it stands on the paper, such as ``2027-0003``."""
        return f"{self.year}-{self.number:04d}"
