"""Verbs of the room: agree, follow the payments, share, pay. Never commits."""

from tenon.commissions.services.accruing import follow, in_force, unshared
from tenon.commissions.services.agreeing import (
    Proposal,
    agree,
    decline,
    end,
    propose,
    withdraw,
)
from tenon.commissions.services.paying import (
    Paid,
    contest,
    pay,
    receive,
    require_payer,
    take_back,
)
from tenon.commissions.services.paying_many import MOST_AT_ONCE, Due, Row, pay_many
from tenon.commissions.services.splitting import (
    Claim,
    confirm,
    dispute,
    houses_of,
    places_of,
    propose_split,
    reopen_for_entry,
    suggest,
    weights,
)

__all__ = [
    "MOST_AT_ONCE",
    "Claim",
    "Due",
    "Paid",
    "Proposal",
    "Row",
    "agree",
    "confirm",
    "contest",
    "decline",
    "dispute",
    "end",
    "follow",
    "houses_of",
    "in_force",
    "pay",
    "pay_many",
    "places_of",
    "propose",
    "propose_split",
    "receive",
    "reopen_for_entry",
    "require_payer",
    "suggest",
    "take_back",
    "unshared",
    "weights",
    "withdraw",
]
