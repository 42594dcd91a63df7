"""What the room shows on earlier rooms' pages: a need's, an organisation's, a place's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.listings.models import Listing
from tenon.network.models import Station
from tenon.network.queries.portfolio import keeper_of
from tenon.network.queries.tree import knows_inside
from tenon.routing import queries
from tenon.routing.models import NeedCase
from tenon.routing.permissions import may_see_case
from tenon.web.requests import request_now
from tenon.web.sections import Section, add_section

SHOWN = 3


def of_need(session: Session, listing: Listing, actor: Actor) -> Mapping[str, Any] | None:
    """Return who looks after a need and what was answered: for the firm, and who sees the case."""
    own = listing.organisation_id in actor.memberships
    if listing.side != "need" or not (own or actor.broker or actor.operator):
        return None
    visit = queries.visit_behind(session, listing.id) if own else None
    case, today = queries.case_of(session, listing.id), queries.site_day(request_now())
    if case is None or not (own or may_see_case(actor, case, today=today)):
        return None if visit is None else {"case": None, "own": True, "visit": visit, "replies": ()}
    return {
        "case": case,
        "own": own,
        "visit": visit,
        "inside": may_see_case(actor, case, today=today),
        "replies": queries.replies_of(session, case),
        "today": today,
    }


def of_firm(session: Session, firm: Organisation, actor: Actor) -> Mapping[str, Any] | None:
    """Return the latest visits to a firm that a broker may read, and whether to write another."""
    if not actor.broker or actor.user_id is None:
        return None
    own = keeper_of(session, firm.id) == actor.user_id
    found = queries.visits_of(session, firm.id, by=actor, limit=SHOWN + 1)
    if not found and not own:
        return None
    return {"visits": found[:SHOWN], "more": len(found) > SHOWN, "own": own}


def of_place(session: Session, station: Station, actor: Actor) -> Mapping[str, Any] | None:
    """Return how many open needs lie at a place and below it, for who sees inside."""
    if not knows_inside(actor, station):
        return None
    counts = queries.case_counts(session, by=actor, now=request_now(), station_id=station.id)
    waiting = session.scalar(
        sa.select(sa.func.count(NeedCase.id)).where(
            NeedCase.station_id == station.id, NeedCase.state == "open"
        )
    )
    return {"counts": counts, "waiting": waiting or 0}


def install(app: Flask) -> None:
    """Hang the room's parts on earlier rooms' pages."""
    add_section(app, "listing", Section("routing/_on_need.html", of_need, order=8))
    add_section(app, "organisation", Section("routing/_on_firm.html", of_firm, order=12))
    add_section(app, "network.place", Section("routing/_on_place.html", of_place, order=20))
