"""Verbs of the room: keep a setting, share it with a deal, drop it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.db import new_public_id
from tenon.deals.models import Deal
from tenon.deals.permissions import require_read
from tenon.errors import Forbidden, Invalid
from tenon.listings.models import Listing
from tenon.simulations.models import Simulation
from tenon.simulations.reading import Question

TITLE_LIMIT = 120
MOST_KEPT = 200


def keep(
    session: Session,
    question: Question,
    *,
    title: str,
    deal: Deal | None = None,
    listing: Listing | None = None,
    shared: bool = False,
    by: Actor,
    now: datetime,
) -> Simulation:
    """Keep a setting about a deal or a listing; a shared one is open to all who read the deal.

    Raises Forbidden, NotFound, Invalid at ``title`` (required, too_long, too_many).
    """
    if by.user_id is None:
        raise Forbidden(action="keep")
    if deal is not None:
        require_read(by, deal)
    named = title.strip()
    if not named or len(named) > TITLE_LIMIT:
        raise Invalid({"title": "too_long" if named else "required"})
    count = session.scalar(
        sa.select(sa.func.count()).select_from(Simulation).where(Simulation.user_id == by.user_id)
    )
    if (count or 0) >= MOST_KEPT:
        raise Invalid({"title": "too_many"})
    made = Simulation(
        public_id=new_public_id(),
        title=named,
        user_id=by.user_id,
        deal_id=None if deal is None else deal.id,
        listing_id=None if listing is None else listing.id,
        forms=list(question.forms),
        values=dict(question.values),
        shared=shared and deal is not None,
        created_at=now,
        updated_at=now,
    )
    session.add(made)
    session.flush()
    if made.shared and deal is not None:
        facts = {"simulation": made.public_id, "forms": made.forms}
        chain = ("deal", deal.public_id)
        history.record(session, chain=chain, kind="share_simulation", by=by, now=now, facts=facts)
    return made


def drop(session: Session, simulation: Simulation, *, by: Actor, now: datetime) -> None:
    """Delete one's own setting; raises Forbidden."""
    if by.user_id is None or simulation.user_id != by.user_id:
        raise Forbidden(action="drop")
    if simulation.shared and simulation.deal is not None:
        chain = ("deal", simulation.deal.public_id)
        facts = {"simulation": simulation.public_id}
        history.record(session, chain=chain, kind="drop_simulation", by=by, now=now, facts=facts)
    session.delete(simulation)
    session.flush()
