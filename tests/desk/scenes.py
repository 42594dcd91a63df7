"""A broker at a station with a firm, a colleague there, a sibling elsewhere, a head above."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.listings.models import Listing
from tenon.network.models import PortfolioFirm
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
    sign_in,
)
from tests.factories.listings import NOW, make_achievement, make_need
from tests.factories.network import Tree, make_station_member, make_tree

__all__ = ["NOW", "Desk", "browser", "keep", "make_desk"]
WEEK = timedelta(days=7)


@dataclass
class Desk:
    """Who is there: broker, colleague, sibling, head (of the node), operator, member (of firm)."""

    tree: Tree
    people: dict[str, User]
    firm: Organisation
    need: Listing
    secret: Listing
    result: Listing
    now: datetime = NOW
    actors: dict[str, Actor] = field(default_factory=dict)

    @property
    def here(self) -> dict[str, Any]:
        """Where a listing lies that came in at the broker's station."""
        key = self.tree.station.id
        return {"station_id": key, "handling_station_id": key}

    def actor(self, name: str) -> Actor:
        """What somebody is at this moment."""
        return actor_for(self.people[name])


def keep(session: Session, firm: Organisation, broker: User, station_id: int | None) -> None:
    """Put a firm into a broker's portfolio at a place."""
    session.add(
        PortfolioFirm(
            organisation_id=firm.id, broker_id=broker.id, station_id=station_id, since=NOW - WEEK
        )
    )
    session.flush()


def make_desk(session: Session) -> Desk:
    """Make the scene; flushed. The firm has a public need, an unnamed one; another has a result.

    The firm's broker has the unnamed one in hand and so knows whose it is.
    """
    tree = make_tree(session)
    people = {
        "broker": make_station_member(session, tree.station, make_user(session, name="Broker Bai")),
        "colleague": make_station_member(session, tree.station),
        "sibling": make_station_member(session, tree.sibling),
        "head": make_station_member(session, tree.node, role="head"),
        "operator": grant_role(session, make_user(session, name="Operator"), "operator"),
        "member": make_user(session, name="Firm Member"),
    }
    firm = make_organisation(
        session, kind="enterprise", name_zh="示例精工机械", name_en="Sample Precision Machines",
        credit_code="91110000600037341L",
    )  # fmt: skip
    make_membership(session, people["member"], firm, "administrator")
    keep(session, firm, people["broker"], tree.station.id)
    line = [("hitech", "8.1")]
    at: dict[str, Any] = {"station_id": tree.station.id, "handling_station_id": tree.station.id}
    need = make_need(session, organisation=firm, state="published", fields=line, **at)
    secret = make_need(
        session, organisation=firm, state="published", anonymous=True,
        title="求降低铸件气孔率的办法", broker_id=people["broker"].id, **at,
    )  # fmt: skip
    result = make_achievement(session, state="published", fields=line)
    return Desk(tree, people, firm, need, secret, result)


def browser(app: Flask, desk: Desk, name: str, language: str = "en") -> FlaskClient:
    """A browser signed in as one of the people."""
    client = app.test_client()
    sign_in(client, desk.people[name])
    with client.session_transaction() as cookie:
        cookie["language"] = language
    return client
