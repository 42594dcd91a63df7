"""What an organisation's page shows of the network: who looks after it, to whom that is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.network.queries.portfolio import live_row, may_see_firm


def load(session: Session, organisation: Organisation, actor: Actor) -> Mapping[str, Any] | None:
    """Return the keeper for its own people and brokers in sight; to brokers, that it is free."""
    belongs = actor.role_in(organisation.id) is not None
    if not (belongs or actor.broker or actor.operator) or organisation.state != "approved":
        return None
    row = live_row(session, organisation.id)
    if row is None:
        return {"keeper": None, "free": True, "may_take": True} if actor.broker else None
    if belongs or may_see_firm(actor, row):
        return {"keeper": row.broker, "row": row, "free": False, "inside": not belongs}
    return {"keeper": None, "free": False}
