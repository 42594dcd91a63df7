"""A need comes into the network, goes out of it, comes back: what follows a listing's own steps.

Each of these may be asked for twice: a second time changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from tenon.actors import SYSTEM, Actor
from tenon.listings.models import Listing
from tenon.network.models import Station
from tenon.routing.models import NeedCase
from tenon.routing.queries.cases import case_of
from tenon.routing.queries.places import due_day, place_of_arrival, site_day
from tenon.routing.services.assigning import hand_to_somebody
from tenon.routing.services.moving import begin, move

CLOSED_BY: Mapping[str, str] = {
    "reject": "rejected",
    "withdraw": "withdrawn",
    "conclude": "concluded",
    "expire": "expired",
}
"""Step of a listing -> how that closes its case."""

OVER = ("rejected", "withdrawn", "concluded", "expired")


def receive(session: Session, listing: Listing, *, now: datetime) -> NeedCase | None:
    """Take a need that its firm handed in to the place where it belongs.

    None where there is no network. What is on its way already stays as it is.
    """
    known = case_of(session, listing.id)
    if known is not None:
        return known
    place = place_of_arrival(session, listing)
    if place is None:
        return None
    station_id, why = place
    case = begin(
        session,
        listing,
        station_id=station_id,
        due_on=due_day(session, station_id, today=site_day(now)),
        reasons=[{"code": f"arrived_{why}"}],
        by=SYSTEM,
        now=now,
    )
    hand_to_somebody(session, case, now=now)
    return case


def collect(
    session: Session, listing: Listing, *, station_id: int, by: Actor, now: datetime
) -> NeedCase:
    """Take a need that a broker wrote down on a visit: it is at their place and in their hands."""
    due_on = due_day(session, station_id, today=site_day(now))
    case = begin(
        session,
        listing,
        station_id=station_id,
        due_on=due_on,
        reasons=[{"code": "arrived_visit"}],
        by=by,
        now=now,
    )
    reasons = [{"code": "collected"}]
    move(session, case, "assigned", reasons=reasons, broker_id=by.user_id, by=by, now=now)
    return case


def follow_listing(
    session: Session, listing: Listing, *, step: str, came_from: str, now: datetime
) -> None:
    """Do what a step of a need's life means for its way through the network."""
    if listing.side != "need":
        return
    case = case_of(session, listing.id)
    if case is None:
        if step == "submit" and listing.state not in OVER:
            receive(session, listing, now=now)
        return
    follow_broker(session, case, now=now)
    if step in CLOSED_BY:
        if case.state != "closed" and listing.state in OVER:
            how = CLOSED_BY[step]
            move(session, case, "closed", state="closed", closed_how=how, by=SYSTEM, now=now)
    elif step in ("submit", "renew") and case.state == "closed" and listing.state not in OVER:
        _open_anew(session, case, answered=step == "renew", now=now)
    elif step == "submit" and came_from == "returned" and case.state == "open":
        _count_anew(session, case, now=now)


def _open_anew(session: Session, case: NeedCase, *, answered: bool, now: datetime) -> None:
    """Begin again where it came in; a renewed need that was answered stays answered."""
    kept = answered and case.answered_at is not None
    place = case.entry_station_id
    if session.get_one(Station, place).state != "active":
        found = place_of_arrival(session, case.listing)
        place = case.station_id if found is None else found[0]
    today = site_day(now)
    gone = {} if kept else {"answered_at": None, "answered_how": None}
    move(
        session,
        case,
        "reopened",
        reasons=[{"code": "renewed" if answered else "handed_in_again"}],
        state="answered" if kept else "open",
        closed_how=None,
        station_id=place,
        risen=0,
        due_on=due_day(session, place, today=today),
        told_on=None,
        by=SYSTEM,
        now=now,
        **gone,
    )
    if not kept:
        hand_to_somebody(session, case, now=now)


def _count_anew(session: Session, case: NeedCase, *, now: datetime) -> None:
    """Give the place its days again: until now the firm was to act."""
    due_on = due_day(session, case.station_id, today=site_day(now))
    if due_on <= case.due_on:
        return
    move(
        session,
        case,
        "reopened",
        reasons=[{"code": "revised"}],
        risen=0,
        due_on=due_on,
        told_on=None,
        by=SYSTEM,
        now=now,
    )


def follow_broker(session: Session, case: NeedCase, *, now: datetime) -> None:
    """Note who took a need over in another room: a reviewer who became its broker."""
    key = case.listing.broker_id
    if key is not None and key != case.broker_id:
        reasons = [{"code": "reviews"}]
        move(session, case, "taken", reasons=reasons, broker_id=key, by=SYSTEM, now=now)
