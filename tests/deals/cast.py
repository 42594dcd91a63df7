"""Who takes part in a deal, in every role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import SYSTEM, VISITOR, Actor
from tenon.deals.models import Deal
from tenon.listings.models import Listing
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.deals import make_deal
from tests.factories.listings import make_achievement, make_need

ROLES = (
    "visitor",
    "nobody",
    "stranger",
    "seller_member",
    "seller_in_charge",
    "seller_editor",
    "seller_administrator",
    "buyer_member",
    "buyer_in_charge",
    "buyer_editor",
    "buyer_administrator",
    "broker",
    "other_broker",
    "operator",
)
"""``*_in_charge`` are mere members who are named in charge; ``other_broker`` has nothing to do
with the deal; ``stranger`` is an editor of another firm."""


@dataclass(frozen=True, slots=True)
class Cast:
    """A university that gives, a firm that takes, and all others by role."""

    university: Organisation
    firm: Organisation
    result: Listing
    need: Listing
    people: Mapping[str, User]
    actors: Mapping[str, Actor]

    def actor(self, role: str) -> Actor:
        """Return the actor of a role (one of ROLES)."""
        return self.actors[role]

    def deal(self, session: Session, **values: Any) -> Deal:
        """Return a deal between the two, with both persons in charge and the broker."""
        standard: dict[str, Any] = {
            "seller": self.university,
            "buyer": self.firm,
            "seller_user": self.people["seller_in_charge"],
            "buyer_user": self.people["buyer_in_charge"],
            "broker": self.people["broker"],
            "listings": [self.result, self.need],
        }
        return make_deal(session, **standard | values)


def make_cast(session: Session) -> Cast:
    """Make one of each role; the listings are public."""
    university = make_organisation(
        session, name_zh="示例理工大学", name_en="Example Polytechnic", region="420100"
    )
    firm = make_organisation(
        session, kind="enterprise", name_zh="云杉换热设备有限公司", name_en="Spruce Heat Exchange"
    )
    people = {
        "nobody": make_user(session, name="Nobody"),
        "stranger": make_user(session, name="Stranger"),
        "operator": grant_role(session, make_user(session, name="Operator"), "operator"),
    }
    other = make_organisation(session, kind="enterprise")
    make_membership(session, people["stranger"], other, "editor")
    for side, house in (("seller", university), ("buyer", firm)):
        for role in ("member", "editor", "administrator"):
            name = f"{side}_{role}"
            people[name] = make_user(session, name=name)
            make_membership(session, people[name], house, role)
        people[f"{side}_in_charge"] = make_user(session, name=f"{side} in charge")
        make_membership(session, people[f"{side}_in_charge"], house, "member")
    for name in ("broker", "other_broker"):
        people[name] = grant_role(session, make_user(session, name=name), "broker")
    return Cast(
        university,
        firm,
        make_achievement(
            session,
            organisation=university,
            author=people["seller_editor"],
            state="published",
        ),
        make_need(session, organisation=firm, author=people["buyer_editor"], state="published"),
        people,
        {role: actor_for(user) for role, user in people.items()}
        | {"visitor": VISITOR, "system": SYSTEM},
    )
