"""Outbox handlers: contracts are written down when they are signed, amended, registered, ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.figures import personal
from tenon.figures.recording import record_contract, record_unrecorded
from tenon.outbox import follows, handles

PERIODIC = [("figures.catch_up", timedelta(minutes=30))]

__all__ = ["personal"]  # imported for its registrations


@follows("deal.moved", name="figures")
def moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Write a contract down that was signed or has ended."""
    _record(session, payload, now)


@follows("deals.terms_accepted", name="figures")
def terms_accepted(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Write down what an amendment changed."""
    _record(session, payload, now)


@handles("figures.catch_up")
def catch_up(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Write down registrations that came since."""
    record_unrecorded(session, now=now)


def _record(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    deal = session.get(Deal, payload["id"])
    if deal is not None:
        record_contract(session, deal, now=now)
