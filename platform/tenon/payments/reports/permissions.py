"""Who writes, checks and reads a use report.

The buyer's people write and submit; the seller's accept or query; both read. The deal's broker
reads which reports are due and how they stand, without figures. Operators read nothing of one deal.
"""

from __future__ import annotations

from tenon.actors import Actor
from tenon.deals import permissions as deals
from tenon.deals.models import Deal
from tenon.errors import Forbidden, NotFound
from tenon.payments import permissions as payments

WRITER, CHECKER = "buyer", "seller"

may_read = payments.may_read
may_read_states = payments.may_read_states


def may_write(actor: Actor, deal: Deal) -> bool:
    """Whether the actor may write and submit reports."""
    return deals.acts_for(actor, deal, WRITER)


def may_check(actor: Actor, deal: Deal) -> bool:
    """Whether the actor may accept or query reports."""
    return deals.acts_for(actor, deal, CHECKER)


def require_read(actor: Actor, deal: Deal) -> None:
    """Raise NotFound to whom the deal is unknown, Forbidden to whom its figures are closed."""
    payments.require_read(actor, deal)


def require_states(actor: Actor, deal: Deal) -> None:
    """Raise NotFound or Forbidden unless the actor may read which reports are due."""
    if not deals.may_see(actor, deal):
        raise NotFound(kind="deal")
    if not may_read_states(actor, deal):
        raise Forbidden(action="read_reports")


def require_write(actor: Actor, deal: Deal) -> None:
    """Raise NotFound or Forbidden unless the actor writes for the buyer."""
    require_read(actor, deal)
    if not may_write(actor, deal):
        raise Forbidden(action="write_report")


def require_check(actor: Actor, deal: Deal) -> None:
    """Raise NotFound or Forbidden unless the actor checks for the seller."""
    require_read(actor, deal)
    if not may_check(actor, deal):
        raise Forbidden(action="check_report")
