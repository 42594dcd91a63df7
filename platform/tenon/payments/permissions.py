"""Who may see what of the money of a deal, and who may do what.

Both sides read all of it; the creditor's side records, waives, credits and invoices; the debtor's
announces. The deal's broker reads what is due when and how it stands, without amounts. Operators
read totals of the site, and nothing of one deal.
"""

from __future__ import annotations

from tenon.actors import Actor
from tenon.deals import permissions as deals
from tenon.deals.models import Deal
from tenon.errors import Forbidden, NotFound
from tenon.payments.kinds import other_side
from tenon.payments.models import Obligation, Payment


def may_read(actor: Actor, deal: Deal) -> bool:
    """Whether the actor may read amounts: those who act for a side."""
    return actor.system or deals.is_party(actor, deal)


def may_read_states(actor: Actor, deal: Deal) -> bool:
    """Whether the actor may read what is due when and how it stands."""
    return may_read(actor, deal) or deals.looks_after(actor, deal)


def may_manage(actor: Actor, deal: Deal, creditor: str) -> bool:
    """Whether the actor may record, confirm, waive, credit, invoice for the creditor's side."""
    return deals.acts_for(actor, deal, creditor)


def may_announce(actor: Actor, deal: Deal, creditor: str) -> bool:
    """Whether the actor may say that a payment to the creditor was made: the other side."""
    return deals.acts_for(actor, deal, other_side(creditor))


def require_read(actor: Actor, deal: Deal) -> None:
    """Raise NotFound to whom the deal is unknown, Forbidden to whom its amounts are closed."""
    if not may_read(actor, deal):
        if not deals.may_see(actor, deal):
            raise NotFound(kind="deal")
        raise Forbidden(action="read_payments")


def require_manage(actor: Actor, thing: Obligation | Payment) -> None:
    """Raise NotFound or Forbidden unless the actor acts for the side to whom it is due."""
    creditor = thing.creditor if isinstance(thing, Obligation) else thing.payee
    require_side(actor, thing.deal, creditor)


def require_side(actor: Actor, deal: Deal, side: str) -> None:
    """Raise NotFound or Forbidden unless the actor acts for a side."""
    require_read(actor, deal)
    if not (actor.system or deals.acts_for(actor, deal, side)):
        raise Forbidden(action="manage_payments")
