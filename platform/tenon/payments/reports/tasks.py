"""Outbox handlers of use reports: what deals make due, who is told, who is late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.outbox import emit, follows, handles
from tenon.payments.reports import chasing, hooks, notifying, personal, telling_line
from tenon.payments.reports.models import UseReport
from tenon.payments.reports.services import expect, expect_next

PERIODIC = [("use_reports.watch", timedelta(hours=6))]

__all__ = ["hooks", "personal", "telling_line"]  # imported for their registrations


@follows("deal.moved", name="use_reports")
def deal_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Expect what the deal's new state makes due, and no more."""
    _expect(session, payload, now)


@follows("deals.terms_accepted", name="use_reports")
def terms_accepted(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Expect what amended terms make due."""
    _expect(session, payload, now)


@handles("use_report.moved")
def report_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell the other side."""
    report = session.get(UseReport, payload["id"])
    if report is not None and payload["change"] in ("submit", "query", "accept"):
        notifying.tell_step(session, report, payload["change"], now=now)


@handles("use_reports.watch")
def watch(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Begin new periods and chase late reports; what is left over goes to a next turn."""
    expect_next(session, now=now)
    if chasing.chase(session, now=now) == chasing.AT_A_TIME:
        emit(session, "use_reports.watch", {}, now=now)


def _expect(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    deal = session.get(Deal, payload["id"])
    if deal is not None and deal.signed_on is not None:
        expect(session, deal, now=now)
