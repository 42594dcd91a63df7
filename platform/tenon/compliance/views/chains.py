"""An organisation's approval chain, as its administrators edit it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from tenon.accounts.models import Organisation
from tenon.accounts.queries import members, organisation
from tenon.compliance import permissions
from tenon.compliance.forms import ChainForm, RoomForm
from tenon.compliance.services import chains
from tenon.compliance.views.blueprint import Answer, compliance, saved
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


def _own(public_id: str) -> Organisation:
    found = organisation(current_session(), public_id)
    allowed = permissions.may_keep_chain(current_actor(), found.id)
    permissions.require(allowed, "keep_chain")
    return found


@compliance.get("/organisations/<public_id>/approval-chain")
def chain(public_id: str) -> str:
    """Show an organisation's approval chain."""
    return _page(_own(public_id), ChainForm(formdata=None))


def _page(house: Organisation, form: RoomForm) -> str:
    session = current_session()
    people = [
        (each.user_id, each.user.name or each.user.email)
        for each in members(session, house.id)
        if each.state == "active"
    ]
    if isinstance(form, ChainForm):
        form.offer(people)
    return render_template(
        "compliance/chain.html",
        organisation=house,
        steps=chains.steps_of(session, house.id),
        form=form,
        most=chains.MOST_STEPS,
    )


@compliance.post("/organisations/<public_id>/approval-chain")
@limiter.limit(WRITE)
def add_chain_step(public_id: str) -> Answer:
    """Add a step at the end."""
    house, form = _own(public_id), ChainForm()
    return saved(
        form,
        lambda: chains.add_step(
            current_session(), house, form.given(), by=current_actor(), now=request_now()
        ),
        again=lambda form, _quicker: _page(_own(public_id), form),
        said=_("Added."),
        target=url_for("compliance.chain", public_id=public_id),
    )


@compliance.post("/organisations/<public_id>/approval-chain/<step_id>/remove")
@limiter.limit(WRITE)
def remove_chain_step(public_id: str, step_id: str) -> Answer:
    """Take a step out; deals in approval keep their copy."""
    session, house = current_session(), _own(public_id)
    found = chains.step(session, house, step_id)
    chains.remove_step(session, house, found, by=current_actor(), now=request_now())
    flash(_("Removed. Deals in approval keep their own copy."), "success")
    return redirect(url_for("compliance.chain", public_id=public_id), 303)


@compliance.post("/organisations/<public_id>/approval-chain/<step_id>/up")
@limiter.limit(WRITE)
def move_chain_step(public_id: str, step_id: str) -> Answer:
    """Let a step come before the one that it follows."""
    session, house = current_session(), _own(public_id)
    found = chains.step(session, house, step_id)
    chains.move_up(session, house, found, by=current_actor(), now=request_now())
    return redirect(url_for("compliance.chain", public_id=public_id), 303)
