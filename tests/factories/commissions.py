"""A deal with a line in the ledger of credit, and what its commission needs; by the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.commissions import services
from tenon.commissions.models import Agreement, Split
from tenon.commissions.services import Claim, Proposal
from tenon.credit.models import CreditEntry
from tenon.deals.models import Deal
from tenon.introductions.models import Introduction
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.credit import make_entry
from tests.factories.deals import make_deal
from tests.factories.introductions import make_introduction
from tests.factories.listings import NOW, make_achievement, make_need

TODAY = NOW.date()


@dataclass
class Line:
    """A deal in force that came from an introduction, with three brokers on its line.

    ``people`` and ``actors`` by name: ``broker`` (the deal's; introduced and closed),
    ``collector`` (collected the need), ``writer`` (wrote it up), ``seller`` and ``buyer``
    (administrators of the sides), ``seller_editor``, ``buyer_editor``, ``operator``, ``outsider``
    (another broker), ``author`` (the seller's own, who collected the achievement).
    """

    deal: Deal
    seller: Organisation
    buyer: Organisation
    introduction: Introduction
    people: dict[str, User] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    entries: dict[str, CreditEntry] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """The actor that one of the people was when all this was made."""
        return self.actors[name]


_CALLED = {
    "broker": "经纪人子",
    "collector": "联络员丑",
    "writer": "撰写人寅",
    "seller": "处长卯",
    "seller_editor": "专员辰",
    "buyer": "厂长巳",
    "buyer_editor": "科员午",
    "operator": "运营未",
    "outsider": "经纪人申",
    "author": "教师酉",
}
_ROLES = {
    "broker": "broker",
    "collector": "broker",
    "writer": "broker",
    "outsider": "broker",
    "operator": "operator",
}


def make_line(session: Session, *, state: str = "in_force", **columns: Any) -> Line:
    """All of it; the deal is a licence between a university and a firm."""
    seller = make_organisation(session, kind="university", region="420100")
    buyer = make_organisation(session, kind="enterprise", region="420100")
    people = {name: make_user(session, name=called) for name, called in _CALLED.items()}
    for name, role in _ROLES.items():
        grant_role(session, people[name], role)
    places = {
        "seller": (seller, "administrator"),
        "seller_editor": (seller, "editor"),
        "author": (seller, "member"),
        "buyer": (buyer, "administrator"),
        "buyer_editor": (buyer, "editor"),
    }
    for name, (house, role) in places.items():
        make_membership(session, people[name], house, role)
        people[name].acting_for_id = house.id
    need = make_need(session, organisation=buyer, state="published")
    result = make_achievement(session, organisation=seller, state="published")
    introduction = make_introduction(
        session, state="connected", listing=result, own_listing=need, broker=people["broker"]
    )
    deal = make_deal(
        session,
        state=state,
        seller=seller,
        buyer=buyer,
        broker=people["broker"],
        listings=[result, need],
        origin_kind="introduction",
        origin_id=introduction.id,
        **columns,
    )
    made = Line(deal, seller, buyer, introduction, people)
    acts = (
        ("collector", "collected", ("listing", need.public_id)),
        ("author", "collected", ("listing", result.public_id)),
        ("writer", "written", ("listing", need.public_id)),
        ("broker", "introduced", ("introduction", introduction.public_id)),
        ("broker", "closed", ("deal", deal.public_id)),
    )
    for name, act, thing in acts:
        made.entries[f"{name}:{act}"] = make_entry(
            session,
            people[name],
            thing=thing,
            act=act,
            organisation_id=buyer.id if name == "collector" else None,
            concerned=[seller.id, buyer.id],
        )
    session.flush()
    made.actors = {name: actor_for(user) for name, user in people.items()}
    return made


def make_agreement(
    session: Session, line: Line, *, agreed: bool = True, now: datetime = NOW, **terms: Any
) -> Agreement:
    """An agreement on five per cent, both pay; agreed by both sides unless told otherwise."""
    standing: dict[str, Any] = {"basis": "percent", "percent": Decimal(5)}
    said = Proposal(**standing | terms)
    made = services.propose(session, line.deal, said, by=line.actor("broker"), now=now)
    if agreed:
        for side in made.payers:
            services.agree(session, made, by=line.actor(side), now=now)
    return made


def make_split(
    session: Session,
    line: Line,
    *,
    percents: tuple[str, str, str] = ("60", "25", "15"),
    confirmed: bool = True,
    now: datetime = NOW,
) -> Split:
    """Shares of broker, collector and writer; confirmed by all unless told otherwise."""
    names = ("broker", "collector", "writer")
    claims = [
        Claim(line.people[name].id, Decimal(percent))
        for name, percent in zip(names, percents, strict=True)
    ]
    made = services.propose_split(session, line.deal, claims, by=line.actor("broker"), now=now)
    if confirmed:
        for name in names[1:]:
            services.confirm(session, made, by=line.actor(name), now=now)
    return made


def follow(session: Session, line: Line, *, on: date = TODAY, cause: str = "test") -> bool:
    """Let commission follow what was received."""
    now = datetime.combine(on, NOW.timetz())
    return services.follow(session, line.deal, cause=("payment", cause), now=now)


__all__ = ["Line", "follow", "make_agreement", "make_line", "make_split"]
