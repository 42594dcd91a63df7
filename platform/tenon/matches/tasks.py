"""Outbox handlers of the room: what changed in the listings room reaches the index here.

Each is alone (the index has one writer) and reads what is true now, so that doing it twice, late
or in another order changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.matches import indexing, notifying, personal
from tenon.outbox import handles

PERIODIC = [("index.sweep", timedelta(hours=1))]
PATIENCE = 1800

__all__ = ["PERIODIC", "notifying", "personal"]  # the last two are imported for their registrations


@handles("listings.changed", alone=True, together=True, reads=True, patience=PATIENCE)
def listings_changed(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Bring the index up to these listings, and to the experts who contributed to them."""
    indexing.apply_changes(session, listing_ids=_ids(payload), now=now)


@handles("experts.changed", alone=True, together=True, reads=True, patience=PATIENCE)
def experts_changed(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Bring the index up to these experts."""
    indexing.apply_changes(session, listing_ids=(), expert_ids=_ids(payload), now=now)


@handles("index.sweep", alone=True, reads=True, patience=PATIENCE)
def sweep(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001
    """Compare and repair."""
    indexing.sweep(session, now=now)


@handles("index.rebuild", alone=True, reads=True, patience=PATIENCE)
def rebuild(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001
    """Build the index anew, asked for by another process."""
    indexing.rebuild(session, now=now)


def _ids(payload: Mapping[str, Any]) -> set[int]:
    """Return the ids of one message, or of several handed over as one."""
    return {int(key) for each in payload.get("payloads", [payload]) for key in each["ids"]}
