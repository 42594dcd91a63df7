"""Events in the ledger of credit: how they are titled there, for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.credit import things
from tenon.credit.things import Described
from tenon.events.models import Event
from tenon.events.queries import visible_to
from tenon.events.results.queries.held import THING


def describe(session: Session, public_ids: Sequence[str], actor: Actor) -> Mapping[str, Described]:
    """Return public id -> title and page, of those events that the actor may know of."""
    rows = session.scalars(
        sa.select(Event).where(Event.public_id.in_(public_ids), visible_to(actor))
    )
    return {
        each.public_id: Described(each.title("zh"), each.title("en"), f"/events/{each.public_id}")
        for each in rows
    }


things.register(THING, describe)
