"""Dated duties beside the pipeline, and what the contract registration says."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.db import Base, BigId, Key, OptionalMoment, PublicId, one_of
from tenon.deals.forms.schema import CONTRACT_KINDS
from tenon.deals.models import SIDES, Deal, DealFile
from tenon.listings.models import IP_KINDS

DUTY_STATES = ("open", "done", "waived")
LEGAL_NATURES = ("enterprise", "institution", "association", "government", "person", "other")


class Duty(Base):
    """Something to be done by a day by one side: registration, filing, title transfer.

    ``due_on`` is None where no rule sets a day, or before the event that it is counted from.
    ``applied_on`` is when the authority received it: a contract registration is then due on the
    day by which the authority has to decide.
    """

    __tablename__ = "compliance_duties"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    code: Mapped[str] = mapped_column(sa.String(40))
    side: Mapped[str] = mapped_column(sa.String(8))
    optional: Mapped[bool] = mapped_column(default=False)
    due_on: Mapped[date | None]
    source_zh: Mapped[str | None] = mapped_column(sa.Text)
    source_en: Mapped[str | None] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.String(12), default="open")
    applied_on: Mapped[date | None]
    number: Mapped[str | None] = mapped_column(sa.String(60))
    done_on: Mapped[date | None]
    remark: Mapped[str | None] = mapped_column(sa.Text)
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deal_files.id"))
    closed_at: Mapped[OptionalMoment]
    closed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    reminded_at: Mapped[OptionalMoment]

    deal: Mapped[Deal] = relationship(lazy="select")
    file: Mapped[DealFile | None] = relationship(lazy="select")

    __table_args__ = (
        one_of("side", SIDES),
        one_of("state", DUTY_STATES),
        sa.UniqueConstraint("deal_id", "code"),
        sa.CheckConstraint("state <> 'done' OR done_on IS NOT NULL", name="done_has_day"),
        sa.CheckConstraint("state <> 'waived' OR remark IS NOT NULL", name="waived_has_reason"),
        sa.Index("ix_compliance_duties_state_due_on", "state", "due_on"),
        sa.Index("ix_compliance_duties_file_id", "file_id"),
        sa.Index("ix_compliance_duties_closed_by", "closed_by"),
    )


class ContractRegistration(Base):
    """What the certificate of contract registration (技术合同认定登记) states, once a deal.

    Figures count registered contracts by these fields. Amounts are minor units of ``currency``.
    """

    __tablename__ = "compliance_registrations"

    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"), primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(16), unique=True)
    project_name: Mapped[str] = mapped_column(sa.String(300))
    contract: Mapped[str] = mapped_column(sa.String(20))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    signed_on: Mapped[date]
    registered_on: Mapped[date]
    authority: Mapped[str | None] = mapped_column(sa.String(200))
    currency: Mapped[str] = mapped_column(sa.String(3))
    value_minor: Mapped[int] = mapped_column(BigId)
    technology_value_minor: Mapped[int] = mapped_column(BigId)
    seller_country: Mapped[str] = mapped_column(sa.String(3))
    seller_division: Mapped[str | None] = mapped_column(sa.String(6))
    seller_nature: Mapped[str] = mapped_column(sa.String(20))
    buyer_country: Mapped[str] = mapped_column(sa.String(3))
    buyer_division: Mapped[str | None] = mapped_column(sa.String(6))
    buyer_nature: Mapped[str] = mapped_column(sa.String(20))
    ip_kind: Mapped[str | None] = mapped_column(sa.String(20))
    industry: Mapped[str | None] = mapped_column(sa.String(10))

    __table_args__ = (
        one_of("contract", CONTRACT_KINDS),
        one_of("seller_nature", LEGAL_NATURES),
        one_of("buyer_nature", LEGAL_NATURES),
        one_of("ip_kind", IP_KINDS),
        sa.CheckConstraint("length(number) = 16", name="number_whole"),
        sa.CheckConstraint("value_minor >= 0", name="value_not_negative"),
        sa.CheckConstraint(
            "technology_value_minor BETWEEN 0 AND value_minor", name="technology_within_value"
        ),
        sa.CheckConstraint("valid_to >= valid_from", name="valid_in_order"),
        sa.CheckConstraint("registered_on >= signed_on", name="registered_after_signed"),
        sa.Index("ix_compliance_registrations_registered_on", "registered_on"),
    )
