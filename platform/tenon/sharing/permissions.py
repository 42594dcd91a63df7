"""Who may see what of a distribution, and who may take which step.

The seller's side works on it; its administrators confirm papers, approve and pay. A contributor
sees the totals and the own share. While it is public inside the institution, all of its members
see what is published. Operators see totals. The buyer's side and brokers see nothing, unless they
are one of these too.
"""

from __future__ import annotations

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.deals.permissions import acts_for, signs_for
from tenon.errors import Forbidden, IllegalTransition, NotFound
from tenon.sharing.models import Distribution, IncomeShare
from tenon.sharing.states import DISTRIBUTION, OPEN_STATES

_SIGNED_STEPS = ("approve", "pay", "publicise")


def works_on(actor: Actor, deal: Deal) -> bool:
    """Whether the actor works on the sharing of this deal's income: the seller's side."""
    return acts_for(actor, deal, "seller")


def decides(actor: Actor, deal: Deal) -> bool:
    """Whether the actor approves, pays and confirms papers: the seller's administrators."""
    return signs_for(actor, deal, "seller")


def may_see_totals(actor: Actor, deal: Deal) -> bool:
    """Whether the actor may see what was received and shared of a deal, nobody's share."""
    return works_on(actor, deal) or (actor.operator and not actor.system)


def own_share(actor: Actor, distribution: Distribution) -> IncomeShare | None:
    """Return the actor's own share, once it has been proposed to them."""
    if actor.user_id is None or distribution.state in ("draft", "withdrawn"):
        return None
    return next((each for each in distribution.shares if each.user_id == actor.user_id), None)


def may_read_published(actor: Actor, distribution: Distribution) -> bool:
    """Whether the actor may read it while it is public inside the institution."""
    house = distribution.deal.seller_organisation_id
    return distribution.state == "publicised" and house in actor.memberships


def may_see(actor: Actor, distribution: Distribution) -> bool:
    """Whether the actor may know of it at all."""
    return (
        may_see_totals(actor, distribution.deal)
        or own_share(actor, distribution) is not None
        or may_read_published(actor, distribution)
    )


def sees_shares(actor: Actor, distribution: Distribution) -> bool:
    """Whether the actor may see every contributor's share."""
    return works_on(actor, distribution.deal) or may_read_published(actor, distribution)


def sees_costs(actor: Actor, distribution: Distribution) -> bool:
    """Whether the actor may see each cost and its receipt: who works on it, and contributors."""
    return works_on(actor, distribution.deal) or own_share(actor, distribution) is not None


def may(actor: Actor, step: str, distribution: Distribution) -> bool:
    """Whether the actor may take a step now; rules and contributors' answers come after."""
    if step not in DISTRIBUTION.allowed(distribution.state):
        return False
    if step in ("confirm", "dispute"):
        share = own_share(actor, distribution)
        return share is not None and share.state == "waiting"
    deal = distribution.deal
    return decides(actor, deal) if step in _SIGNED_STEPS else works_on(actor, deal)


def may_edit(actor: Actor, distribution: Distribution) -> bool:
    """Whether the actor may change costs, shares and percentage now."""
    return distribution.state in OPEN_STATES and works_on(actor, distribution.deal)


def may_object(actor: Actor, distribution: Distribution) -> bool:
    """Whether the actor may object: the institution's members, while it is public there."""
    return actor.user_id is not None and may_read_published(actor, distribution)


def require_works_on(actor: Actor, deal: Deal) -> None:
    """Raise NotFound to whom the deal's income is unknown, Forbidden to who only sees totals."""
    if works_on(actor, deal):
        return
    if may_see_totals(actor, deal):
        raise Forbidden(action="share_income")
    raise NotFound(kind="deal")


def require(actor: Actor, step: str, distribution: Distribution) -> None:
    """Check who takes a step and when; raises NotFound, Forbidden, IllegalTransition in order."""
    if not may_see(actor, distribution):
        raise NotFound(kind="distribution")
    if may(actor, step, distribution):
        return
    allowed = step in DISTRIBUTION.allowed(distribution.state)
    if allowed or not works_on(actor, distribution.deal):
        raise Forbidden(action=step)
    raise IllegalTransition(step=step, state=distribution.state, kind="distribution")


def require_edit(actor: Actor, distribution: Distribution) -> None:
    """Check that the actor may change it now; raises as ``require``."""
    if not may_see(actor, distribution):
        raise NotFound(kind="distribution")
    if not works_on(actor, distribution.deal):
        raise Forbidden(action="edit")
    if distribution.state not in OPEN_STATES:
        raise IllegalTransition(step="edit", state=distribution.state, kind="distribution")
