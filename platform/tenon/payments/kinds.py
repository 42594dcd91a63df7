"""What is owed and how it stands: codes of the room. Knows no table."""

from __future__ import annotations

KINDS = (
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
    "deposit",
    "penalty",
    "repayment",
    "interest",
    "other",
)
"""What an obligation is for."""

STATES = ("planned", "due", "part_paid", "paid", "waived", "cancelled")
"""``planned``: not due yet; ``waived``: the creditor gave up what was open; ``cancelled``: owed no
more, by termination, amendment or credit."""

OPEN_STATES = ("due", "part_paid")
BOOKED_STATES = ("due", "part_paid", "paid", "waived")

PAYMENT_STATES = ("announced", "received", "refused", "taken_back")
PAYMENT_KINDS = ("receipt", "refund")


def other_side(side: str) -> str:
    """Return the side across the table."""
    return "seller" if side == "buyer" else "buyer"
