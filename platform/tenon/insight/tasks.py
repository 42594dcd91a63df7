"""Outbox handlers of the room: who works where is written down; the room's parts are imported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.insight import personal
from tenon.insight.measures.recording import record_staff
from tenon.outbox import handles

PERIODIC = [("insight.record_staff", timedelta(minutes=30))]

__all__ = ["personal"]  # imported for its registrations


@handles("insight.record_staff")
def recorded(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Write down whose work or certificate has changed."""
    record_staff(session, now=now)
