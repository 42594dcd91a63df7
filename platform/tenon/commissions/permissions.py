"""Who may see and do what with a deal's commission.

The deal's broker and operators see the whole. A paying side sees what it agreed to and what it
pays, to whom. A participant sees the own share and what came of it. Others do not learn that there
is any: NotFound.
"""

from __future__ import annotations

from tenon.actors import Actor
from tenon.commissions.models import Agreement, Payout, Receiver, Split
from tenon.deals.models import SIDES, Deal
from tenon.deals.permissions import acts_for, looks_after, signs_for
from tenon.errors import Forbidden, NotFound


def sees_whole(actor: Actor, deal: Deal) -> bool:
    """Whether the actor sees and proposes all of it: the deal's broker, operators."""
    return looks_after(actor, deal) or (actor.operator and actor.signed_in)


def sides_of(actor: Actor, deal: Deal) -> tuple[str, ...]:
    """Return the sides that the actor acts for."""
    return tuple(side for side in SIDES if acts_for(actor, deal, side))


def may_see_agreement(actor: Actor, agreement: Agreement) -> bool:
    """Whether the actor may read an agreement: who sees the whole, and the sides that pay it."""
    if sees_whole(actor, agreement.deal):
        return True
    return any(side in agreement.payers for side in sides_of(actor, agreement.deal))


def answers_for(actor: Actor, agreement: Agreement) -> tuple[str, ...]:
    """Return the sides for which the actor may agree or decline now: their signatories."""
    if agreement.state != "proposed":
        return ()
    given = {each.side for each in agreement.consents}
    return tuple(
        side
        for side in agreement.payers
        if side not in given and signs_for(actor, agreement.deal, side)
    )


def is_own(actor: Actor, receiver: Receiver) -> bool:
    """Whether the receiver's part is the actor's, as the participant whom the ledger names."""
    return actor.user_id is not None and actor.user_id == receiver.user_id


def may_answer_for(actor: Actor, receiver: Receiver) -> bool:
    """Whether the actor may say that money came: the participant, or their house's editors."""
    if is_own(actor, receiver):
        return True
    return receiver.kind == "organisation" and actor.at_least("editor", receiver.organisation_id)


def may_see_split(actor: Actor, split: Split) -> bool:
    """Whether the actor may know of a split: who sees the whole, and its participants."""
    return sees_whole(actor, split.deal) or any(
        is_own(actor, share.receiver) for share in split.shares
    )


def may_see_receiver(actor: Actor, receiver: Receiver) -> bool:
    """Whether the actor may know a receiver's account, whichever side pays."""
    return sees_whole(actor, receiver.deal) or may_answer_for(actor, receiver)


def may_see_payout(actor: Actor, payout: Payout) -> bool:
    """Whether the actor may know of a payout: who sees the whole, its payer, its receiver."""
    return may_see_receiver(actor, payout.receiver) or acts_for(actor, payout.deal, payout.side)


def require_whole(actor: Actor, deal: Deal) -> None:
    """Raise NotFound to whom the deal is unknown, Forbidden to who only knows the deal."""
    if sees_whole(actor, deal):
        return
    if sides_of(actor, deal):
        raise Forbidden(action="commission")
    raise NotFound(kind="deal")
