"""Outbox handlers of the room: its owner hears of a call-off; the clock closes what has ended.

Later rooms follow ``event.moved`` and ``event.called_off``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.events.models import Event
from tenon.events.planning import handing_over, notifying, personal
from tenon.events.planning.services.moving import close_ended
from tenon.outbox import handles

PERIODIC = [("events.close_ended", timedelta(minutes=30))]

__all__ = ["handing_over", "personal"]  # imported for their registrations


@handles("event.moved")
def moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell who runs an event what others did with it, and a host what is done in its name."""
    event = session.get(Event, payload["id"])
    if event is None or payload["change"] not in ("open", "take_back"):
        return
    notifying.tell_owner(session, event, f"event_{payload['change']}", now=now)
    if payload["change"] == "open":
        notifying.tell_host(session, event, now=now)


@handles("event.called_off")
def called_off(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell who runs an event that it was called off."""
    event = session.get(Event, payload["id"])
    if event is not None and event.state == "called_off":
        notifying.tell_owner(session, event, "event_called_off", now=now)


@handles("events.close_ended")
def close_all_ended(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Close what has ended."""
    close_ended(session, now=now)
