"""Outbox handlers: needs that come in, go and are answered; what the nights do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.introductions.models import Introduction
from tenon.listings.models import Listing
from tenon.outbox import emit, follows, handles
from tenon.routing import handing_over, personal
from tenon.routing.queries.cases import case_of
from tenon.routing.services.answering import follow_introduction
from tenon.routing.services.arriving import follow_broker, follow_listing
from tenon.routing.services.rising import work_off

PERIODIC = [("routing.watch", timedelta(days=1))]

__all__ = ["handing_over", "personal"]  # imported for their registrations


@follows("listing.moved", name="routing")
def listing_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Take a need in, close it or open it anew."""
    listing = session.get(Listing, payload["id"])
    if listing is not None:
        step, came_from = payload["change"], payload["from"]
        follow_listing(session, listing, step=step, came_from=came_from, now=now)


@follows("listings.taken", name="routing")
def listing_taken(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Note that a reviewer looks after a need from now on."""
    case = case_of(session, payload["id"])
    if case is not None:
        follow_broker(session, case, now=now)


@follows("introduction.moved", name="routing")
def introduction_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Note that an introduction answers a need."""
    introduction = session.get(Introduction, payload["id"])
    if introduction is not None:
        follow_introduction(session, introduction, step=payload["change"], now=now)


@handles("routing.watch")
def watch(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Remind, raise, tell the top; what is left over goes to a next turn."""
    further = work_off(session, now=now, after=payload.get("after", 0))
    if further is not None:
        emit(session, "routing.watch", {"after": further}, now=now)
