"""Open cases are handed over with a broker's work, and go up when a place is closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.network import handing_over, lying_here
from tenon.network.handing_over import N_, Receivers
from tenon.routing.models import NeedCase
from tenon.routing.services.assigning import hand_by_itself
from tenon.routing.services.moving import move

LIVE = ("open", "answered")


def _of_broker(session: Session, user_id: int) -> Sequence[NeedCase]:
    return session.scalars(
        sa.select(NeedCase)
        .where(NeedCase.broker_id == user_id, NeedCase.state.in_(LIVE))
        .order_by(NeedCase.id)
    ).all()


def count_cases(session: Session, user_id: int) -> int:
    """Return how many needs that are not over a broker looks after."""
    wanted = sa.select(sa.func.count(NeedCase.id)).where(
        NeedCase.broker_id == user_id, NeedCase.state.in_(LIVE)
    )
    return session.scalar(wanted) or 0


def hand_cases(session: Session, from_id: int, to: Receivers, *, by: Actor, now: datetime) -> int:
    """Give each need to who gets its firm, logged like any other assignment."""
    found = _of_broker(session, from_id)
    for case in found:
        key = to.of(case.listing.organisation_id)
        reasons = [{"code": "handed_over"}]
        move(session, case, "assigned", reasons=reasons, broker_id=key, by=by, now=now)
    return len(found)


def count_at_place(session: Session, station_id: int) -> int:
    """Return how many needs that are not over lie at a place."""
    wanted = sa.select(sa.func.count(NeedCase.id)).where(
        NeedCase.station_id == station_id, NeedCase.state.in_(LIVE)
    )
    return session.scalar(wanted) or 0


def cases_up(session: Session, from_id: int, to_id: int, *, by: Actor, now: datetime) -> int:
    """Move needs to the place above one that is closed; days and broker stay.

    What nobody had is given out there, where that place gives out needs by itself.
    """
    found = session.scalars(
        sa.select(NeedCase)
        .where(NeedCase.station_id == from_id, NeedCase.state.in_(LIVE))
        .order_by(NeedCase.id)
    ).all()
    for case in found:
        reasons = [{"code": "place_closed"}]
        move(session, case, "routed", reasons=reasons, station_id=to_id, by=by, now=now)
        hand_by_itself(session, case, now=now)
    return len(found)


handing_over.register(
    handing_over.Kind("need_cases", N_("Needs on their way"), count_cases, hand_cases, order=30)
)
lying_here.register(
    lying_here.Kind("need_cases", N_("Needs on their way"), count_at_place, cases_up, order=30)
)
