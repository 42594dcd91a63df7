"""What of the desk goes along when a broker's portfolio is handed over: the open tasks.

Tasks about a firm go to who gets the firm, all others to who gets everything else. Notes stay with
whoever wrote them; those about a firm are read at its place as before.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.desk.models import DeskTask
from tenon.desk.services.tasks import hand_on
from tenon.network.handing_over import N_, Kind, Receivers, register


def count(session: Session, user_id: int) -> int:
    """Return how many open tasks the person has."""
    wanted = sa.select(sa.func.count(DeskTask.id)).where(
        DeskTask.owner_id == user_id, DeskTask.done_at.is_(None)
    )
    return session.scalar(wanted) or 0


def hand(session: Session, from_id: int, to: Receivers, *, by: Actor, now: datetime) -> int:  # noqa: ARG001  # the register's form
    """Give the open tasks away and return how many went."""
    went = sum(
        hand_on(session, from_id=from_id, to_id=key, about=house)
        for house, key in to.by_firm.items()
        if key != from_id
    )
    if to.everything == from_id:
        return went
    return went + hand_on(session, from_id=from_id, to_id=to.everything)


register(Kind("desk_tasks", N_("Open tasks"), count, hand, order=80))
