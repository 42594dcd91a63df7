"""What a broker has of this room: events that they run and that are not over."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Conflict
from tenon.events.models import Event
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.network import handing_over
from tenon.network.handing_over import Receivers

LIVE_STATES = ("draft", "open")


def _run_by(user_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(Event.owner_id == user_id, Event.state.in_(LIVE_STATES))


def count(session: Session, user_id: int) -> int:
    """Return how many events a broker runs that are not over."""
    return session.scalar(sa.select(sa.func.count()).where(_run_by(user_id))) or 0


def hand(session: Session, from_id: int, to: Receivers, *, by: Actor, now: datetime) -> int:
    """Have other brokers run a broker's events, by the host; who hosted one is credited later.

    Raises Conflict where somebody changed one meanwhile.
    """
    rows = session.scalars(sa.select(Event).where(_run_by(from_id)).order_by(Event.id)).all()
    for each in rows:
        swapped = session.execute(
            sa.update(Event)
            .where(Event.id == each.id, Event.version == each.version)
            .values(owner_id=to.of(each.organisation_id), version=each.version + 1)
            .execution_options(synchronize_session=False)
        )
        if not swapped.rowcount:  # type: ignore[attr-defined]  # a DML result has it
            raise Conflict("changed_meanwhile", kind="event")
        session.refresh(each, ["owner_id", "version"])
        chain, facts = ("event", each.public_id), {"version": each.version}
        history.record(session, chain=chain, kind="handed_over", by=by, now=now, facts=facts)
    return len(rows)


handing_over.register(
    handing_over.Kind("events", N_("Events that they run"), count, hand, order=50)
)
