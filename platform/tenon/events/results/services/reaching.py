"""An event counts towards the yearly target once it is over and somebody checked in.

``Event.reached_at`` is set once and stays; its broker is credited with hosting it.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import User
from tenon.actors import SYSTEM
from tenon.credit.services import record_act
from tenon.events.models import CheckIn, Event, Registration
from tenon.events.results.queries.held import THING
from tenon.events.states import EVENT


def count_reached(session: Session, *, now: datetime) -> int:
    """Mark every event that has come off since; return how many."""
    somebody = sa.exists().where(CheckIn.event_id == Event.id)
    found = session.scalars(
        sa.select(Event)
        .where(
            Event.reached_at.is_(None),
            Event.state.in_(("open", "over")),
            Event.ends_at <= now,
            somebody,
        )
        .order_by(Event.id)
    ).all()
    for each in found:
        _reach(session, each, now)
    return len(found)


def _reach(session: Session, event: Event, now: datetime) -> None:
    event.reached_at = now
    session.flush()
    history.record(
        session,
        chain=(EVENT.kind, event.public_id),
        kind="reached",
        by=SYSTEM,
        now=now,
        facts={"ended": event.ends_at.isoformat()},
    )
    host = None if event.owner_id is None else session.get(User, event.owner_id)
    if host is None or host.erased_at is not None:
        return
    houses = session.scalars(
        sa.select(Registration.organisation_id)
        .where(Registration.event_id == event.id, Registration.organisation_id.is_not(None))
        .distinct()
    )
    record_act(
        session,
        thing=(THING, event.public_id),
        act="hosted",
        person=host,
        organisation_id=event.organisation_id,
        concerned=[event.organisation_id, *(key for key in houses if key is not None)],
        by=SYSTEM,
        now=now,
    )
