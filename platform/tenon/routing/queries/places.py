"""Where a need goes and until when: place of arrival, the next above, days, heads, the clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import operators
from tenon.listings.models import Listing
from tenon.network.models import Station, StationAncestor, StationMember
from tenon.network.queries.days import working_days_later
from tenon.network.queries.people import bare, own_station
from tenon.network.queries.portfolio import live_row
from tenon.network.queries.tree import answer_days
from tenon.notices import delivery
from tenon.routing.models import RoutingChoice
from tenon.routing.scoring import Place, nearest_place
from tenon.rules.queries import rule

RULE = "need_answer_days"


def site_day(now: datetime) -> date:
    """Return the day that it is by the site's clock."""
    return now.astimezone(delivery.current().zone).date()


def place_of_arrival(session: Session, listing: Listing) -> tuple[int, str] | None:
    """Return where a firm's need goes and why; None where there is no network.

    Why: ``keeper`` (the place of the broker who looks after the firm), ``region`` (the nearest
    around the firm, else the need), ``centre``.
    """
    row = live_row(session, listing.organisation_id)
    if row is not None:
        place = row.station_id or own_station(session, row.broker_id)
        if place is not None and _active(session, place):
            return place, "keeper"
    places = _places(session)
    for region in (listing.organisation.region, listing.region):
        found = nearest_place(region, places)
        if found is not None:
            return found, "region"
    centre = next((each.station_id for each in places if each.depth == 0), None)
    return None if centre is None else (centre, "centre")


def _active(session: Session, station_id: int) -> bool:
    return session.get_one(Station, station_id).state == "active"


def _places(session: Session) -> list[Place]:
    """Return the active places, the topmost first; two columns and a count, one statement."""
    depth = sa.func.max(StationAncestor.distance).label("depth")
    rows = session.execute(
        sa.select(Station.id, Station.region, depth)
        .join(StationAncestor, StationAncestor.station_id == Station.id)
        .where(Station.state == "active")
        .group_by(Station.id, Station.region)
        .order_by(depth, Station.id)
    )
    return [Place(key, region, deep) for key, region, deep in rows]


def next_above(session: Session, station_id: int) -> int | None:
    """Return the nearest active place above; None at the top."""
    row = StationAncestor
    return session.scalar(
        sa.select(row.ancestor_id)
        .join(Station, Station.id == row.ancestor_id)
        .where(row.station_id == station_id, row.distance > 0, Station.state == "active")
        .order_by(row.distance)
        .limit(1)
    )


def days_to_answer(session: Session, station_id: int, *, on: date) -> int:
    """Return within how many working days a need is answered at a place: its own, else the rule."""
    own = answer_days(session, station_id)
    if own is not None:
        return own
    region = session.get_one(Station, station_id).region
    return rule(session, RULE, jurisdiction=region, on=on).number


def due_day(session: Session, station_id: int, *, today: date) -> date:
    """Return the last day for an answer of what reaches a place today."""
    return working_days_later(session, today, days_to_answer(session, station_id, on=today))


def assigns_by_itself(session: Session, station_id: int) -> bool:
    """Whether a place has needs assigned automatically: as it or the nearest above chose."""
    row = StationAncestor
    found = session.scalar(
        sa.select(RoutingChoice.automatic)
        .join(row, row.ancestor_id == RoutingChoice.station_id)
        .where(row.station_id == station_id)
        .order_by(row.distance)
        .limit(1)
    )
    return bool(found)


def heads_of(session: Session, station_id: int) -> Sequence[User]:
    """Return the heads of a place; where it has none those of the nearest above, else operators."""
    row = StationAncestor
    found = session.execute(
        sa.select(row.distance, User)
        .join(StationMember, StationMember.station_id == row.ancestor_id)
        .join(User, User.id == StationMember.user_id)
        .where(
            row.station_id == station_id,
            StationMember.role == "head",
            StationMember.ended_at.is_(None),
            User.active.is_(True),
        )
        .options(*bare())
        .order_by(row.distance, User.id)
    ).all()
    nearest = [user for distance, user in found if distance == found[0][0]]
    return nearest or operators(session)
