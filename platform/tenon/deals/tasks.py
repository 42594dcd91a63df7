"""Outbox handlers: tell people, credit who closed a deal, teach the ranking, watch the days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.deals import (
    checks,
    credited,
    forms,
    handing_over,
    notifying,
    personal,
    telling_line,
)
from tenon.deals.models import SIDES, Deal, DealMessage, TermVersion
from tenon.deals.services.outcomes import note_outcome
from tenon.deals.services.watching import AT_A_TIME, lapse_idle, remind_idle, take_effect_due
from tenon.outbox import emit, handles

PERIODIC = [("deals.watch", timedelta(hours=6))]

# Imported for their registrations.
__all__ = ["checks", "credited", "handing_over", "personal", "telling_line"]


@handles("deals.opened")
def opened(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell both sides and the broker."""
    deal = session.get(Deal, payload["id"])
    if deal is not None:
        notifying.tell_opened(session, deal, opened_by=payload["by"], now=now)


@handles("deal.moved")
def moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell those concerned; a deal that was signed is credited and teaches the ranking."""
    deal = session.get(Deal, payload["id"])
    if deal is None:
        return
    notifying.tell_moved(session, deal, before=payload["from"], after=payload["to"], now=now)
    form = forms.get(deal.form)
    if form.stage_of(payload["from"]) == "signing" and form.stage_of(payload["to"]) == "signed":
        credited.credit_signed(session, deal, now=now)
        note_outcome(session, deal, kind="signed", now=now)


@handles("deals.terms_proposed")
def terms_proposed(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell the other side, unless it was answered or replaced meanwhile."""
    _tell_terms(session, payload, "proposed", now)


@handles("deals.terms_accepted")
def terms_accepted(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell the side whose version was accepted."""
    _tell_terms(session, payload, "accepted", now)


@handles("deals.terms_declined")
def terms_declined(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell the side whose version was declined."""
    _tell_terms(session, payload, "declined", now)


@handles("deals.said")
def said(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell those who read the deal of a message."""
    message = session.get(DealMessage, payload["id"])
    if message is not None:
        deal = session.get_one(Deal, message.deal_id)
        notifying.tell_said(session, deal, message, now=now)


@handles("deals.idle")
def idle(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Ask both sides and the broker how a deal that stands still is doing."""
    deal = session.get(Deal, payload["id"])
    if deal is None:
        return
    people = [user for side in SIDES for user in notifying.side_people(session, deal, side)]
    people += notifying.brokers(session, deal)
    facts = {"since": f"{deal.state_since:%Y-%m-%d}"}
    notifying.tell(session, deal, people, "deal_idle", facts, now=now)


@handles("deals.watch")
def watch(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Let deals take effect or lapse on their day; what is left over goes to a next turn."""
    effective = take_effect_due(session, now=now)
    lapsed = lapse_idle(session, now=now)
    remind_idle(session, now=now)
    if AT_A_TIME in (effective, lapsed):
        emit(session, "deals.watch", {}, now=now)


def _tell_terms(session: Session, payload: Mapping[str, Any], what: str, now: datetime) -> None:
    deal = session.get(Deal, payload["id"])
    version = session.get(TermVersion, payload["version_id"])
    if (
        deal is not None
        and version is not None
        and (what, version.state) != ("proposed", "replaced")
    ):
        notifying.tell_terms(session, deal, version, what, now=now)
