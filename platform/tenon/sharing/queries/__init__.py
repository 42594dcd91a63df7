"""Reads of the room: income by the ledger, distributions, a person's shares."""

from tenon.sharing.queries.distributions import (
    Candidate,
    contributors_of,
    cost,
    find,
    members_of_seller,
    objection,
    of_deal,
    paid_in,
    published_for,
    share,
    shares_of,
    waiting_for,
    years_of,
)
from tenon.sharing.queries.income import Income, incomes

__all__ = [
    "Candidate",
    "Income",
    "contributors_of",
    "cost",
    "find",
    "incomes",
    "members_of_seller",
    "objection",
    "of_deal",
    "paid_in",
    "published_for",
    "share",
    "shares_of",
    "waiting_for",
    "years_of",
]
