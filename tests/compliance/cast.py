"""A state-founded university that disposes of a result, a firm that takes it, and all others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import VISITOR, Actor
from tenon.compliance.models import Contributor
from tenon.compliance.services import sheets
from tenon.deals import forms, terms
from tenon.deals.models import Deal
from tenon.deals.services import accept, propose, take_step
from tenon.listings.models import Listing
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.deals import make_deal
from tests.factories.listings import NOW, make_achievement, make_expert, make_ip_right

ROLES = (
    "visitor",
    "nobody",
    "stranger",
    "contributor",
    "seller_member",
    "seller_editor",
    "seller_administrator",
    "buyer_member",
    "buyer_editor",
    "buyer_administrator",
    "broker",
    "other_broker",
    "operator",
)
VALUES: dict[str, Any] = {
    "vat_mode": "exempt",
    "payment_mode": "single",
    "up_front": {"minor": 60_000_000, "currency": "CNY"},
    "fees_until_title": "buyer",
    "duration": "fixed",
    "term_months": 36,
    "sublicensing": "none",
}


@dataclass
class Cast:
    """Two houses, a result with two contributors, everybody by role."""

    university: Organisation
    firm: Organisation
    result: Listing
    people: dict[str, User] = field(default_factory=dict)

    def actor(self, role: str) -> Actor:
        """The actor that a role is."""
        return VISITOR if role == "visitor" else actor_for(self.people[role])


def make_cast(
    session: Session, *, seller: dict[str, Any] | None = None, buyer: dict[str, Any] | None = None
) -> Cast:
    """One of each role; the first contributor is a person of the site, the second is not."""
    university = make_organisation(
        session,
        **{"name_zh": "云杉理工大学", "name_en": "Spruce University", "region": "420100"}
        | (seller or {}),
    )
    firm = make_organisation(
        session,
        **{"kind": "enterprise", "name_zh": "石英机电有限公司", "name_en": "Quartz Electrics"}
        | (buyer or {}),
    )
    people = {role: make_user(session, name=role) for role in ROLES if role != "visitor"}
    for role, user in people.items():
        house, _, rank = role.partition("_")
        if house in ("seller", "buyer"):
            make_membership(session, user, university if house == "seller" else firm, rank)
    make_membership(session, people["stranger"], make_organisation(session))
    make_membership(session, people["contributor"], university, "member")
    for role in ("broker", "other_broker"):
        grant_role(session, people[role], "broker")
    grant_role(session, people["operator"], "operator")
    expert = make_expert(session, organisation=university, user=people["contributor"])
    result = make_achievement(
        session,
        organisation=university,
        state="published",
        contributors=[expert, "林外"],
        ip_rights=[make_ip_right(session)],
    )
    for user in people.values():
        session.refresh(user, ["roles", "memberships"])  # asked after the session has gone
    return Cast(university, firm, result, people)


def open_deal(
    session: Session, cast: Cast, form: str = "licence_exclusive", **columns: Any
) -> Deal:
    """A deal at its terms, with the result and its patent."""
    return make_deal(
        session,
        form=form,
        state="terms",
        seller=cast.university,
        buyer=cast.firm,
        broker=cast.people["broker"],
        listings=[cast.result],
        rights=cast.result.ip_rights,
        **columns,
    )


def whole_terms(form: str, **values: Any) -> dict[str, Any]:
    """Terms that leave nothing open."""
    found = forms.get(form)
    known = {each.code for each in found.terms}
    given = {code: value for code, value in (VALUES | values).items() if code in known}
    return terms.defaults(found, given)


def agreed(
    session: Session,
    cast: Cast,
    form: str = "licence_exclusive",
    *,
    proposer: str = "seller_administrator",
    taker: str = "buyer_administrator",
    now: datetime = NOW,
    deal: Deal | None = None,
    **values: Any,
) -> Deal:
    """A deal whose terms both sides accepted, by the services: it is in approval."""
    deal = deal or open_deal(session, cast, form)
    version = propose(
        session, deal, values=whole_terms(deal.form, **values), by=cast.actor(proposer), now=now
    )
    accept(session, deal, version, by=cast.actor(taker), now=now)
    return deal


def declare(session: Session, cast: Cast, deal: Deal, *, now: datetime = NOW) -> list[Contributor]:
    """Declare that no contributor has to do with the buyer."""
    found = list(sheets.contributors(session, deal))
    for each in found:
        sheets.declare_relation(
            session, deal, each, relation="none", by=cast.actor("seller_editor"), now=now
        )
    return found


def published(
    session: Session, cast: Cast, form: str = "licence_exclusive", *, now: datetime = NOW
) -> Deal:
    """A deal whose price is being published."""
    deal = agreed(session, cast, form, now=now)
    declare(session, cast, deal, now=now)
    take_step(session, deal, "publish", by=cast.actor("seller_editor"), now=now)
    return deal
