"""Outbox handlers: tell people of each step, remind and lapse, follow listings that go away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.introductions import credited, handing_over, notifying, personal
from tenon.introductions.models import Introduction, IntroductionMessage
from tenon.introductions.services import AT_A_TIME, void_all_of, work_off_due
from tenon.listings.states import PUBLIC_STATES
from tenon.outbox import emit, follows, handles

PERIODIC = [("introductions.work_off", timedelta(hours=1))]

__all__ = ["credited", "handing_over", "personal"]  # imported for their registrations


@handles("introduction.moved")
def introduction_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell those whom the step concerns."""
    introduction = session.get(Introduction, payload["id"])
    if introduction is not None:
        notifying.tell_step(session, introduction, payload["change"], now=now)


@handles("introductions.said")
def said(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell those who may read a new message."""
    message = session.get(IntroductionMessage, payload["id"])
    if message is not None:
        notifying.tell_said(session, message, now=now)


@handles("introductions.due")
def due(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Remind those who are to act, or those above them."""
    introduction = session.get(Introduction, payload["id"])
    if introduction is not None:
        notifying.tell_due(
            session, introduction, step=payload["step"], stage=payload["stage"], now=now
        )


@handles("introductions.work_off")
def work_off(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Remind, escalate, let lapse what is due; what is left over goes to a next turn."""
    if work_off_due(session, now=now) == AT_A_TIME:
        emit(session, "introductions.work_off", {}, now=now)


@follows("listing.moved", name="introductions")
def listing_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """End what waits for an answer about a listing that is public no more."""
    if payload["from"] in PUBLIC_STATES and payload["to"] not in PUBLIC_STATES:
        void_all_of(session, payload["id"], now=now)
