"""Outbox handlers of the room, and its registrations: witness, words, personal data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon.credit import personal, witness
from tenon.credit.models import CreditDispute
from tenon.credit.services.telling import tell_settled, tell_withdrawn
from tenon.outbox import handles

__all__ = ["personal", "witness"]  # imported for their registrations


@handles("credit_dispute.moved")
def dispute_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell both sides how a dispute ended."""
    dispute = session.get(CreditDispute, payload["id"])
    if dispute is None:
        return
    if payload["change"] == "withdraw":
        tell_withdrawn(session, dispute, now=now)
    else:
        tell_settled(session, dispute, outcome=payload["change"], now=now)
