"""Outbox handlers of payments: fall due, remind, add years, complete licences, tell people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.deals.models import Deal
from tenon.deals.services.outcomes import note_outcome
from tenon.outbox import follows, handles
from tenon.payments import finishing, hooks, notifying, personal, telling_line, watching
from tenon.payments.models import Obligation, Payment
from tenon.payments.obligations import services
from tenon.payments.obligations.scheduling import fall_due, schedule
from tenon.payments.queries.lists import is_first_receipt

PERIODIC = [("payments.watch", timedelta(hours=6))]

__all__ = ["hooks", "personal", "telling_line"]  # imported for their registrations


@follows("deal.moved", name="payments")
def deal_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """End what waits for something that will not come any more, once a deal is completed."""
    deal = session.get(Deal, payload["id"])
    if deal is not None and deal.stage == "completed":
        services.cancel_planned(session, deal, waiting_only=True, by=SYSTEM, now=now)


@handles("payments.watch")
def watch(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Ask for what is to be done today."""
    watching.watch(session, now=now)


@handles("payments.fall_due")
def due(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Book what falls due in a deal."""
    fall_due(session, session.get_one(Deal, payload["deal_id"]), by=SYSTEM, now=now)


@handles("payments.remind")
def remind(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Remind of an obligation."""
    owed = session.get(Obligation, payload["id"])
    if owed is not None:
        watching.remind(session, owed, now=now)


@handles("payments.add_years")
def add_years(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Lay out the yearly sums of the years to come, where a contract has no end."""
    deal = session.get_one(Deal, payload["deal_id"])
    if deal.stage == "in_force":
        schedule(session, deal, by=SYSTEM, now=now)


@handles("payments.complete")
def complete(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Complete a licence whose last day is over, where nothing is owed or to be reported."""
    finishing.complete(session, session.get_one(Deal, payload["deal_id"]), now=now)


@handles("payments.happened")
def happened(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell the other side; a deal's first receipt teaches the ranking."""
    payment = session.get(Payment, payload["id"])
    if payment is None:
        return
    notifying.tell_payment(session, payment, payload["what"], by=payload["by"], now=now)
    if payload["what"] == "payment_received" and is_first_receipt(session, payment):
        note_outcome(session, payment.deal, kind="paid", now=now)
