"""The room's part of the clock, and what registers itself in every process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.compliance import checks, following, personal, telling_line, witness
from tenon.compliance.services import duties, watching
from tenon.deals.models import Deal
from tenon.outbox import emit, follows, handles

PERIODIC = [("compliance.watch", timedelta(hours=6))]

__all__ = [
    "checks",
    "following",
    "personal",
    "telling_line",
    "witness",
]  # imported for their registrations


@follows("deal.moved", name="compliance")
def deal_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Count the days of duties that begin with the step that was taken, from its own day."""
    deal = session.get(Deal, payload["id"])
    if deal is not None:
        at = deal.state_since if deal.state == payload["to"] else now
        duties.count_from_step(session, deal, payload["change"], now=at)


@handles("compliance.watch")
def watch(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """End or stop publicities, chase duties and approvals; the rest goes to a next turn."""
    turns = (
        watching.end_publicities(session, now=now),
        watching.stop_unasked(session, now=now),
        watching.chase_duties(session, now=now),
        watching.chase_approvals(session, now=now),
    )
    if watching.AT_A_TIME in turns:
        emit(session, "compliance.watch", {}, now=now)
