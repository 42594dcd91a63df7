"""An expert's own page: written, claimed, and claims decided."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.errors import Conflict, Invalid
from tenon.listings import permissions, queries, services
from tenon.listings.forms import ClaimForm, ExpertForm
from tenon.listings.models import ExpertClaim
from tenon.listings.views.blueprint import Answer, listings
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@listings.get("/my/expert-page")
def my_page() -> str:
    """Show the form of one's own page, empty where there is none yet."""
    user_id = current_actor().user_id
    assert user_id is not None  # noqa: S101  # the fence lets nobody else in
    expert = queries.expert_of_user(current_session(), user_id)
    return render_template("listings/my_page.html", form=ExpertForm(expert=expert), expert=expert)


@listings.post("/my/expert-page")
@limiter.limit(WRITE)
def save_my_page() -> Answer:
    """Save one's own page."""
    form = ExpertForm()
    if form.validate():
        try:
            expert = services.write_own_page(
                current_session(), page=form.page(), by=current_actor(), now=request_now()
            )
        except Invalid as error:
            form.take_errors(error)
        else:
            flash(_("Your page has been saved."), "success")
            return redirect(url_for("listings.expert", public_id=expert.public_id))
    return render_template("listings/my_page.html", form=form, expert=None), 422


@listings.get("/experts/<public_id>/edit")
def edit_expert(public_id: str) -> str:
    """Show the form of a page that one may edit."""
    expert = queries.find_expert(current_session(), public_id, by=current_actor())
    if not permissions.may_edit_expert(current_actor(), expert):
        abort(403)
    return render_template(
        "listings/edit_expert.html", form=ExpertForm(expert=expert), expert=expert
    )


@listings.post("/experts/<public_id>/edit")
@limiter.limit(WRITE)
def save_expert(public_id: str) -> Answer:
    """Save a page that one may edit."""
    expert = queries.find_expert(current_session(), public_id, by=current_actor())
    if not permissions.may_edit_expert(current_actor(), expert):
        abort(403)
    form = ExpertForm()
    if form.validate():
        try:
            services.edit_page(
                current_session(), expert, page=form.page(), by=current_actor(), now=request_now()
            )
        except Invalid as error:
            form.take_errors(error)
        else:
            flash(_("The page has been saved."), "success")
            return redirect(url_for("listings.expert", public_id=public_id))
    return render_template("listings/edit_expert.html", form=form, expert=expert), 422


@listings.get("/experts/<public_id>/claim")
def claim(public_id: str) -> str:
    """Ask how one can tell that this is the person."""
    expert = queries.find_expert(current_session(), public_id, by=current_actor())
    if not permissions.may_claim(current_actor(), expert):
        abort(409)
    return render_template("listings/claim.html", form=ClaimForm(), expert=expert)


@listings.post("/experts/<public_id>/claim")
@limiter.limit(WRITE)
def save_claim(public_id: str) -> Answer:
    """Take the claim; somebody else decides it."""
    expert = queries.find_expert(current_session(), public_id, by=current_actor())
    form = ClaimForm()
    try:
        services.claim(
            current_session(),
            expert,
            remark=form.remark.data or "",
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        form.take_errors(error)
        return render_template("listings/claim.html", form=form, expert=expert), 422
    except Conflict as error:
        if error.code != "has_a_page":
            raise
        form.form_errors.append(_("You have a page already."))
        return render_template("listings/claim.html", form=form, expert=expert), 409
    flash(_("Your claim waits for the institution or the operator."), "success")
    return redirect(url_for("listings.expert", public_id=public_id))


@listings.get("/experts/claims")
def claims() -> str:
    """List the claims that the actor may decide."""
    return render_template(
        "listings/claims.html", claims=queries.open_claims(current_session(), by=current_actor())
    )


@listings.post("/experts/claims/<claim_id>")
@limiter.limit(WRITE)
def decide_claim(claim_id: str) -> Answer:
    """Approve or refuse a claim."""
    found = queries.find_claim(current_session(), claim_id)
    _decide(found)
    flash(_("Decided."), "success")
    return redirect(url_for("listings.claims"))


def _decide(found: ExpertClaim) -> None:
    services.decide_claim(
        current_session(),
        found,
        approve=request.form.get("decision") == "approve",
        by=current_actor(),
        now=request_now(),
    )
