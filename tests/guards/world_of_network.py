"""What the walk over all routes asks for of the network: the broker heads a node, others work."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.listings.models import Listing
from tenon.network.models import Absence, Handover, PortfolioFirm, StationMember
from tests.factories import network
from tests.factories.listings import NOW
from tests.guards.world import World


def make_network(session: Session, world: World, shown: Listing) -> None:
    """Make a tree, somebody who works at a station, a firm of theirs, an absence, a hand-over."""
    things, tree = world.things, network.make_tree(session)
    network.make_station_member(session, tree.node, world.people["broker"], role="head")
    keeper = network.make_station_member(session, tree.station)
    member = session.query(StationMember).filter_by(user_id=keeper.id).one()
    house = session.get_one(Organisation, shown.organisation_id)
    absence = Absence(
        user_id=keeper.id, first_day=date(2027, 2, 1), last_day=date(2027, 2, 5), created_at=NOW
    )
    handover = Handover(from_user_id=keeper.id, by_id=keeper.id, counts={"firms": 1}, at=NOW)
    kept = PortfolioFirm(
        organisation_id=house.id, broker_id=keeper.id, station_id=tree.station.id, since=NOW
    )
    session.add_all([absence, handover, kept])
    session.flush()
    things.place, things.network_member = tree.station.public_id, member.id
    things.network_broker, things.absence = keeper.public_id, absence.id
    things.handover = handover.public_id
