"""Income in the ledger, and a deal whose income is shared; through the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import SYSTEM, Actor
from tenon.deals import forms
from tenon.deals.models import Deal
from tenon.listings.models import ListingContributor
from tenon.payments.obligations.services import charge
from tenon.payments.receiving import Given, record
from tenon.sharing import services
from tenon.sharing.models import Distribution
from tests.factories.accounts import actor_for, make_membership, make_organisation, make_user
from tests.factories.deals import make_deal
from tests.factories.listings import NOW, make_achievement, make_expert

TODAY = NOW.date()
RECEIPT = services.Receipt(name="receipt.pdf", content=b"%PDF-1.7 a receipt")


def make_income(
    session: Session,
    deal: Deal,
    net: int,
    *,
    vat_rate: int = 0,
    paid: int | None = None,
    key: str = "1",
    currency: str = "CNY",
    on: date = TODAY,
    now: datetime | None = None,
) -> str:
    """Charge ``net`` and its VAT, and record a payment of ``paid`` (all of it, unless told).

    It is put down at ``now`` (in the morning of ``on``, unless told; a message of an hour to come
    waits for it, so a test by the real clock says when). Return the public id of the payment; empty
    where nothing was paid.
    """
    now = now or datetime.combine(on, NOW.timetz())
    owed = charge(
        session,
        deal,
        key=f"fee:{key}",
        kind="other",
        net_minor=net,
        currency=currency,
        due_on=on,
        vat_rate=Decimal(vat_rate),
        by=SYSTEM,
        now=now,
    )
    amount = net + net * vat_rate // 100 if paid is None else paid
    if not amount:
        return ""
    given = Given(
        payee="seller",
        amount_minor=amount,
        currency=currency,
        paid_on=on,
        key=f"paid-{deal.public_id}-{key}",
        wishes=(owed.public_id,),
    )
    return str(record(session, deal, given, by=cashier(deal), now=now).public_id)


def cashier(deal: Deal) -> Actor:
    """Somebody who records payments for the seller; nobody in particular."""
    house = deal.seller_organisation_id
    return Actor(organisation_id=house, memberships={house: "administrator"})


@dataclass
class Sharing:
    """A deal in force between a university and a firm, with three contributors."""

    seller: Organisation
    buyer: Organisation
    deal: Deal
    people: dict[str, User] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """The actor that one of the people was when all this was made."""
        return self.actors[name]


def make_sharing(
    session: Session, *, region: str = "420100", form: str = "licence_exclusive", **columns: Any
) -> Sharing:
    """A licence in force, and all kinds of people.

    An administrator, an editor and a member of the seller, an administrator of the buyer, and three
    contributors: two with accounts (one of them outside), one without.
    """
    seller = make_organisation(session, kind="university", region=region, **columns)
    buyer = make_organisation(session, kind="enterprise")
    people = {name: make_user(session, name=called) for name, called in _PEOPLE.items()}
    for name, role in (("head", "administrator"), ("editor", "editor"), ("member", "member")):
        make_membership(session, people[name], seller, role)
    make_membership(session, people["first"], seller, "member")
    make_membership(session, people["firm"], buyer, "administrator")
    result = make_achievement(session, organisation=seller, state="published")
    for position, name in enumerate(("first", "second")):
        expert = make_expert(session, user=people[name], name_zh=people[name].name)
        result.contributors.append(
            ListingContributor(position=position, name=people[name].name, expert_id=expert.id)
        )
    result.contributors.append(ListingContributor(position=2, name="外协丙"))
    session.flush()
    state = forms.get(form).begins_in
    deal = make_deal(session, form=form, state=state, seller=seller, buyer=buyer, listings=[result])
    actors = {name: actor_for(user) for name, user in people.items()}
    return Sharing(seller, buyer, deal, people, actors)


_PEOPLE = {
    "head": "处长甲",
    "editor": "专员乙",
    "member": "职工丁",
    "first": "完成人子",
    "second": "完成人丑",
    "firm": "企业戊",
}


def make_distribution(
    session: Session,
    sharing: Sharing,
    *,
    percent: str = "70",
    parts: tuple[str, ...] = ("50", "30", "20"),
    cost: int = 0,
    folder: Path | None = None,
    now: datetime = NOW,
) -> Distribution:
    """A draft by the seller's editor: the three contributors with these percentages."""
    by = sharing.actor("editor")
    made = services.open_distribution(session, sharing.deal, currency="CNY", by=by, now=now)
    said = services.Coverage(through_on=now.date(), percent=Decimal(percent))
    services.set_coverage(session, made, said, by=by, now=now)
    if cost and folder is not None:
        services.add_cost(
            session,
            made,
            kind="agency",
            minor=cost,
            note="代理费",
            receipt=RECEIPT,
            folder=folder,
            by=by,
            now=now,
        )
    ids = [share.public_id for share in made.shares]
    percentages = dict(zip(ids, map(Decimal, parts), strict=True))
    services.set_percentages(session, made, percentages, ids[:2], by=by, now=now)
    return made


def confirm_all(
    session: Session, sharing: Sharing, made: Distribution, folder: Path, now: datetime = NOW
) -> None:
    """Let all three contributors confirm: two online, one by paper."""
    services.propose(session, made, by=sharing.actor("editor"), now=now)
    for name in ("first", "second"):
        services.confirm(session, made, by=sharing.actor(name), now=now)
    services.confirm_by_paper(
        session,
        made,
        made.shares[2].public_id,
        paper=RECEIPT,
        folder=folder,
        by=sharing.actor("head"),
        now=now,
    )
