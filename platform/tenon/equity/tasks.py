"""Outbox handlers: the nightly watch over the register, and what people are told of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.equity import guards, notifying, personal, telling_line, witness
from tenon.equity.models import EquityAgreement, EquityProposal
from tenon.equity.queries import agreement_of
from tenon.equity.services import end_with_deal, refresh_open
from tenon.equity.services import watch as watch_register
from tenon.outbox import follows, handles
from tenon.payments.models import Payment

PERIODIC = [("equity.watch", timedelta(hours=6))]

__all__ = ["guards", "personal", "telling_line", "witness"]  # imported for their registrations


@handles("equity.watch")
def watch(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Vest, remind, lapse: whatever a new day has brought."""
    watch_register(session, now=now)


@follows("deal.moved", name="equity")
def deal_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """End the agreement of a deal that was terminated."""
    deal = session.get(Deal, payload["id"])
    agreement = None if deal is None else agreement_of(session, deal)
    if deal is not None and agreement is not None and deal.stage == "terminated":
        end_with_deal(session, agreement, now=now)


@follows("payments.happened", name="equity")
def paid(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Compute anew what is proposed under a grant: what goes back follows what was paid."""
    payment = session.get(Payment, payload["id"])
    agreement = None if payment is None else agreement_of(session, payment.deal)
    if agreement is not None:
        refresh_open(session, agreement, now=now)


@handles("equity.proposed")
def proposed(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Ask the sides that have not confirmed, unless it was settled meanwhile."""
    proposal = session.get(EquityProposal, payload["id"])
    if proposal is not None and proposal.live_key is not None:
        notifying.tell_proposed(session, proposal, now=now)


@handles("equity.asked")
def asked(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell the holders that are on the site of their first call."""
    deal = session.get(Deal, payload["deal"])
    if deal is not None:
        notifying.tell_asked(session, deal, now=now)


@handles("equity.vested")
def vested(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell both sides that a first part has vested."""
    _tell(session, payload, "equity_vested", now)


@handles("equity.lapsed")
def lapsed(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell both sides that the right has lapsed."""
    _tell(session, payload, "equity_lapsed", now)


@handles("equity.due")
def due(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell both sides that the last day is near."""
    _tell(session, payload, "equity_due", now)


def _tell(session: Session, payload: Mapping[str, Any], kind: str, now: datetime) -> None:
    agreement = session.get(EquityAgreement, payload["id"])
    if agreement is not None:
        notifying.tell_both(session, agreement, kind, now=now)
