"""Hand over all that a broker has: what there is, to whom, what will happen, the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.accounts.models import User
from tenon.errors import Invalid
from tenon.network import handing_over as register
from tenon.network.forms import HandoverForm, people_choices
from tenon.network.handing_over import Receivers
from tenon.network.models import PortfolioFirm
from tenon.network.services import handing_over as services
from tenon.network.services.handing_over import Load
from tenon.network.views.blueprint import Answer, broker_in_sight, network
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

_PREFIX = "firm-"


def _giver(public_id: str) -> User:
    user = broker_in_sight(public_id)
    services.require_may_hand_over(current_session(), current_actor(), user)
    return user


@network.get("/brokers/<public_id>/hand-over")
def hand_over(public_id: str) -> str:
    """List all that a broker has, and ask who gets it."""
    return _page(_giver(public_id), HandoverForm(formdata=None))


def _page(user: User, form: HandoverForm, loads: Sequence[Load] = ()) -> str:
    session = current_session()
    receivers = services.receivers_for(session, user, by=current_actor())
    form.everything.choices = people_choices(receivers)
    shown: dict[str, Any] = {
        "user": user,
        "form": form,
        "receivers": receivers,
        "loads": loads,
        "firms": services.firms(session, user.id),
        "belongings": services.belongings(session, user.id),
        "chosen": {each: request.form.get(f"{_PREFIX}{each}", "") for each in _asked_firms()},
    }
    return render_template("network/hand_over.html", **shown)


def _asked_firms() -> list[str]:
    return [name.removeprefix(_PREFIX) for name in request.form if name.startswith(_PREFIX)]


@network.post("/brokers/<public_id>/hand-over")
@limiter.limit(WRITE)
def hand_over_now(public_id: str) -> Answer:
    """Show what will happen, or do it."""
    user, form = _giver(public_id), HandoverForm()
    session, actor = current_session(), current_actor()
    try:
        form.validate()
        to = _receivers(user, form)
        if form.go.data != "do":
            return _page(user, form, services.check(session, user, to, by=actor))
        row = services.hand_over(
            session,
            user,
            to,
            note=form.note.data or "",
            end_places=bool(form.end_places.data),
            by=actor,
            now=request_now(),
        )
    except Invalid as error:
        form.take_errors(error)
        return _page(user, form), 422
    flash(_("Handed over. Those concerned will be told."), "success")
    return redirect(url_for("network.handed_over", public_id=row.public_id))


def _receivers(user: User, form: HandoverForm) -> Receivers:
    """Return who gets what; raises Invalid at ``everything`` where that was not chosen."""
    session = current_session()
    known = {
        each.public_id: each.id
        for each in services.receivers_for(session, user, by=current_actor())
    }
    if form.everything.data not in known:
        raise Invalid({"everything": "required"})
    rows: Sequence[PortfolioFirm] = services.firms(session, user.id)
    named = {each.organisation.public_id: each.organisation_id for each in rows}
    by_firm = {
        named[firm]: known[receiver]
        for firm in _asked_firms()
        if firm in named and (receiver := request.form.get(f"{_PREFIX}{firm}", "")) in known
    }
    return Receivers(known[form.everything.data], by_firm)


@network.get("/hand-overs/<public_id>")
def handed_over(public_id: str) -> str:
    """Show the record of a hand-over, and what is left."""
    session, actor = current_session(), current_actor()
    row = services.find_handover(session, public_id, by=actor)
    giver = row.from_user
    sees_rest = giver is not None and services.may_hand_over(session, actor, giver)
    names = {services.FIRMS: services.FIRMS_LABEL}
    names |= {each.code: each.label for each in register.kinds()}
    left = services.belongings(session, giver.id) if giver is not None and sees_rest else []
    return render_template(
        "network/handed_over.html",
        row=row,
        giver=giver,
        counts=[(names.get(code, code), number) for code, number in row.counts.items()],
        left=[(label, number) for _code, label, number in left if number],
    )
