"""Companies with a cap table, who holds them, what happened, agreements that may bring units.

Only events are kept; every table is computed from them (``course``). What a person may see of a
company stands in permissions.py.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import Organisation
from tenon.db import Base, BigId, Facts, Json, Key, Moment, OptionalMoment, PublicId, one_of
from tenon.deals.models import Deal
from tenon.formulas.equity import KINDS

HOLDER_KINDS = ("organisation", "team", "person", "other")
EVENT_KINDS = (
    "incorporation",
    "contribution",
    "round",
    "pool",
    "pool_issued",
    "right_granted",
    "exercise",
    "right_lapsed",
    "grant_made",
    "conversion",
    "grant_closed",
    "transfer",
    "repurchase",
    "split",
    "strike",
)
"""``strike`` takes an earlier event out of the computation; nothing is ever deleted."""

AGREEMENT_KINDS = ("subscription", "grant")
SUBSCRIPTION_STATES = (
    "granted",
    "vested",
    "exercised_in_part",
    "exercised",
    "lapsed",
    "terminated",
)
GRANT_STATES = ("granted", "conversion_proposed", "converted", "repaid", "closed")
LIVE_AGREEMENTS = ("granted", "vested", "exercised_in_part", "conversion_proposed")
PROPOSAL_KINDS = ("exercise", "conversion", "repaid", "closed")
ANSWERS = ("takes_up", "waives")


class EquityCompany(Base):
    """A company whose cap table is kept: an organisation of the site, or one still to be founded.

    ``par_minor`` is registered capital a unit: 1 in a limited company. ``preemption`` is what its
    holders or articles state on increases where they differ from the law (Company Law 227).
    ``version`` grows with every event, so that of two who record at once one is told.
    """

    __tablename__ = "equity_companies"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(sa.String(200))
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisations.id"), unique=True
    )
    kind: Mapped[str] = mapped_column(sa.String(12))
    currency: Mapped[str] = mapped_column(sa.String(3), default="CNY")
    par_minor: Mapped[int] = mapped_column(default=1)
    preemption: Mapped[bool | None]
    version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))

    organisation: Mapped[Organisation | None] = relationship()
    holders: Mapped[list[EquityHolder]] = relationship(order_by="EquityHolder.id")

    __table_args__ = (
        one_of("kind", KINDS),
        sa.CheckConstraint("par_minor > 0", name="par_positive"),
        sa.CheckConstraint("kind <> 'limited' OR par_minor = 1", name="par_of_limited"),
        sa.Index("ix_equity_companies_created_by", "created_by"),
    )


class EquityDeal(Base):
    """Which company a deal is about."""

    __tablename__ = "equity_deals"

    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"), primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("equity_companies.id"))
    at: Mapped[Moment]

    __table_args__ = (sa.Index("ix_equity_deals_company_id", "company_id"),)


class EquityHolder(Base):
    """Somebody who holds or may come to hold units; ``key`` stands for them in events."""

    __tablename__ = "equity_holders"

    id: Mapped[Key]
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("equity_companies.id"))
    key: Mapped[str] = mapped_column(sa.String(8))
    kind: Mapped[str] = mapped_column(sa.String(12), default="other")
    name: Mapped[str] = mapped_column(sa.String(200))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))

    organisation: Mapped[Organisation | None] = relationship()

    __table_args__ = (
        one_of("kind", HOLDER_KINDS),
        sa.UniqueConstraint("company_id", "key"),
        sa.UniqueConstraint("company_id", "name"),
        sa.Index("ix_equity_holders_organisation_id", "organisation_id"),
    )


class EquityEvent(Base):
    """One event, as agreed or as registered; never changed, at most struck by a later one.

    ``facts`` hold what was agreed (keys of holders, amounts), ``result`` who got which units for
    what when it was recorded. ``sequence`` is its place in the company's chain of history.
    """

    __tablename__ = "equity_events"

    id: Mapped[Key]
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("equity_companies.id"))
    number: Mapped[int]
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(sa.String(20))
    facts: Mapped[Facts]
    result: Mapped[list[Any]] = mapped_column(Json)
    deal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deals.id"))
    source: Mapped[str | None] = mapped_column(sa.String(300))
    sequence: Mapped[int]
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    recorded_at: Mapped[Moment]

    deal: Mapped[Deal | None] = relationship()

    __table_args__ = (
        one_of("kind", EVENT_KINDS),
        sa.UniqueConstraint("company_id", "number"),
        sa.Index("ix_equity_events_deal_id", "deal_id"),
        sa.Index("ix_equity_events_recorded_by", "recorded_by"),
    )


class EquityAgreement(Base):
    """A subscription agreement or a grant that may become equity: its place in the register.

    Its terms are those of the event ``key`` that granted it. ``expires_on`` is what the nightly
    watch reads.
    """

    __tablename__ = "equity_agreements"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("equity_companies.id"))
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"), unique=True)
    holder_id: Mapped[int] = mapped_column(sa.ForeignKey("equity_holders.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    key: Mapped[str] = mapped_column(sa.String(32))
    state: Mapped[str] = mapped_column(sa.String(20), default="granted")
    granted_on: Mapped[date]
    expires_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    reminded_on: Mapped[date | None]
    state_since: Mapped[Moment]
    created_at: Mapped[Moment]

    company: Mapped[EquityCompany] = relationship()
    deal: Mapped[Deal] = relationship()
    holder: Mapped[EquityHolder] = relationship()

    __table_args__ = (
        one_of("kind", AGREEMENT_KINDS),
        one_of("state", tuple(dict.fromkeys((*SUBSCRIPTION_STATES, *GRANT_STATES)))),
        sa.CheckConstraint("kind <> 'subscription' OR expires_on IS NOT NULL", name="expiry_set"),
        sa.UniqueConstraint("company_id", "key"),
        sa.Index("ix_equity_agreements_holder_id", "holder_id"),
        sa.Index("ix_equity_agreements_state_expires_on", "state", "expires_on"),
    )


class EquityProposal(Base):
    """An exercise, conversion, repayment or closing, computed, waiting for both sides.

    ``facts`` are those of the event that it becomes; ``computed`` is what both sides read when
    they confirm, with the company's ``version`` that it was computed from. ``live_key`` names the
    agreement while it is open, so that there is one at a time.
    """

    __tablename__ = "equity_proposals"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("equity_agreements.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    day: Mapped[date]
    facts: Mapped[Facts]
    computed: Mapped[Facts]
    company_version: Mapped[int]
    live_key: Mapped[int | None] = mapped_column(BigId, unique=True)
    seller_confirmed_at: Mapped[OptionalMoment]
    seller_confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    buyer_confirmed_at: Mapped[OptionalMoment]
    buyer_confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    done_at: Mapped[OptionalMoment]
    withdrawn_at: Mapped[OptionalMoment]
    created_at: Mapped[Moment]

    agreement: Mapped[EquityAgreement] = relationship()

    __table_args__ = (
        one_of("kind", PROPOSAL_KINDS),
        sa.CheckConstraint(
            "done_at IS NULL OR (seller_confirmed_at IS NOT NULL"
            " AND buyer_confirmed_at IS NOT NULL)",
            name="done_by_both",
        ),
        sa.CheckConstraint(
            "(live_key IS NULL) = (done_at IS NOT NULL OR withdrawn_at IS NOT NULL)",
            name="live_key_while_open",
        ),
        sa.Index("ix_equity_proposals_agreement_id", "agreement_id", "id"),
        sa.Index("ix_equity_proposals_seller_confirmed_by", "seller_confirmed_by"),
        sa.Index("ix_equity_proposals_buyer_confirmed_by", "buyer_confirmed_by"),
    )


class EquityAppraisal(Base):
    """The appraised value of the technology that a deal contributes (Company Law 48).

    ``sha256`` is the report's, which lies with the deal's files. The latest counts.
    """

    __tablename__ = "equity_appraisals"

    id: Mapped[Key]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("deal_files.id"))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    appraiser: Mapped[str] = mapped_column(sa.String(200))
    value_minor: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str] = mapped_column(sa.String(3))
    appraised_on: Mapped[date]
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    recorded_at: Mapped[Moment]

    __table_args__ = (
        sa.CheckConstraint("value_minor > 0", name="value_positive"),
        sa.Index("ix_equity_appraisals_deal_id", "deal_id", "id"),
        sa.Index("ix_equity_appraisals_file_id", "file_id"),
        sa.Index("ix_equity_appraisals_recorded_by", "recorded_by"),
    )


class EquityPreemption(Base):
    """One holder's first call on an increase, with its dated answer (Company Law 227).

    ``units`` are those of the whole increase as computed when the step was opened, ``entitled``
    the holder's part.
    """

    __tablename__ = "equity_preemptions"

    id: Mapped[Key]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    holder_id: Mapped[int] = mapped_column(sa.ForeignKey("equity_holders.id"))
    units: Mapped[int] = mapped_column(BigId)
    entitled: Mapped[int] = mapped_column(BigId)
    company_version: Mapped[int]
    answer: Mapped[str | None] = mapped_column(sa.String(12))
    taken: Mapped[int | None] = mapped_column(BigId)
    answered_on: Mapped[date | None]
    evidence: Mapped[str | None] = mapped_column(sa.String(300))
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    asked_at: Mapped[Moment]

    holder: Mapped[EquityHolder] = relationship()

    __table_args__ = (
        one_of("answer", ANSWERS),
        sa.UniqueConstraint("deal_id", "holder_id"),
        sa.CheckConstraint("(answer IS NULL) = (answered_on IS NULL)", name="answer_dated"),
        sa.CheckConstraint("taken BETWEEN 0 AND entitled", name="taken_within_part"),
        sa.Index("ix_equity_preemptions_holder_id", "holder_id"),
        sa.Index("ix_equity_preemptions_answered_by", "answered_by"),
    )
