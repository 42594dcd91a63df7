"""What an organisation's page shows of its listings: the public ones, never an anonymous need's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.listings import queries
from tenon.web.requests import request_now

SHOWN = 12


def load(session: Session, organisation: Organisation, actor: Actor) -> Mapping[str, Any] | None:
    """Return the organisation's latest public listings and experts; None where it has neither."""
    found = queries.public_of_organisation(
        session,
        organisation.id,
        now=request_now(),
        limit=SHOWN,
        with_anonymous=actor.operator or organisation.id in actor.memberships,
    )
    experts = queries.experts_of_organisation(session, organisation.id, limit=SHOWN)
    return {"listings": found, "experts": experts} if found or experts else None
