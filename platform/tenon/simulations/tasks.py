"""What the room registers with earlier ones; it has no outbox topics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.deals.starting import start
from tenon.errors import NotFound
from tenon.simulations import personal
from tenon.simulations.mapping import term_values
from tenon.simulations.queries import find
from tenon.simulations.reading import ask

__all__ = ["personal"]  # imported for its registrations


@start("simulation")
def start_values(session: Session, deal: Deal, actor: Actor, key: str) -> Mapping[str, Any] | None:
    """Return the terms that a saved setting about this deal gives its form."""
    try:
        simulation = find(session, key, by=actor)
    except NotFound:
        return None
    if simulation.deal_id != deal.id:
        return None
    question, _faults = ask(simulation.forms, simulation.values, currency=deal.currency)
    return term_values(question, deal.form)
