"""The milestones of a deal: delivered by the seller, accepted or returned by the buyer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tenon.deals import forms as deal_forms
from tenon.deals import permissions
from tenon.deals.models import Deal
from tenon.deals.views.blueprint import Answer, read_deal
from tenon.errors import Conflict, Invalid
from tenon.trials import queries, services
from tenon.trials.forms import AnswerForm, DeliveryForm, RoomForm
from tenon.trials.views.blueprint import trials
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

STATES = {
    "open": _l("Not delivered yet"),
    "delivered": _l("Delivered, to be accepted"),
    "returned": _l("Returned"),
    "accepted": _l("Accepted"),
}
TONES = {"open": "neutral", "delivered": "info", "returned": "warn", "accepted": "good"}


def _deal(public_id: str) -> Deal:
    deal = read_deal(public_id)
    if deal_forms.get(deal.form).term("milestones") is None:
        abort(404)
    return deal


@trials.get("/<public_id>/milestones")
def milestones(public_id: str) -> str:
    """Show the milestones and what was delivered."""
    return _page(_deal(public_id), {})


def _page(deal: Deal, kept: Mapping[int, RoomForm]) -> str:
    found = queries.milestones_of(current_session(), deal)
    return render_template(
        "trials/milestones.html",
        deal=deal,
        milestones=found,
        forms={each.number: _form(deal, each, kept) for each in found},
        states=STATES,
        tones=TONES,
    )


def _form(
    deal: Deal, milestone: queries.Milestone, kept: Mapping[int, RoomForm]
) -> RoomForm | None:
    """Return what the actor may fill in for a milestone now."""
    actor = current_actor()
    if deal.stage != "in_force" or milestone.state == "accepted":
        return None
    if milestone.state == "delivered":
        if not permissions.acts_for(actor, deal, "buyer"):
            return None
        return kept.get(milestone.number) or _answer_form(milestone.number)
    if not permissions.acts_for(actor, deal, "seller"):
        return None
    return kept.get(milestone.number) or DeliveryForm(prefix=f"m{milestone.number}")


def _answer_form(number: int) -> AnswerForm:
    form = AnswerForm(prefix=f"m{number}")
    form.offer()
    return form


def _take(public_id: str, number: int, form: RoomForm, take: Callable[[Deal], object]) -> Answer:
    deal, session = _deal(public_id), current_session()
    try:
        take(deal)
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return _page(_deal(public_id), {number: form}), 422
    except Conflict:
        session.rollback()
        flash(_("It is done already, or no longer possible: this is how it stands now."), "warning")
        return _page(_deal(public_id), {}), 409
    flash(_("Saved."), "success")
    return redirect(url_for("trials.milestones", public_id=public_id), 303)


@trials.post("/<public_id>/milestones/<int:number>/deliver")
@limiter.limit(WRITE)
def deliver(public_id: str, number: int) -> Answer:
    """Deliver a milestone."""
    form = DeliveryForm(prefix=f"m{number}")

    def take(deal: Deal) -> None:
        services.deliver(
            current_session(),
            deal,
            milestone=number,
            note=form.note.data or "",
            by=current_actor(),
            now=request_now(),
        )

    return _take(public_id, number, form, take)


@trials.post("/<public_id>/milestones/<int:number>/answer")
@limiter.limit(WRITE)
def answer(public_id: str, number: int) -> Answer:
    """Accept or return a delivery."""
    form = _answer_form(number)

    def take(deal: Deal) -> None:
        if form.verdict.data not in ("accepted", "returned"):
            raise Invalid({"verdict": "required"})
        services.answer_delivery(
            current_session(),
            deal,
            milestone=number,
            accepted=form.verdict.data == "accepted",
            note=form.note.data or "",
            by=current_actor(),
            now=request_now(),
        )

    return _take(public_id, number, form, take)
