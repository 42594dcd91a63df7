"""What a broker has of this room: listings under their care; and what lies at a place."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.listings.models import Listing
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.network import handing_over, lying_here
from tenon.network.handing_over import Receivers

OVER_STATES = ("rejected", "concluded", "withdrawn", "expired")
"""Nobody has to do with these any more, but for who writes them anew."""


def _cared_for(user_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(Listing.broker_id == user_id, Listing.state.not_in(OVER_STATES))


def count(session: Session, user_id: int) -> int:
    """Return how many live listings a broker has under their care."""
    return session.scalar(sa.select(sa.func.count()).where(_cared_for(user_id))) or 0


def hand(session: Session, from_id: int, to: Receivers, *, by: Actor, now: datetime) -> int:
    """Put other brokers in charge of a broker's listings, by the organisation that owns each."""
    rows = session.execute(
        sa.select(Listing.id, Listing.public_id, Listing.organisation_id)
        .where(_cared_for(from_id))
        .order_by(Listing.id)
    ).all()
    for key, public_id, organisation_id in rows:
        session.execute(
            sa.update(Listing)
            .where(Listing.id == key, Listing.broker_id == from_id)
            .values(broker_id=to.of(organisation_id))
            .execution_options(synchronize_session="fetch")
        )
        chain = ("listing", public_id)
        history.record(session, chain=chain, kind="handed_over", by=by, now=now)
    return len(rows)


def _lies_at(station_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(Listing.handling_station_id == station_id, Listing.state.not_in(OVER_STATES))


def count_at(session: Session, station_id: int) -> int:
    """Return how many live listings a place has in hand."""
    return session.scalar(sa.select(sa.func.count()).where(_lies_at(station_id))) or 0


def hand_up(session: Session, from_id: int, to_id: int, *, by: Actor, now: datetime) -> int:
    """Have another place take what a place has in hand; where a listing came in stays."""
    rows = session.execute(
        sa.select(Listing.id, Listing.public_id).where(_lies_at(from_id)).order_by(Listing.id)
    ).all()
    for key, public_id in rows:
        session.execute(
            sa.update(Listing)
            .where(Listing.id == key)
            .values(handling_station_id=to_id)
            .execution_options(synchronize_session="fetch")
        )
        chain = ("listing", public_id)
        history.record(session, chain=chain, kind="handed_up", by=by, now=now)
    return len(rows)


handing_over.register(
    handing_over.Kind("listings", N_("Listings under their care"), count, hand, order=20)
)
lying_here.register(
    lying_here.Kind("listings", N_("Needs and achievements in hand"), count_at, hand_up, order=20)
)
