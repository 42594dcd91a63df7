"""Entries of this room in a deal's chain of history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.history import HistoryEntry


def record(
    session: Session,
    deal: Deal,
    kind: str,
    facts: Mapping[str, object],
    *,
    by: Actor,
    now: datetime,
) -> HistoryEntry:
    """Append what was done to the deal's chain; ``facts`` hold nothing of a person."""
    chain = ("deal", deal.public_id)
    return history.record(session, chain=chain, kind=kind, by=by, now=now, facts=facts)
