"""Outbox handlers of trials and milestones, and the nightly watch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.outbox import handles
from tenon.trials import checks, notifying, personal, telling_line
from tenon.trials.models import Delivery, TrialReading
from tenon.trials.watching import watch_trials

PERIODIC = [("trials.watch", timedelta(hours=6))]

__all__ = ["checks", "personal", "telling_line"]  # imported for their registrations


@handles("trials.watch")
def watch(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Convert what a trigger has made payable; remind of what ends soon."""
    watch_trials(session, now=now)


@handles("trials.remind")
def remind(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell both sides that a trial ends, is over, or cannot be converted."""
    notifying.tell_trial(session, _deal(session, payload), payload["what"], now=now)


@handles("trials.reported")
def reported(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell the other side what was measured or sold."""
    reading = session.get_one(TrialReading, payload["id"])
    notifying.tell_reading(session, _deal(session, payload), reading, now=now)


@handles("trials.learned")
def learned(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell those who look after the results what the trial taught."""
    notifying.tell_lesson(session, _deal(session, payload), now=now)


@handles("trials.delivered")
def delivered(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell the buyer that a milestone waits for their acceptance."""
    delivery = session.get_one(Delivery, payload["id"])
    notifying.tell_delivery(session, _deal(session, payload), delivery, now=now)


@handles("trials.answered")
def answered(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell the seller that a milestone was accepted or returned."""
    delivery = session.get_one(Delivery, payload["id"])
    notifying.tell_delivery(session, _deal(session, payload), delivery, now=now)


def _deal(session: Session, payload: Mapping[str, Any]) -> Deal:
    return session.get_one(Deal, payload["deal_id"])
