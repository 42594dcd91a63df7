"""What may come next in a deal, who does it, and what still stands in its way.

Asks the engine's guards, takes no step. Must not know any form or room by name beyond where the
room's own services are found (terms, signatures).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import url_for
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals import forms, guards, permissions
from tenon.deals.forms.schema import NEGOTIATED_STAGES, OPEN_STAGES, STAGES, Form, Step
from tenon.deals.guards import Refusal
from tenon.deals.models import Deal, TermVersion
from tenon.deals.queries import accepted_terms, proposed_terms
from tenon.deals.services import missing_signers
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.web.requests import request_now

BAD_ENDS = ("terminated", "lapsed", "dropped")
_DONE_AT = {"draft_terms": "deals.terms", "agree": "deals.terms", "sign": "deals.signatures"}


@dataclass(frozen=True, slots=True)
class Ahead:
    """One step that lies ahead.

    Attributes:
        step: of the form.
        sides: who may take it: seller, buyer, broker, system, each once.
        points: what stands in its way.
        mine: whether the actor may take it by a button.
        address: where it is taken, or shown; None where the actor can do neither.
    """

    step: Step
    sides: tuple[str, ...]
    points: Sequence[Refusal]
    mine: bool
    address: str | None


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is.

    Attributes:
        code: propose, answer, approval, ready, publicity, sign, go_on, effect,
            perform, over.
        sides: of whom something is awaited.
        version: the version of terms that waits for an answer, if any.
    """

    code: str
    sides: tuple[str, ...]
    version: TermVersion | None = None


def other(side: str) -> str:
    """Return the other side."""
    return "buyer" if side == "seller" else "seller"


def proposers(form: str) -> tuple[str, ...]:
    """Return the sides that may propose terms in a form: both, or the one that declares them."""
    step = forms.get(form).step("draft_terms")
    return ("seller", "buyer") if step is None else _sides(step)


def turn_of(session: Session, deal: Deal) -> Turn:
    """Return whose turn it is in a deal."""
    if deal.stage in ("signed", "in_force"):
        waiting = proposed_terms(session, deal)  # an amendment
        if waiting is not None:
            return Turn("answer", (other(waiting.side),), waiting)
        return Turn("effect" if deal.stage == "signed" else "perform", ())
    if deal.stage in NEGOTIATED_STAGES:
        waiting = proposed_terms(session, deal)
        if waiting is None:
            return Turn("propose", proposers(deal.form))
        return Turn("answer", (other(waiting.side),), waiting)
    if deal.state == "signing":
        agreed = accepted_terms(session, deal)
        missing = [] if agreed is None else missing_signers(session, deal, agreed)
        return Turn("sign", tuple(each.key for each in missing if each.key in ("seller", "buyer")))
    if deal.stage in ("approval", "publicity"):
        return Turn(deal.stage, ("seller",))
    return Turn("go_on" if deal.stage in OPEN_STAGES else "over", ())


def with_what_is_ready(turn: Turn, ahead: Sequence[Ahead]) -> Turn:
    """Return whose turn it is once all is approved: of those who can take a step from there."""
    sides = [side for each in ahead if not each.points for side in each.sides]
    if turn.code != "approval" or not sides:
        return turn
    return Turn("ready", tuple(each for each in ("seller", "buyer") if each in sides))


def short_turn(deal: Deal, waiting: TermVersion | None, awaited: str | None) -> Turn:
    """Return whose turn it is without asking who must sign; for lists.

    ``awaited`` is the reader's side where the list knows that the deal waits for it.
    """
    sides = () if awaited is None else (awaited,)
    if waiting is not None and deal.stage in OPEN_STAGES:
        return Turn("answer", (other(waiting.side),), waiting)
    if deal.stage in NEGOTIATED_STAGES:
        return Turn("propose", proposers(deal.form))
    codes = {"signing": "sign", "signed": "effect", "in_force": "perform"}
    return Turn(codes.get(deal.stage, deal.stage if deal.stage in OPEN_STAGES else "over"), sides)


def ahead(session: Session, deal: Deal, actor: Actor) -> list[Ahead]:
    """Return the steps that lead on from here, each with what stands in its way."""
    form = forms.get(deal.form)
    found = []
    for step in form.steps:
        if deal.state not in step.sources or not _leads_on(form, deal, step):
            continue
        own = permissions.may_step(actor, deal, step)
        found.append(
            Ahead(
                step,
                _sides(step),
                points(session, deal, step),
                own and not step.done_by_service,
                _address(deal, step, own=own) if permissions.may_read(actor, deal) else None,
            )
        )
    return found


def points(session: Session, deal: Deal, step: Step) -> list[Refusal]:
    """Return what stands in a step's way; a check that no room has installed is one of them."""
    known = guards.known()
    here = replace(step, guards=tuple(each for each in step.guards if each in known))
    found = guards.open_points(session, deal, here, now=request_now())
    message = N_("The check “%(name)s” is not installed on this site.")
    lacking = [each for each in step.guards if each not in known]
    return found + [Refusal(message, {"name": each}, guard=each) for each in lacking]


def others(deal: Deal, actor: Actor) -> list[Step]:
    """Return the actor's steps that lead back or end the deal."""
    form = forms.get(deal.form)
    mine = permissions.steps_for(actor, deal)
    return [each for each in mine if not _leads_on(form, deal, each)]


def reached(deal: Deal, form: Form) -> tuple[list[str], int]:
    """Return the stages on the form's road, and the index of the one that the deal stands at.

    A deal that ended early stands where its days say that it had come.
    """
    has = {state.stage for state in form.states}
    road = [stage for stage in (*OPEN_STAGES, "completed") if stage in has]
    if deal.stage in road:
        return road, road.index(deal.stage) + (deal.stage == "completed")
    last = "terms" if deal.agreed_at is None else "approval"
    if deal.signed_on is not None:
        last = "in_force"
    return road, road.index(last) if last in road else 0


def _leads_on(form: Form, deal: Deal, step: Step) -> bool:
    target = form.stage_of(step.target)
    if target in BAD_ENDS:
        return False
    return STAGES.index(target) >= STAGES.index(deal.stage) and not step.reason


def _sides(step: Step) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.removesuffix("_signs") for each in step.by))


def _address(deal: Deal, step: Step, *, own: bool) -> str | None:
    if step.done_by_service:
        endpoint = _DONE_AT.get(step.name)
        return None if endpoint is None else url_for(endpoint, public_id=deal.public_id)
    if not own:
        return None
    return url_for("deals.step", public_id=deal.public_id, name=step.name)
