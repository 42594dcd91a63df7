"""Tell later rooms that what is public has changed; they fetch it anew by id."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from tenon.outbox import emit

BATCH = 500


def announce(session: Session, listing_ids: Sequence[int], *, now: datetime) -> None:
    """Emit ``listings.changed`` for these listings, in batches of at most 500."""
    _emit(session, "listings.changed", listing_ids, now)


def announce_experts(session: Session, expert_ids: Sequence[int], *, now: datetime) -> None:
    """Emit ``experts.changed`` for these experts, in batches of at most 500."""
    _emit(session, "experts.changed", expert_ids, now)


def _emit(session: Session, topic: str, ids: Sequence[int], now: datetime) -> None:
    for start in range(0, len(ids), BATCH):
        emit(session, topic, {"ids": list(ids[start : start + BATCH])}, now=now)
