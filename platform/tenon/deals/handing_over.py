"""What a broker has of this room: deals that are open, or in force, and that they look after."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.deals.forms.schema import OPEN_STAGES
from tenon.deals.models import Deal
from tenon.deals.services.moving import change_columns
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.network import handing_over
from tenon.network.handing_over import Receivers


def _looked_after(user_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(Deal.broker_id == user_id, Deal.stage.in_(OPEN_STAGES))


def count(session: Session, user_id: int) -> int:
    """Return how many deals that are not over a broker looks after."""
    return session.scalar(sa.select(sa.func.count()).where(_looked_after(user_id))) or 0


def hand(session: Session, from_id: int, to: Receivers, *, by: Actor, now: datetime) -> int:
    """Have other brokers look after a broker's deals, by the buyer first.

    One whose receiver belongs to either side stays with the broker, as nobody looks after a deal
    of their own house. Raises Conflict where somebody changed one meanwhile.
    """
    receivers = {key: actor_of(session.get_one(User, key)) for key in to.keys}
    rows = session.scalars(sa.select(Deal).where(_looked_after(from_id)).order_by(Deal.id)).all()
    handed = 0
    for each in rows:
        sides = (each.buyer_organisation_id, each.seller_organisation_id)
        receiver = receivers[to.of(*sides)]
        if not set(sides).isdisjoint(receiver.memberships):
            continue
        change_columns(session, each, broker_id=receiver.user_id)
        chain, facts = ("deal", each.public_id), {"handed_over": True}
        history.record(session, chain=chain, kind="name_broker", by=by, now=now, facts=facts)
        handed += 1
    return handed


handing_over.register(handing_over.Kind("deals", N_("Deals that run"), count, hand, order=40))
