"""Work that the clock starts: each room's ``tasks.PERIODIC`` names topics and how often.

A turn is one outbox message under a key made of topic and time slot, so however many processes
ask, it is queued once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib import import_module

import sqlalchemy as sa

from tenon.app import TASKS
from tenon.db import Database
from tenon.outbox import emit
from tenon.outbox.models import OutboxMessage


def periodic_topics() -> Sequence[tuple[str, timedelta]]:
    """Return every (topic, interval) that the rooms ask for."""
    found: list[tuple[str, timedelta]] = []
    for name in TASKS:
        found.extend(getattr(import_module(name), "PERIODIC", ()))
    return found


def slot(now: datetime, interval: timedelta) -> int:
    """Return the number of the time slot that ``now`` lies in."""
    return int(now.timestamp() // interval.total_seconds())


def queue_due(database: Database, now: datetime) -> None:
    """Queue each periodic topic's turn for the present slot, unless it is queued already."""
    keys = {f"{topic}:{slot(now, interval)}": topic for topic, interval in periodic_topics()}
    with database.reading() as session:
        known = set(
            session.scalars(sa.select(OutboxMessage.key).where(OutboxMessage.key.in_(keys)))
        )
    missing = keys.keys() - known
    if not missing:
        return
    with database.writing() as session:
        for key in sorted(missing):
            emit(session, keys[key], {}, now=now, key=key)
