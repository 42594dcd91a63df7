"""What was charged, paid, waived and is open: sums over the ledger's entries, never stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tenon.ledger.queries import Balance, item_flows
from tenon.payments.models import Obligation, Payment

INCOME = ("income", "interest")


@dataclass(frozen=True, slots=True)
class Standing:
    """How an obligation stands in the books, in minor units of its currency.

    Attributes:
        net, vat: charged, less what was credited.
        paid: set against it.
        waived: given up.
    """

    net: int = 0
    vat: int = 0
    paid: int = 0
    waived: int = 0

    @property
    def charged(self) -> int:
        """What has to be paid in all."""
        return self.net + self.vat

    @property
    def open(self) -> int:
        """What is still to be paid."""
        return self.charged - self.paid - self.waived


@dataclass(frozen=True, slots=True)
class Left:
    """What became of a payment, in minor units.

    Attributes:
        received: what came in, nothing once it was taken back.
        refunded: what went back.
        used: set against obligations.
    """

    received: int = 0
    refunded: int = 0
    used: int = 0

    @property
    def advance(self) -> int:
        """What is left over, to be used later or refunded."""
        return self.received - self.refunded - self.used


def standings(session: Session, obligations: Iterable[Obligation]) -> Mapping[int, Standing]:
    """Return the key of each obligation -> how it stands; nothing is 0 before it is due."""
    by_item = {each.public_id: each.id for each in obligations}
    flows = item_flows(session, list(by_item))
    return {key: standing_of(flows.get(item, {})) for item, key in by_item.items()}


def standing_of(flows: Mapping[tuple[str, str], Balance]) -> Standing:
    """Return how an obligation stands, by the flows of its open item."""

    def against(*kinds: str) -> int:
        return sum(flows[pair].minor for pair in flows if pair in _pairs(kinds))

    return Standing(
        net=against(*INCOME),
        vat=against("vat"),
        paid=-against("advance"),
        waived=-against("written_off"),
    )


def _pairs(kinds: Collection[str]) -> set[tuple[str, str]]:
    return {("receivable", kind) for kind in kinds}


def payments_left(session: Session, payments: Iterable[Payment]) -> Mapping[int, Left]:
    """Return the key of each receipt -> what became of it; announced ones are not booked."""
    by_item = {each.public_id: each.id for each in payments}
    flows = item_flows(session, list(by_item))
    found = {}
    for item, key in by_item.items():
        cash = flows.get(item, {}).get(("advance", "cash"), Balance())
        back = flows.get(item, {}).get(("advance", "clearing"), Balance())
        used = flows.get(item, {}).get(("advance", "receivable"), Balance())
        found[key] = Left(-cash.minor, back.minor, used.minor)
    return found
