"""Rules that the organiser made of pairs."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.events.models import Event, PairRule, Registration
from tenon.events.taking_part.queries.people import for_lists


def rules_of(session: Session, event: Event) -> Sequence[PairRule]:
    """Return an event's rules, the newest first."""
    return session.scalars(
        sa.select(PairRule)
        .where(PairRule.event_id == event.id)
        .order_by(PairRule.made_at.desc(), PairRule.id.desc())
    ).all()


def people_by_id(session: Session, keys: Collection[int]) -> dict[int, Registration]:
    """Return registrations by key, as rows for lists."""
    rows = session.scalars(
        sa.select(Registration).where(Registration.id.in_(list(keys))).options(*for_lists())
    )
    return {row.id: row for row in rows}
