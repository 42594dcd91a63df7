"""Outbox handlers of the room, and what it registers with earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tenon.outbox import handles
from tenon.sharing import line, notifying, personal
from tenon.sharing.models import Distribution, IncomeObjection
from tenon.sharing.services.drafting import sweep_file

__all__ = ["line", "personal"]  # imported for their registrations


@handles("distribution.moved")
def moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell those whom the step concerns."""
    distribution = session.get(Distribution, payload["id"])
    if distribution is not None:
        notifying.tell_moved(session, distribution, payload["change"], now=now)


@handles("sharing.objected")
def objected(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell who works on it that somebody objects."""
    objection = session.get(IncomeObjection, payload["id"])
    if objection is not None:
        notifying.tell_objected(session, objection, now=now)


# Alone: the dispatcher shares the folder of files with the web processes, a worker need not.
@handles("sharing.file_dropped", alone=True)
def file_dropped(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Delete a receipt that was taken out."""
    sweep_file(session, digest=payload["sha256"], folder=Path(payload["folder"]))
