"""A university with an achievement on a patent, its contributors, and whoever else plays a part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.listings.models import IpRight, Listing
from tenon.rights import services
from tenon.rights.models import RightGrant
from tenon.rights.services import Application, Member
from tests.factories.accounts import (
    actor_for,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.listings import NOW, make_achievement, make_expert, make_ip_right

TODAY = NOW.date()
WHOLE = Decimal(100)


@dataclass
class Cast:
    """Who and what there is; ``first`` and ``second`` contributed, ``head`` administers."""

    house: Organisation
    listing: Listing
    right: IpRight
    head: User
    editor: User
    first: User
    second: User
    stranger: User
    actors: dict[str, Actor]

    def actor(self, name: str) -> Actor:
        """Return one of the people as an actor."""
        return self.actors[name]


def make_cast(session: Session, **right: Any) -> Cast:
    """A university of Wuhan; all flushed."""
    house = make_organisation(session, region="420100", name_zh="示例理工大学")
    people = {
        name: make_user(session, name=words)
        for name, words in (
            ("head", "Qin Yue"),
            ("editor", "Lu Hang"),
            ("first", "Yun Shu"),
            ("second", "He Ming"),
            ("stranger", "Tao Ran"),
        )
    }
    make_membership(session, people["head"], house, "administrator")
    make_membership(session, people["editor"], house, "editor")
    make_membership(session, people["first"], house, "member")
    patent = make_ip_right(session, **({"filed_on": date(2022, 3, 1)} | right))
    listing = make_achievement(
        session,
        organisation=house,
        author=people["editor"],
        state="published",
        ip_rights=[patent],
        contributors=[
            make_expert(session, organisation=house, user=people["first"], name_zh="云舒"),
            make_expert(session, organisation=house, user=people["second"], name_zh="何鸣"),
            "无名",
        ],
    )
    actors = {name: actor_for(user) for name, user in people.items()}
    return Cast(house=house, listing=listing, right=patent, actors=actors, **people)


def application(cast: Cast, **changes: Any) -> Application:
    """Seventy percent for two contributors of the site, 60 to 40."""
    values: dict[str, Any] = {
        "kind": "ownership",
        "share": Decimal(70),
        "members": (
            Member("云舒", Decimal(60), cast.first.id),
            Member("何鸣", Decimal(40), cast.second.id),
        ),
        "statement": "拟由完成人与学校共同转化。",
    }
    return Application(**(values | changes))


def apply(session: Session, cast: Cast, **changes: Any) -> RightGrant:
    """The first contributor's application."""
    return services.apply(
        session,
        cast.listing,
        application=application(cast, **changes),
        by=cast.actor("first"),
        now=NOW,
        today=TODAY,
    )


def publicised(session: Session, cast: Cast, **changes: Any) -> RightGrant:
    """The same, approved and published today."""
    grant = apply(session, cast, **changes)
    services.approve(session, grant, by=cast.actor("head"), now=NOW)
    services.publicise(session, grant, by=cast.actor("head"), now=NOW, today=TODAY)
    return grant


def after(days: int) -> tuple[datetime, date]:
    """Return the moment and the day so many days later."""
    return NOW + timedelta(days=days), TODAY + timedelta(days=days)


def confirm_all(session: Session, cast: Cast, grant: RightGrant, *, days: int = 16) -> None:
    """Let the house and both contributors confirm so many days after publicity began."""
    now, today = after(days)
    for name in ("head", "first", "second"):
        services.confirm(session, grant, by=cast.actor(name), now=now, today=today)
