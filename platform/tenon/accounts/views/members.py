"""Members of an organisation: asking, deciding, roles, leaving."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tenon.accounts import permissions, queries, services
from tenon.accounts.forms import JoinForm
from tenon.accounts.models import Membership
from tenon.accounts.views.blueprint import accounts
from tenon.accounts.views.organisations import visible_organisation
from tenon.errors import Conflict
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, forget_actor, request_now

Answer = str | Response | BaseResponse | tuple[str, int]


@accounts.post("/organisations/<public_id>/join")
@limiter.limit(WRITE)
def join(public_id: str) -> Answer:
    """Ask to join. A request that waits already is no error: the page shows it."""
    found, form = visible_organisation(public_id), JoinForm()
    if not form.validate():
        flash(_("That is too long."), "error")
        return redirect(url_for("accounts.organisation", public_id=public_id))
    try:
        services.ask_to_join(
            current_session(),
            organisation=found,
            note=form.note.data or "",
            by=current_actor(),
            now=request_now(),
        )
    except Conflict as error:
        if error.code != "already_asked":
            raise
    flash(_("Your request is with the administrators."), "success")
    return redirect(url_for("accounts.organisation", public_id=public_id))


@accounts.get("/organisations/<public_id>/members")
def members(public_id: str) -> str:
    """List members and requests, for the organisation's own people and operators."""
    found, actor = visible_organisation(public_id), current_actor()
    permissions.require(actor.operator or actor.role_in(found.id) is not None)
    return render_template(
        "accounts/members.html",
        organisation=found,
        members=queries.members(current_session(), found.id),
        manages=permissions.may_manage_members(actor, found),
    )


def _membership(public_id: str, membership_id: int) -> Membership:
    found = visible_organisation(public_id)
    return queries.membership_of(current_session(), found.id, membership_id)


def _back(public_id: str) -> BaseResponse:
    forget_actor()
    return redirect(url_for("accounts.members", public_id=public_id))


@accounts.post("/organisations/<public_id>/members/<int:membership_id>/decide")
def decide_request(public_id: str, membership_id: int) -> Answer:
    """Accept a request in a role, or decline it."""
    accept = request.form.get("decision") == "accept"
    services.decide_request(
        current_session(),
        membership=_membership(public_id, membership_id),
        accept=accept,
        role=request.form.get("role", "member"),
        by=current_actor(),
        now=request_now(),
    )
    flash(_("Accepted.") if accept else _("Declined."), "success")
    return _back(public_id)


@accounts.post("/organisations/<public_id>/members/<int:membership_id>/role")
def change_role(public_id: str, membership_id: int) -> Answer:
    """Give a member another role."""
    try:
        services.change_role(
            current_session(),
            membership=_membership(public_id, membership_id),
            role=request.form.get("role", ""),
            by=current_actor(),
            now=request_now(),
        )
    except Conflict as error:
        return _last_administrator(error, public_id)
    flash(_("Saved."), "success")
    return _back(public_id)


@accounts.post("/organisations/<public_id>/members/<int:membership_id>/end")
def end_membership(public_id: str, membership_id: int) -> Answer:
    """End a membership, leave, or withdraw a request."""
    membership = _membership(public_id, membership_id)
    own = membership.user_id == current_actor().user_id
    try:
        services.end_membership(
            current_session(), membership=membership, by=current_actor(), now=request_now()
        )
    except Conflict as error:
        return _last_administrator(error, public_id)
    forget_actor()
    if own:
        flash(_("You do not belong to it any more."), "success")
        return redirect(url_for("accounts.account"))
    flash(_("The membership has ended."), "success")
    return _back(public_id)


def _last_administrator(error: Conflict, public_id: str) -> Answer:
    """Show the list again with the reason; the 409 keeps the transaction from being committed."""
    if error.code != "last_administrator":
        raise error
    flash(_("An organisation needs an administrator: make somebody else one first."), "error")
    return members(public_id), 409
