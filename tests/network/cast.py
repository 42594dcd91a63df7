"""A small network with people in it, for the room's tests."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.network.models import Station
from tests.factories.accounts import actor_for, grant_role, make_organisation, make_user
from tests.factories.network import Tree, make_station_member, make_tree


@dataclass
class Cast:
    """The tree of ``make_tree``; a head of the centre, of the node and of a station, brokers.

    ``broker`` works at the station, ``colleague`` there too, ``sibling`` beside it, ``far`` under
    the other node, ``loose`` at no place; ``reader`` is no broker.
    """

    tree: Tree
    operator: User
    top: User
    head: User
    chief: User
    broker: User
    colleague: User
    sibling: User
    far: User
    loose: User
    reader: User

    def actor(self, name: str) -> Actor:
        """The actor that somebody is now."""
        user: User = getattr(self, name)
        return actor_for(user)


ROLES = ("operator", "top", "head", "chief", "broker", "sibling", "far", "loose", "reader")


def make_cast(session: Session) -> Cast:
    """Make the network; flushed."""
    tree = make_tree(session)

    def works(name: str, station: Station, role: str = "broker") -> User:
        user = make_user(session, name=name)
        return make_station_member(session, station, user, role=role)

    return Cast(
        tree,
        operator=grant_role(session, make_user(session, name="operator"), "operator"),
        top=works("top", tree.centre, "head"),
        head=works("head", tree.node, "head"),
        chief=works("chief", tree.station, "head"),
        broker=works("broker", tree.station),
        colleague=works("colleague", tree.station),
        sibling=works("sibling", tree.sibling),
        far=works("far", tree.far),
        loose=grant_role(session, make_user(session, name="loose"), "broker"),
        reader=make_user(session, name="reader"),
    )


def firm(session: Session, name: str | None = None, **columns: object) -> Organisation:
    """An approved firm; flushed."""
    named = {} if name is None else {"name_zh": name}
    return make_organisation(session, kind="enterprise", **named, **columns)
