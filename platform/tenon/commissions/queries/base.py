"""What a commission may be reckoned on: kinds of payment, and events of a deal."""

from __future__ import annotations

from tenon.deals.models import Deal

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
