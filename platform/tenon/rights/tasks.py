"""Outbox handlers: tell people of each step of a grant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon.outbox import handles
from tenon.rights import notifying, personal, witness
from tenon.rights.models import GrantObjection, RightGrant

__all__ = ["personal", "witness"]  # imported for its registrations


@handles("rights_grant.moved")
def grant_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell those whom a step concerns."""
    grant = session.get(RightGrant, payload["id"])
    if grant is not None:
        notifying.tell(session, grant, payload["change"], now=now)


@handles("rights.grant_told")
def grant_told(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell those whom an application, an objection or an answer concerns."""
    grant = session.get(RightGrant, payload["id"])
    if grant is not None:
        key = payload.get("objection")
        objection = None if key is None else session.get(GrantObjection, key)
        notifying.tell(session, grant, payload["change"], now=now, objection=objection)
