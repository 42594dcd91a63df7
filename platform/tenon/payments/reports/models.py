"""Tables of use reports: what is expected and written, each submission, lines, statements."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.db import Base, BigId, Facts, Json, Key, Moment, OptionalMoment, PublicId, one_of
from tenon.deals.models import Deal, TermVersion
from tenon.payments.reports.states import STATES

REVISION_STATES = ("submitted", "taken_back", "queried", "accepted")


class UseReport(Base):
    """What a licensee has to report for one period, and how far it has come.

    ``period`` is the key of ``formulas.periods`` (2027Q1); both days are inclusive. ``figures`` is
    what was written last, in minor units of ``currency`` (see figures.py); a row that is ``due``
    has none. ``revision`` counts submissions. ``remind_on`` is the next day on which to remind.
    """

    __tablename__ = "use_reports"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    period: Mapped[str] = mapped_column(sa.String(8))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    due_on: Mapped[date]
    pay_on: Mapped[date]
    currency: Mapped[str] = mapped_column(sa.String(3))
    state: Mapped[str] = mapped_column(sa.String(12), default="due")
    version: Mapped[int] = mapped_column(default=1)
    figures: Mapped[dict[str, Any] | None] = mapped_column(Json)
    revision: Mapped[int] = mapped_column(default=0)
    first_submitted_at: Mapped[OptionalMoment]
    remark: Mapped[str | None] = mapped_column(sa.Text)
    remind_on: Mapped[date | None]
    created_at: Mapped[Moment]

    deal: Mapped[Deal] = relationship()

    __table_args__ = (
        one_of("state", STATES),
        sa.CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        sa.CheckConstraint("state = 'due' OR figures IS NOT NULL", name="written_has_figures"),
        sa.CheckConstraint(
            "state IN ('due', 'draft') OR first_submitted_at IS NOT NULL", name="submitted_at"
        ),
        sa.CheckConstraint("state <> 'queried' OR remark IS NOT NULL", name="queried_why"),
        sa.UniqueConstraint("deal_id", "period"),
        sa.UniqueConstraint("deal_id", "starts_on"),
        sa.Index("ix_use_reports_remind_on", "remind_on"),
        sa.Index("ix_use_reports_state_due_on", "state", "due_on"),
    )


class UseReportRevision(Base):
    """A submission as it was, with the answer to it; figures and hash never change."""

    __tablename__ = "use_report_revisions"

    id: Mapped[Key]
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("use_reports.id"))
    number: Mapped[int]
    figures: Mapped[Facts]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    state: Mapped[str] = mapped_column(sa.String(12), default="submitted")
    reason: Mapped[str | None] = mapped_column(sa.Text)
    submitted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    submitted_at: Mapped[Moment]
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    answered_at: Mapped[OptionalMoment]

    __table_args__ = (
        one_of("state", REVISION_STATES),
        sa.CheckConstraint("state <> 'queried' OR reason IS NOT NULL", name="queried_why"),
        sa.UniqueConstraint("report_id", "number"),
        sa.Index("ix_use_report_revisions_submitted_by", "submitted_by"),
        sa.Index("ix_use_report_revisions_answered_by", "answered_by"),
    )


class UseReportLine(Base):
    """A line of a report's file: one lot sold, under one right.

    ``counts`` is False where its royalty was borne before: the lot stands in an earlier report, or
    earlier in this one under another right (one royalty per unit).
    """

    __tablename__ = "use_report_lines"

    report_id: Mapped[int] = mapped_column(sa.ForeignKey("use_reports.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    lot: Mapped[str] = mapped_column(sa.String(80))
    ip_right: Mapped[str] = mapped_column(sa.String(80), default="")
    product: Mapped[str] = mapped_column(sa.String(200), default="")
    units: Mapped[int] = mapped_column(BigId)
    gross_minor: Mapped[int] = mapped_column(BigId)
    deductions: Mapped[Facts]
    counts: Mapped[bool]

    __table_args__ = (sa.Index("ix_use_report_lines_lot", "lot"),)


class RoyaltyStatement(Base):
    """The royalty of an accepted report, with each step of the sum; never changed.

    ``content`` is all that it says (stating.py), ``sha256`` the hash of its canonical JSON;
    ``term_version_id`` the version of terms that it rests on. Numbers of a deal have no gap.
    """

    __tablename__ = "royalty_statements"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("deals.id"))
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("use_reports.id"), unique=True)
    term_version_id: Mapped[int] = mapped_column(sa.ForeignKey("deal_term_versions.id"))
    number: Mapped[int]
    content: Mapped[Facts]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    currency: Mapped[str] = mapped_column(sa.String(3))
    earned_minor: Mapped[int] = mapped_column(BigId)
    top_up_minor: Mapped[int] = mapped_column(BigId)
    payable_minor: Mapped[int] = mapped_column(BigId)
    stated_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    stated_at: Mapped[Moment]

    report: Mapped[UseReport] = relationship()
    terms: Mapped[TermVersion] = relationship()

    __table_args__ = (
        sa.CheckConstraint("payable_minor >= 0 AND top_up_minor >= 0", name="not_negative"),
        sa.UniqueConstraint("deal_id", "number"),
        sa.Index("ix_royalty_statements_term_version_id", "term_version_id"),
        sa.Index("ix_royalty_statements_stated_by", "stated_by"),
    )
