"""Who may do what of this room's; who may see a deal is ``deals.permissions``'s to say."""

from __future__ import annotations

from tenon.actors import Actor
from tenon.compliance.models import Approval, Duty, FirstRefusal
from tenon.deals import permissions as deals
from tenon.deals.models import Deal
from tenon.errors import Forbidden

OPEN_FOR_APPROVAL = ("approval", "publicity", "signing")
NEGOTIATED = ("lead", "talks", "terms", "approval")


def may_declare(actor: Actor, deal: Deal) -> bool:
    """Whether the actor states route, contributors and what is published: the seller's side."""
    return deals.acts_for(actor, deal, "seller")


def may_decide(actor: Actor, deal: Deal) -> bool:
    """Whether the actor decides on objections and takes the evidence: seller's administrators."""
    return deals.signs_for(actor, deal, "seller")


def may_read_objections(actor: Actor, deal: Deal) -> bool:
    """Whether the actor reads objections with who made them: the seller's side."""
    return deals.acts_for(actor, deal, "seller")


def may_approve(actor: Actor, approval: Approval, deal: Deal) -> bool:
    """Whether a step of a chain is the actor's: that person of the side, or one of that role."""
    house = deal.side_organisation_id(approval.side)
    if approval.user_id is not None:
        return actor.user_id == approval.user_id and house in actor.memberships
    return approval.role is not None and actor.at_least(approval.role, house)


def may_see_approvals(actor: Actor, deal: Deal, side: str) -> bool:
    """Whether the actor reads a side's approvals with their remarks: that side alone."""
    return deals.acts_for(actor, deal, side)


def may_answer(actor: Actor, refusal: FirstRefusal) -> bool:
    """Whether the actor is the contributor who is asked."""
    return actor.user_id is not None and actor.user_id == refusal.contributor.user_id


def may_answer_by_paper(actor: Actor, deal: Deal) -> bool:
    """Whether the actor enters a contributor's signed paper: the seller's administrators."""
    return deals.signs_for(actor, deal, "seller")


def may_keep_duty(actor: Actor, duty: Duty, deal: Deal) -> bool:
    """Whether the actor closes a duty: the side that owns it."""
    return deals.acts_for(actor, deal, duty.side)


def may_keep_chain(actor: Actor, organisation_id: int) -> bool:
    """Whether the actor edits an organisation's approval chain: its administrators."""
    return actor.at_least("administrator", organisation_id)


def require(allowed: bool, action: str) -> None:  # noqa: FBT001  # a predicate's answer
    """Raise Forbidden unless allowed."""
    if not allowed:
        raise Forbidden(action=action)


def require_declare(actor: Actor, deal: Deal) -> None:
    """Raise NotFound or Forbidden for who does not speak for the seller."""
    deals.require_side(actor, deal, "seller")


def require_decide(actor: Actor, deal: Deal) -> None:
    """Raise NotFound or Forbidden for who is not the seller's administrator."""
    deals.require_side(actor, deal, "seller")
    require(may_decide(actor, deal), "decide")
