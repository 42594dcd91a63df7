"""Outbox handlers: mailings and reminders are written, events that have come off are counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.events.models import Event, Mailing
from tenon.events.results import credited, notifying, personal, telling_line
from tenon.events.results.services import mailing, reaching, reminding
from tenon.outbox import emit, handles

PERIODIC = [("events.follow_up", timedelta(hours=6))]

__all__ = ["credited", "notifying", "personal", "telling_line"]  # imported for their registrations


@handles("events.mailing", patience=600)
def mailing_sent(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Write the mails of a mailing."""
    found = session.get(Mailing, payload["id"])
    if found is not None:
        mailing.write_mails(session, found, now=now)


@handles("events.remind_again")
def remind_again(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Write the reminders that an organiser asked for."""
    event = session.get(Event, payload["event"])
    if event is not None:
        reminding.ask_again(session, event, payload["keys"], now=now)


@handles("events.follow_up")
def follow_up(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Remind of outcomes and count events that were held; the rest goes to a next turn."""
    reaching.count_reached(session, now=now)
    if reminding.remind_due(session, now=now) == reminding.AT_A_TIME:
        emit(session, "events.follow_up", {}, now=now)
