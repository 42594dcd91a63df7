"""How every change to an event's set-up begins and ends: who may, who was first, what is kept.

The version is swapped before anything else is touched: of two organisers who save at once, the
second waits for the first and is then told.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden
from tenon.events.models import Event
from tenon.events.permissions import may_run

EDITABLE = ("draft", "open")


def begin(session: Session, event: Event, *, version: int, by: Actor) -> None:
    """Take the event to change it, as it was seen at ``version``.

    Raises Forbidden, Conflict ``event_settled`` (over or called off), ``changed_meanwhile``.
    """
    if not may_run(by, event):
        raise Forbidden("not_allowed")
    if event.state not in EDITABLE:
        raise Conflict("event_settled", kind="event")
    session.flush()
    swapped = session.execute(
        sa.update(Event)
        .where(Event.id == event.id, Event.version == version, Event.state.in_(EDITABLE))
        .values(version=version + 1)
        .execution_options(synchronize_session=False)
    )
    if not swapped.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind="event")
    session.refresh(event)


def note(
    session: Session,
    event: Event,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
    told: bool = False,
) -> None:
    """Write a change to the event's history; ``told``: calendars of a public one must hear."""
    if told and event.state == "open":
        event.sequence += 1
    session.flush()
    history.record(
        session,
        chain=("event", event.public_id),
        kind=kind,
        by=by,
        now=now,
        facts={"version": event.version, **(facts or {})},
    )


def put(event: object, values: Mapping[str, Any]) -> list[str]:
    """Set columns and return the names of those that changed, in order of the alphabet."""
    changed = [name for name, value in values.items() if getattr(event, name) != value]
    for name in changed:
        setattr(event, name, values[name])
    return sorted(changed)
