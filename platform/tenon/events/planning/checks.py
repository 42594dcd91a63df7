"""What an event lacks before it can be announced; each lack names the page that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.events.models import Event, EventMay
from tenon.events.queries import slots_of


@dataclass(frozen=True, slots=True)
class Lack:
    """Something missing: its code, and the endpoint of the page that mends it."""

    code: str
    endpoint: str


def lacks(session: Session, event: Event, *, now: datetime) -> list[Lack]:
    """Return what must be mended before the event can be announced; none where it can."""
    pairs = sa.select(EventMay.a_id).where(EventMay.event_id == event.id).limit(1)
    seats = any(room.tables for room in event.rooms) or event.mode == "online"
    found = (
        ("title", "events.basics", bool(event.title_zh or event.title_en)),
        ("past", "events.days", event.ends_at > now),
        ("slots", "events.days", bool(slots_of(session, event))),
        ("tables", "events.rooms", seats),
        ("groups", "events.groups", bool(event.groups)),
        ("may", "events.groups", session.scalar(pairs) is not None),
    )
    return [Lack(code, endpoint) for code, endpoint, there in found if not there]
