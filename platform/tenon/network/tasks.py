"""Outbox handlers of the room, its part of the clock, and what registers itself everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.network import notifying, personal
from tenon.network.models import Handover
from tenon.network.services import closing
from tenon.network.services.watching import AT_A_TIME, alert_expiring
from tenon.outbox import emit, handles

PERIODIC = [("network.watch", timedelta(hours=12))]

__all__ = ["PERIODIC", "closing", "personal"]  # the last two are imported for registrations


@handles("network.handed_over")
def handed_over(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell firms and brokers of a hand-over."""
    row = session.get(Handover, payload["id"])
    if row is not None:
        notifying.tell_handed_over(session, row, payload["to"], now=now)


@handles("network.watch")
def watch(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Tell of certificates that are about to end; what is left over goes to a next turn."""
    if alert_expiring(session, now=now) == AT_A_TIME:
        emit(session, "network.watch", {}, now=now)
