"""What a commission is reckoned on: what the seller received, by kind, net of VAT; and events."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.ledger.queries import item_flows
from tenon.payments.models import Obligation
from tenon.payments.queries.sums import standing_of
from tenon.payments.vat import parts_of

COUNTED_KINDS = (
    "up_front",
    "instalment",
    "milestone",
    "stage",
    "royalty",
    "minimum",
    "sublicence",
    "share",
    "maintenance",
    "trial_fee",
    "buy_out",
    "service_fee",
    "premium",
    "other",
)
"""Kinds of payment that can earn commission: the price, and neither deposits nor penalties."""

_MADE = ("signed", "in_force", "completed", "terminated")
_BEGUN = ("in_force", "completed")


def is_made(deal: Deal) -> bool:
    """Whether the contract was made, before which nothing is due (Civil Code 961, 963)."""
    return deal.stage in _MADE and deal.signed_on is not None


def has_happened(deal: Deal, event: str | None, base: int) -> bool:
    """Whether the event of a fixed sum has come; ``base`` is what has been received."""
    if not is_made(deal):
        return False
    if event == "in_force":
        return deal.stage in _BEGUN or (deal.stage == "terminated" and base > 0)
    return base > 0 if event == "first_payment" else True


def received(session: Session, deal: Deal, *, currency: str, kinds: Collection[str]) -> int:
    """Return what the seller has received of these kinds in a currency, net of VAT, minor units.

    Counted is what was set against an obligation, less what was released from it again.
    """
    owed = session.scalars(
        sa.select(Obligation).where(
            Obligation.deal_id == deal.id,
            Obligation.debtor == "buyer",
            Obligation.currency == currency,
            Obligation.kind.in_(list(kinds)),
        )
    ).all()
    flows = item_flows(session, [each.public_id for each in owed])
    total = 0
    for each in owed:
        standing = standing_of(flows.get(each.public_id, {}))
        net, _ = parts_of(standing.paid, net=standing.net, vat=standing.vat)
        total += net
    return max(0, total)
