"""Outbox handlers of the room: what changed in the listings room reaches the index here.

Each is alone (the index has one writer) and reads what is true now, so that doing it twice, late
or in another order changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.clock import utc_now
from tenon.matches import indexing, notifying, personal, recoding
from tenon.matches.learning.impressions import forget_impressions
from tenon.matches.learning.versions import publish
from tenon.matches.queries import epoch_day
from tenon.matches.sites import settings_behind
from tenon.outbox import Then, handles

PERIODIC = [
    ("index.sweep", timedelta(hours=1)),
    ("ranking.sweep", timedelta(hours=1)),
    ("impressions.tidy", timedelta(days=1)),
]
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
def sweep(session: Session, payload: Mapping[str, Any], now: datetime) -> Then | None:  # noqa: ARG001
    """Compare and repair; and see whether the settings want another model."""
    indexing.sweep(session, now=now)
    if not recoding.is_due(settings_behind(session)):
        return None
    return lambda writing: recoding.queue(writing, now=now)


@handles("index.encode", alone=True, reads=True, patience=PATIENCE)
def encode(session: Session, payload: Mapping[str, Any], now: datetime) -> Then | None:  # noqa: ARG001
    """Encode the index anew with the model that the settings want, one slice of it."""
    seconds = recoding.SLICE_SECONDS
    if not recoding.step(session, settings_behind(session), seconds=seconds):
        return None
    return lambda writing: recoding.queue(writing, now=max(now, utc_now()))


@handles("index.rebuild", alone=True, reads=True, patience=PATIENCE)
def rebuild(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001
    """Build the index anew, asked for by another process."""
    indexing.rebuild(session, now=now)


@handles("ranking.moved", alone=True, together=True, reads=True)
def ranking_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001
    """Let every process follow the weights that run now."""
    publish(session, settings_behind(session))


@handles("ranking.sweep", alone=True, reads=True)
def ranking_sweep(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001
    """Repair the file that processes follow, should somebody have touched it."""
    publish(session, settings_behind(session))


@handles("impressions.tidy")
def tidy_impressions(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001
    """Forget what was shown longer ago than the setting says."""
    kept = settings_behind(session).impression_days
    forget_impressions(session, before_day=epoch_day(now) - kept)


def _ids(payload: Mapping[str, Any]) -> set[int]:
    """Return the ids of one message, or of several handed over as one."""
    return {int(key) for each in payload.get("payloads", [payload]) for key in each["ids"]}
