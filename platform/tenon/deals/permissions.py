"""Who may see what of a deal, and who may take which step.

The parties' editors, administrators and persons in charge see all of their deal; its broker sees
all of it but private files; operators see that it is there and its figures, never terms, messages
or files (``may_read``). ``queries.visible_to`` says the same as ``may_see`` in SQL.
"""

from __future__ import annotations

from tenon.actors import Actor
from tenon.deals import forms
from tenon.deals.forms.schema import Form, Step
from tenon.deals.models import SIDES, Deal, DealFile
from tenon.errors import Forbidden, IllegalTransition, NotFound


def side_of(actor: Actor, deal: Deal) -> str | None:
    """Return the side that the actor acts on: ``seller``, ``buyer``, or None.

    A person who belongs to both organisations is on the side that they act for at present.
    """
    mine = [side for side in SIDES if acts_for(actor, deal, side)]
    for side in mine:
        if deal.side_organisation_id(side) == actor.organisation_id:
            return side
    return mine[0] if mine else None


def acts_for(actor: Actor, deal: Deal, side: str) -> bool:
    """Whether the actor acts for a side: its editors and administrators, its person in charge."""
    house = deal.side_organisation_id(side)
    if actor.at_least("editor", house):
        return True
    in_charge = actor.user_id is not None and actor.user_id == deal.side_user_id(side)
    return in_charge and house in actor.memberships


def signs_for(actor: Actor, deal: Deal, side: str) -> bool:
    """Whether the actor signs for a side: its administrators."""
    return actor.at_least("administrator", deal.side_organisation_id(side))


def is_party(actor: Actor, deal: Deal) -> bool:
    """Whether the actor acts for one of the sides."""
    return side_of(actor, deal) is not None


def looks_after(actor: Actor, deal: Deal) -> bool:
    """Whether the actor is the deal's broker, and of neither side."""
    return (
        (actor.broker or actor.operator)
        and actor.user_id is not None
        and actor.user_id == deal.broker_id
        and not is_party(actor, deal)
    )


def may_assign_broker(actor: Actor, deal: Deal) -> bool:
    """Whether the actor may name the broker who looks after it: the parties, operators."""
    return actor.operator or is_party(actor, deal)


def may_see(actor: Actor, deal: Deal) -> bool:
    """Whether the actor may know of the deal and its figures."""
    return actor.operator or may_read(actor, deal)


def may_read(actor: Actor, deal: Deal) -> bool:
    """Whether the actor may read terms, messages, files: the parties and the deal's broker."""
    return actor.system or is_party(actor, deal) or looks_after(actor, deal)


may_read_terms = may_read


def may_read_file(actor: Actor, deal: Deal, file: DealFile) -> bool:
    """Whether the actor may open a file: who reads the deal; a private one its own side only."""
    if file.private:
        return file.side is not None and acts_for(actor, deal, file.side)
    return may_read(actor, deal)


def may_write(actor: Actor, deal: Deal) -> bool:
    """Whether the actor may write messages and add files, while the deal is open or running."""
    return deal.stage not in ("lapsed", "dropped") and may_read(actor, deal) and not actor.system


def has_right(actor: Actor, deal: Deal, right: str) -> bool:
    """Whether the actor holds one of ``forms.schema.RIGHTS`` in this deal."""
    if right in SIDES:
        return acts_for(actor, deal, right)
    if right in ("seller_signs", "buyer_signs"):
        return signs_for(actor, deal, right.removesuffix("_signs"))
    if right == "broker":
        return looks_after(actor, deal)
    if right == "operator":
        return actor.operator and not actor.system
    return actor.system


def may_step(actor: Actor, deal: Deal, step: Step) -> bool:
    """Whether the step is the actor's to take in the deal's present state; guards come after."""
    return deal.state in step.sources and any(has_right(actor, deal, each) for each in step.by)


def steps_for(actor: Actor, deal: Deal) -> list[Step]:
    """Return the steps that the actor may take by a button now."""
    form: Form = forms.get(deal.form)
    return [each for each in form.steps if not each.done_by_service and may_step(actor, deal, each)]


def require_read(actor: Actor, deal: Deal) -> None:
    """Raise NotFound to whom the deal is unknown, Forbidden to whom only its figures are open."""
    if not may_see(actor, deal):
        raise NotFound(kind="deal")
    if not may_read(actor, deal):
        raise Forbidden(action="read")


def require_side(actor: Actor, deal: Deal, side: str | None = None) -> str:
    """Return the side that the actor acts on (``side`` where told); raises as ``require_read``."""
    require_read(actor, deal)
    own = side_of(actor, deal)
    if own is None or (side is not None and not acts_for(actor, deal, side)):
        raise Forbidden(action="act")
    return side or own


def require_step(actor: Actor, deal: Deal, step: Step) -> None:
    """Check who takes a step and whether the state allows it.

    Raises NotFound, Forbidden, or IllegalTransition in this order.
    """
    if not (may_see(actor, deal) or actor.system):
        raise NotFound(kind="deal")
    if not any(has_right(actor, deal, each) for each in step.by):
        raise Forbidden(action=step.name)
    if deal.state not in step.sources:
        raise IllegalTransition(step=step.name, state=deal.state, kind="deal")
