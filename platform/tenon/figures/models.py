"""What was known of each contract, and when: rows that are only ever added.

A figure as of a past day is the sum over the last row of each deal up to that day. Triggers
(migration 0018) refuse changes and deletions.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base, BigId, Key, Moment, OptionalCode, OptionalMoment, one_of
from tenon.deals.forms.schema import CONTRACT_KINDS

CHANGES = ("signed", "amended", "registered", "ended")


class ContractRecord(Base):
    """A signed contract as it stood from ``recorded_at`` on.

    ``value_minor`` is the contract value, ``technology_minor`` the technology value where it is
    known: the registered one where the contract is registered. ``*_province`` are the provinces
    of the two sides on that day, None outside of China. ``ended`` is how the deal ended.
    """

    __tablename__ = "contract_records"

    id: Mapped[Key]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    sequence: Mapped[int]
    recorded_at: Mapped[Moment]
    change: Mapped[str] = mapped_column(sa.String(12))
    form: Mapped[str] = mapped_column(sa.String(40))
    contract: Mapped[str] = mapped_column(sa.String(12))
    signed_on: Mapped[date]
    currency: Mapped[str] = mapped_column(sa.String(3))
    value_minor: Mapped[int] = mapped_column(BigId)
    technology_minor: Mapped[int | None] = mapped_column(BigId)
    registered_on: Mapped[date | None]
    registered_value_minor: Mapped[int | None] = mapped_column(BigId)
    seller_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    seller_kind: Mapped[str] = mapped_column(sa.String(40))
    seller_region: Mapped[OptionalCode]
    seller_province: Mapped[OptionalCode]
    buyer_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    buyer_country: Mapped[str] = mapped_column(sa.String(2))
    buyer_region: Mapped[OptionalCode]
    buyer_province: Mapped[OptionalCode]
    field_scheme: Mapped[OptionalCode]
    field_code: Mapped[OptionalCode]
    new_company: Mapped[bool] = mapped_column(default=False)
    ended: Mapped[str | None] = mapped_column(sa.String(12))

    __table_args__ = (
        one_of("change", CHANGES),
        one_of("contract", CONTRACT_KINDS),
        sa.UniqueConstraint("deal_id", "sequence"),
        sa.CheckConstraint("value_minor >= 0", name="value_not_negative"),
        sa.CheckConstraint(
            "(registered_on IS NULL) = (registered_value_minor IS NULL)", name="registered_whole"
        ),
        sa.Index("ix_contract_records_recorded_at", "recorded_at"),
        sa.Index("ix_contract_records_signed_on", "signed_on"),
        sa.Index("ix_contract_records_seller_id", "seller_id", "signed_on"),
        sa.Index("ix_contract_records_buyer_id", "buyer_id"),
    )


class ResearchYear(Base):
    """What an institution spent on research in a year: the one AUTM measure that no deal knows."""

    __tablename__ = "research_years"

    organisation_id: Mapped[int] = mapped_column(
        sa.ForeignKey("organisations.id"), primary_key=True
    )
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    currency: Mapped[str] = mapped_column(sa.String(3), primary_key=True)
    minor: Mapped[int] = mapped_column(BigId)
    entered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    entered_at: Mapped[OptionalMoment]

    __table_args__ = (
        sa.CheckConstraint("minor >= 0", name="not_negative"),
        sa.CheckConstraint("year BETWEEN 1980 AND 2100", name="year_plausible"),
        sa.Index("ix_research_years_entered_by", "entered_by"),
    )
