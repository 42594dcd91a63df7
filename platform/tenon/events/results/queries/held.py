"""Which events count towards a yearly target: held, and somebody checked in."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.events.models import Event
from tenon.notices import delivery

THING = "meeting"
"""What an event is called in the ledger of credit."""


def events_held(
    session: Session,
    year: int,
    *,
    organisation_id: int | None = None,
    region: str | None = None,
    owner_id: int | None = None,
) -> int:
    """Return how many events of a year (by the site's clock, the day they began) count.

    ``region`` is a division's code; events of divisions within it count too.
    """
    zone = delivery.current().zone
    first, after = (datetime(each, 1, 1, tzinfo=zone).astimezone(UTC) for each in (year, year + 1))
    wanted = sa.select(sa.func.count(Event.id)).where(
        Event.reached_at.is_not(None), Event.starts_at >= first, Event.starts_at < after
    )
    if organisation_id is not None:
        wanted = wanted.where(Event.organisation_id == organisation_id)
    if owner_id is not None:
        wanted = wanted.where(Event.owner_id == owner_id)
    if region is not None:
        wanted = wanted.where(Event.region.startswith(within(region), autoescape=True))
    return session.scalar(wanted) or 0


def within(region: str) -> str:
    """Return how the codes begin of all that lies in a division (GB/T 2260: pairs of digits)."""
    code = region
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code
