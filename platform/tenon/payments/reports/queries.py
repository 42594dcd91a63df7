"""Reads of use reports and statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.deals.queries import visible_to
from tenon.errors import NotFound
from tenon.payments.reports.models import (
    RoyaltyStatement,
    UseReport,
    UseReportLine,
    UseReportRevision,
)
from tenon.payments.reports.permissions import require_states

LINES_SHOWN = 200


def find(session: Session, public_id: str, *, by: Actor) -> UseReport:
    """Return a report of a deal that the actor may know of; raises NotFound, Forbidden."""
    found = session.scalars(
        sa.select(UseReport)
        .join(Deal, Deal.id == UseReport.deal_id)
        .where(UseReport.public_id == public_id, visible_to(by))
        .options(joinedload(UseReport.deal))
    ).first()
    if found is None:
        raise NotFound(kind="use_report")
    require_states(by, found.deal)
    return found


def of_deal(session: Session, deal: Deal) -> Sequence[UseReport]:
    """Return a deal's reports, the latest period first."""
    return session.scalars(
        sa.select(UseReport)
        .where(UseReport.deal_id == deal.id)
        .order_by(UseReport.starts_on.desc())
    ).all()


def has_reports(session: Session, deal: Deal) -> bool:
    """Whether a deal has a report to bring, or has brought one."""
    return bool(session.scalar(sa.select(sa.exists().where(UseReport.deal_id == deal.id))))


def statements_of(session: Session, deal: Deal) -> Mapping[int, RoyaltyStatement]:
    """Return report's key -> its statement."""
    found = session.scalars(sa.select(RoyaltyStatement).where(RoyaltyStatement.deal_id == deal.id))
    return {each.report_id: each for each in found}


def statement_of(session: Session, report: UseReport) -> RoyaltyStatement | None:
    """Return the statement of a report, once it was accepted."""
    return session.scalars(
        sa.select(RoyaltyStatement).where(RoyaltyStatement.report_id == report.id)
    ).first()


def revisions(session: Session, report: UseReport) -> Sequence[UseReportRevision]:
    """Return every submission of a report, the latest first."""
    return session.scalars(
        sa.select(UseReportRevision)
        .where(UseReportRevision.report_id == report.id)
        .order_by(UseReportRevision.number.desc())
    ).all()


def lines(session: Session, report: UseReport) -> Sequence[UseReportLine]:
    """Return the first lines of a report's file."""
    return session.scalars(
        sa.select(UseReportLine)
        .where(UseReportLine.report_id == report.id)
        .order_by(UseReportLine.position)
        .limit(LINES_SHOWN)
    ).all()
