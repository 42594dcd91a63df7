"""What brokers get of demo deals: agreements, shares by the ledger of credit, and what is paid out.

Each step is one word of ``set/deals.toml``. What falls due follows the payments by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tenon.accounts.queries import actor_of
from tenon.commissions.queries.accounts import of_deal
from tenon.commissions.services import (
    Claim,
    Paid,
    Proposal,
    agree,
    confirm,
    decline,
    dispute,
    pay,
    propose,
    propose_split,
    receive,
)
from tenon.demo.deal_roads import Road

Do = Callable[[Road, Mapping[str, Any]], None]


def brokerage(road: Road, step: Mapping[str, Any]) -> None:
    """The deal's broker proposes a commission; those who are to pay agree, or one declines."""
    said = Proposal(
        seller_percent=Decimal(step.get("seller_percent", "50")),
        percent=Decimal(step["percent"]),
        cap_minor=step.get("cap_minor"),
        vat_rate=Decimal(step.get("vat_rate", "0")),
        note=step.get("note", ""),
    )
    made = propose(road.session, road.deal, said, by=road.actor(step["by"]), now=road.now)
    road.wait(3)
    if "declined" in step:
        by = road.signer(step["side"])
        decline(road.session, made, reason=step["declined"], by=by, now=road.now)
        return
    for side in made.payers:
        agree(road.session, made, by=road.signer(side), now=road.now)
    road.brokered = True


def split(road: Road, step: Mapping[str, Any]) -> None:
    """Shares are proposed to those whom the ledger names; each confirms, or one disputes."""
    claims = [
        Claim(user_id=road.people[role].id, percent=Decimal(percent))
        for role, percent in step["shares"].items()
    ]
    made = propose_split(road.session, road.deal, claims, by=road.actor(step["by"]), now=road.now)
    road.wait(2)
    for role in step["shares"]:
        if role == step["by"]:
            continue
        by = road.actor(role)
        if role == step.get("disputed_by"):
            dispute(road.session, made, words=step["words"], by=by, now=road.now)
        else:
            confirm(road.session, made, by=by, now=road.now)


def pay_out(road: Road, step: Mapping[str, Any]) -> None:
    """Both sides pay what is open, save for ``left``; the receivers say that it came."""
    session = road.session
    for number, account in enumerate(of_deal(session, road.deal)):
        person = account.receiver.user
        if account.open <= 0 or person is None or person.id == _left(road, step):
            continue
        said = Paid(
            side=account.side,
            currency=account.currency,
            minor=account.open,
            paid_on=road.today,
            reference=f"YJ{road.today:%Y%m%d}{number:03d}",
            key=f"demo-{road.deal.public_id}-{number}-{road.today.isoformat()}",
        )
        made = pay(session, account.receiver, said, by=road.actor(account.side), now=road.now)
        if step.get("received", True):
            receive(session, made, by=actor_of(person), now=road.now)


def _left(road: Road, step: Mapping[str, Any]) -> int | None:
    return road.people[step["left"]].id if "left" in step else None


STEPS: Mapping[str, Do] = {"brokerage": brokerage, "split": split, "pay_out": pay_out}
