"""A licence in force between a university and a firm, people in every role, and sums to owe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import SYSTEM, VISITOR, Actor
from tenon.deals.models import Deal
from tenon.payments.models import Obligation, Payment
from tenon.payments.obligations.scheduling import schedule
from tenon.payments.obligations.services import charge
from tenon.payments.receiving import Given, record
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.deals import make_deal

TODAY = date(2026, 11, 22)
ROLES = (
    "visitor",
    "nobody",
    "stranger",
    "seller_member",
    "seller_editor",
    "seller_administrator",
    "seller_charge",
    "buyer_member",
    "buyer_editor",
    "buyer_administrator",
    "buyer_charge",
    "broker",
    "other_broker",
    "operator",
)
"""``*_charge`` are members without an editor's role who are in charge of the deal."""


def yuan(amount: int) -> dict[str, Any]:
    """An amount as terms keep it, in whole yuan."""
    return {"minor": amount * 100, "currency": "CNY"}


TERMS: Mapping[str, Any] = {
    "payment_mode": "entry_and_running",
    "up_front": yuan(100_000),
    "up_front_days": 30,
    "milestones": [
        {"title": "中试完成", "criterion": "连续运行一百小时", "minor": 50_000_00, "due": None},
        {"title": "量产", "criterion": "月产一千台", "minor": 80_000_00, "due": "2028-06-30"},
    ],
    "royalty_base": "net_sales",
    "royalty_scheme": "flat",
    "royalty_rate": "5",
    "report_period": "quarter",
    "report_days": 30,
    "royalty_days": 15,
    "maintenance_fee": yuan(6_000),
    "vat_mode": "added",
    "vat_rate": "6",
}


@dataclass(frozen=True, slots=True)
class Cast:
    """Both sides, the deal, and everybody by role."""

    seller: Organisation
    buyer: Organisation
    deal: Deal
    people: Mapping[str, User]
    actors: Mapping[str, Actor]

    def actor(self, role: str) -> Actor:
        """Return the actor of a role (one of ROLES, or system)."""
        return self.actors[role]


def make_cast(
    session: Session,
    *,
    now: datetime,
    terms: Mapping[str, Any] | None = TERMS,
    scheduled: bool = True,
    **columns: Any,
) -> Cast:
    """A licence signed today and in force; with its schedule unless told otherwise."""
    seller = make_organisation(session, name_zh="云杉大学", name_en="Spruce University")
    buyer = make_organisation(
        session, kind="enterprise", name_zh="石榴机电有限公司", name_en="Pomegranate Electrics"
    )
    people = {
        "nobody": make_user(session, name="Nobody"),
        "stranger": make_user(session, name="Stranger"),
        "operator": grant_role(session, make_user(session, name="Operator"), "operator"),
        "broker": grant_role(session, make_user(session, name="Broker"), "broker"),
        "other_broker": grant_role(session, make_user(session, name="Other"), "broker"),
    }
    make_membership(session, people["stranger"], make_organisation(session, kind="enterprise"))
    for side, house in (("seller", seller), ("buyer", buyer)):
        for role in ("member", "editor", "administrator", "charge"):
            name = f"{side}_{role}"
            people[name] = make_user(session, name=name)
            make_membership(session, people[name], house, "member" if role == "charge" else role)
    standard: dict[str, Any] = {
        "form": "licence_exclusive",
        "state": "in_force",
        "title": "高温热泵独占许可",
        "effective_on": TODAY,
        "ends_on": date(2028, 12, 31),
    }
    deal = make_deal(
        session,
        seller=seller,
        buyer=buyer,
        seller_user=people["seller_charge"],
        buyer_user=people["buyer_charge"],
        broker=people["broker"],
        terms=terms,
        now=now,
        **standard | columns,
    )
    made = Cast(
        seller,
        buyer,
        deal,
        people,
        {role: actor_for(user) for role, user in people.items()}
        | {"visitor": VISITOR, "system": SYSTEM},
    )
    if scheduled:
        schedule(session, deal, by=SYSTEM, now=now)
    return made


def owe(
    session: Session,
    cast: Cast,
    key: str,
    net: int,
    *,
    now: datetime,
    days: int = 0,
    **values: Any,
) -> Obligation:
    """The buyer owes a royalty, due so many days from today."""
    standard: dict[str, Any] = {
        "kind": "royalty",
        "net_minor": net,
        "currency": "CNY",
        "due_on": now.date() + timedelta(days=days),
        "by": SYSTEM,
    }
    return charge(session, cast.deal, key=key, now=now, **standard | values)


def pay(
    session: Session,
    cast: Cast,
    amount: int,
    *,
    now: datetime,
    role: str = "seller_editor",
    **values: Any,
) -> Payment:
    """The seller records a payment of today."""
    standard: dict[str, Any] = {
        "payee": "seller",
        "amount_minor": amount,
        "currency": "CNY",
        "paid_on": now.date(),
        "key": f"form-{amount}-{values.get('paid_on')}-{values.get('reference', '')}",
    }
    given = Given(**standard | values)
    return record(session, cast.deal, given, by=cast.actor(role), now=now)
