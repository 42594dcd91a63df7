"""What the walk over all routes asks for of routing: a case and a visit of the broker."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tenon.routing.models import Visit
from tenon.routing.services.moving import begin
from tests.factories import accounts, listings, network
from tests.guards.world import World


def make_routing(session: Session, world: World) -> None:
    """Make a need that the broker looks after, at a place, and the visit on which it was said."""
    broker = world.people["broker"]
    by = accounts.actor_for(broker)
    station = network.make_station(session)
    need = listings.make_need(session, state="in_review")
    case = begin(
        session,
        need,
        station_id=station.id,
        broker_id=broker.id,
        due_on=listings.NOW.date(),
        reasons=[{"code": "arrived_region"}],
        by=by,
        now=listings.NOW,
    )
    visit = Visit(
        organisation_id=need.organisation_id,
        broker_id=broker.id,
        listing_id=need.id,
        key="walk",
        visited_on=listings.NOW.date(),
        words="管道要连续测温。",
        language="zh",
        created_at=listings.NOW,
    )
    session.add(visit)
    session.flush()
    things = world.things
    things.need_case, things.visit = case.public_id, visit.public_id
    things.routing_place = station.public_id
