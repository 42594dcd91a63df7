"""Reads of saved settings: one's own, and those shared with a deal."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.deals.permissions import may_read
from tenon.errors import NotFound
from tenon.listings.models import Listing
from tenon.simulations.models import Simulation


def may_see(actor: Actor, simulation: Simulation) -> bool:
    """Whether the actor may load a setting: its owner, and who reads the deal it is shared with."""
    if actor.user_id is not None and simulation.user_id == actor.user_id:
        return True
    return simulation.shared and simulation.deal is not None and may_read(actor, simulation.deal)


def find(session: Session, public_id: str, *, by: Actor) -> Simulation:
    """Return a saved setting; raises NotFound for one that the actor may not load."""
    found = session.scalars(
        sa.select(Simulation)
        .where(Simulation.public_id == public_id)
        .options(joinedload(Simulation.deal), joinedload(Simulation.user))
    ).first()
    if found is None or not may_see(by, found):
        raise NotFound(kind="simulation")
    return found


def about(
    session: Session, *, deal: Deal | None = None, listing: Listing | None = None, by: Actor
) -> Sequence[Simulation]:
    """Return the settings about a deal or a listing that the actor may load, the latest first."""
    mine: sa.ColumnElement[bool] = Simulation.user_id == (by.user_id or 0)
    if deal is not None and may_read(by, deal):
        mine = sa.or_(mine, Simulation.shared.is_(True))
    thing = (
        Simulation.deal_id == deal.id
        if deal is not None
        else Simulation.listing_id == (listing.id if listing is not None else 0)
    )
    return session.scalars(
        sa.select(Simulation)
        .where(thing, mine)
        .options(joinedload(Simulation.user))
        .order_by(Simulation.updated_at.desc(), Simulation.id.desc())
    ).all()


def mine(session: Session, user_id: int) -> Sequence[Simulation]:
    """Return a person's own settings, the latest first."""
    return session.scalars(
        sa.select(Simulation)
        .where(Simulation.user_id == user_id)
        .options(joinedload(Simulation.deal), joinedload(Simulation.listing))
        .order_by(Simulation.updated_at.desc(), Simulation.id.desc())
    ).all()
