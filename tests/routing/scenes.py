"""A small network with people, firms in portfolios, needs handed in: what the room's tests need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.listings import services as listings
from tenon.listings.models import Listing
from tenon.network.models import (
    Absence,
    BrokerField,
    BrokerProfile,
    BrokerRegion,
    PortfolioFirm,
    Station,
)
from tenon.notices.models import Notice
from tenon.routing.models import NeedCase, NeedCaseMove
from tenon.routing.queries import case_of
from tenon.routing.replaying import Standing, replay
from tests.factories.accounts import actor_for, make_membership, make_organisation, make_user
from tests.factories.listings import NOW, make_need
from tests.factories.network import Tree, make_station_member, make_tree

CHENGDU, WUHAN, HONGSHAN, HUBEI = "510100", "420100", "420111", "420000"


@dataclass
class Scene:
    """The tree, a head at each level, two brokers of one station, one of its sibling."""

    tree: Tree
    top: User
    node_head: User
    head: User
    broker: User
    second: User
    sibling: User


def make_scene(session: Session) -> Scene:
    """Places of Hubei, with their people; nobody looks after any firm yet."""
    tree = make_tree(session)
    tree.node.region, tree.station.region = WUHAN, HONGSHAN
    tree.other_node.region = CHENGDU
    session.flush()
    return Scene(
        tree,
        make_station_member(session, tree.centre, make_user(session, name="Top"), role="head"),
        make_station_member(session, tree.node, make_user(session, name="Node"), role="head"),
        make_station_member(session, tree.station, make_user(session, name="Head"), role="head"),
        make_station_member(session, tree.station, make_user(session, name="First")),
        make_station_member(session, tree.station, make_user(session, name="Second")),
        make_station_member(session, tree.sibling, make_user(session, name="Sibling")),
    )


def keep(session: Session, firm: Organisation, broker: User, station: Station | None) -> None:
    """Put a firm into a broker's portfolio."""
    session.add(
        PortfolioFirm(
            organisation_id=firm.id,
            broker_id=broker.id,
            station_id=None if station is None else station.id,
            since=NOW,
        )
    )
    session.flush()


def make_firm(session: Session, **columns: Any) -> tuple[Organisation, User]:
    """An approved firm and its administrator."""
    values = {"kind": "enterprise"} | columns
    firm = make_organisation(session, **values)
    person = make_user(session, name="Firm person")
    make_membership(session, person, firm)
    return firm, person


def hand_in(session: Session, firm: Organisation, person: User, **values: Any) -> Listing:
    """A need that the firm hands in for review, with all that takes."""
    defaults = {"deal_forms": ["licence_exclusive"]}
    need = make_need(session, organisation=firm, author=person, **defaults | values)
    listings.submit(session, need, by=actor_for(person), now=NOW)
    return need


def know(
    session: Session,
    user: User,
    *,
    fields: tuple[tuple[str, str], ...] = (),
    regions: tuple[str, ...] = (),
    languages: tuple[str, ...] = (),
    most_needs: int | None = None,
) -> None:
    """What a broker knows, serves and speaks."""
    session.add(
        BrokerProfile(
            user_id=user.id, languages=list(languages), most_needs=most_needs, updated_at=NOW
        )
    )
    session.add_all(BrokerField(user_id=user.id, scheme=s, code=c) for s, c in fields)
    session.add_all(BrokerRegion(user_id=user.id, region=each) for each in regions)
    session.flush()


def stand_in(session: Session, away: User, deputy: User, *, first: date, last: date) -> None:
    """Let somebody be away, and another broker stand in meanwhile."""
    session.add(
        Absence(
            user_id=away.id, first_day=first, last_day=last, deputy_id=deputy.id, created_at=NOW
        )
    )
    session.flush()


def moves(session: Session, case: NeedCase) -> list[NeedCaseMove]:
    """The log, in order."""
    wanted = sa.select(NeedCaseMove).where(NeedCaseMove.case_id == case.id)
    return list(session.scalars(wanted.order_by(NeedCaseMove.number)))


def kinds(session: Session, case: NeedCase) -> list[str]:
    """What happened, in order."""
    return [each.kind for each in moves(session, case)]


def assert_log_tells(session: Session, case: NeedCase) -> None:
    """The log, replayed, is how the case and its listing stand."""
    session.refresh(case)
    stands = replay(moves(session, case))
    assert stands == Standing(case.state, case.station_id, case.broker_id, case.due_on, case.risen)
    assert case.listing.handling_station_id == case.station_id
    assert case.listing.broker_id == case.broker_id


def told(session: Session, kind: str) -> list[int]:
    """Keys of those who were told something of this kind, in order."""
    wanted = sa.select(Notice.user_id).where(Notice.kind == f"routing_{kind}")
    return list(session.scalars(wanted.order_by(Notice.id)))


def the_case(session: Session, need: Listing) -> NeedCase:
    """The case of a need that has one."""
    found = case_of(session, need.id)
    assert found is not None
    return found


def actor(user: User) -> Actor:
    """Who somebody is at present."""
    return actor_for(user)
