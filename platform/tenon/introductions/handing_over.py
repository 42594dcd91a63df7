"""What a broker has of this room: introductions that live and that they look after."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.introductions import permissions
from tenon.introductions.models import Introduction
from tenon.introductions.services.checking import put_in_charge
from tenon.introductions.states import INTRODUCTION
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.network import handing_over
from tenon.network.handing_over import Receivers


def _looked_after(user_id: int) -> sa.ColumnElement[bool]:
    row = Introduction
    proposed = sa.and_(row.broker_id.is_(None), row.proposer_id == user_id)
    return sa.and_(row.live_key.is_not(None), sa.or_(row.broker_id == user_id, proposed))


def count(session: Session, user_id: int) -> int:
    """Return how many live introductions a broker looks after, or proposed and nobody else has."""
    return session.scalar(sa.select(sa.func.count()).where(_looked_after(user_id))) or 0


def hand(session: Session, from_id: int, to: Receivers, *, by: Actor, now: datetime) -> int:
    """Have other brokers look after a broker's introductions; who had the idea stays.

    One whose receiver belongs to either side stays with the broker. By the firm approached first.
    Raises Conflict where somebody changed one meanwhile.
    """
    receivers = {key: actor_of(session.get_one(User, key)) for key in to.keys}
    rows = session.scalars(
        sa.select(Introduction).where(_looked_after(from_id)).order_by(Introduction.id)
    ).all()
    handed = 0
    for each in rows:
        receiver = receivers[to.of(each.to_organisation_id, each.from_organisation_id)]
        if permissions.is_party(receiver, each):
            continue
        put_in_charge(session, each, receiver.user_id)
        chain = (INTRODUCTION.kind, each.public_id)
        history.record(session, chain=chain, kind="handed_over", by=by, now=now)
        handed += 1
    return handed


handing_over.register(
    handing_over.Kind("introductions", N_("Live introductions"), count, hand, order=30)
)
