"""Who may do what with the ledger and with disputes: predicates, asked by services and pages.

``queries.reading.may_read`` says who may read a thing's ledger; it needs the database.
"""

from __future__ import annotations

from tenon.actors import Actor
from tenon.credit.acts import CLAIMS
from tenon.credit.models import CreditDispute, CreditEntry

SETTLEMENTS = ("uphold", "amend", "share", "set_aside")


def claims_open_to(actor: Actor, entry: CreditEntry) -> tuple[str, ...]:
    """Return what the actor may say against an entry that they may read.

    Who is credited can only say that nobody did it: for them to claim it again says nothing.
    """
    if not actor.signed_in:
        return ()
    return ("nobody",) if entry.user_id == actor.user_id else CLAIMS


def may_see_dispute(actor: Actor, dispute: CreditDispute) -> bool:
    """Whether the actor may read a dispute with its reasons: both sides, and operators."""
    own = {dispute.raised_by_id, dispute.entry.user_id}
    return actor.operator or (actor.user_id is not None and actor.user_id in own)


def is_party(actor: Actor, dispute: CreditDispute) -> bool:
    """Whether settling would be judging oneself: who raised it, or who is credited."""
    return actor.user_id in {dispute.raised_by_id, dispute.entry.user_id}


def may_settle(actor: Actor, dispute: CreditDispute) -> bool:
    """Whether the actor may settle a dispute: an operator who is no party to it."""
    return actor.operator and actor.signed_in and not is_party(actor, dispute)


def may_withdraw(actor: Actor, dispute: CreditDispute) -> bool:
    """Whether the actor may take a dispute back: who raised it."""
    return actor.user_id is not None and actor.user_id == dispute.raised_by_id


def settlements_of(dispute: CreditDispute) -> tuple[str, ...]:
    """Return the outcomes that a dispute can have: only who claims credit can be given it."""
    return ("uphold", "set_aside") if dispute.claim == "nobody" else SETTLEMENTS
