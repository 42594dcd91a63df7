"""The operators' lists: organisations to approve, people and their roles."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tenon.accounts import queries, services
from tenon.accounts.forms import DecisionForm, EraseOtherForm
from tenon.accounts.labels import SITE_ROLES, STATES
from tenon.accounts.states import NEEDS_REASON, ORGANISATION
from tenon.accounts.views.account import erasure_refused
from tenon.accounts.views.blueprint import accounts
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.web.forms import message
from tenon.web.pages import safe_target
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, forget_actor, request_now

Answer = str | Response | BaseResponse | tuple[str, int]


@accounts.get("/admin/organisations")
def admin_organisations() -> str:
    """List all organisations, those that wait first."""
    state = request.args.get("state", "")
    where = queries.OrganisationFilter(
        text=request.args.get("q", "")[:100], state=state if state in STATES else ""
    )
    number = requested_page()
    found, total = queries.organisations(
        current_session(), where, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    return render_template(
        "accounts/admin_organisations.html",
        page=Page(found, number, PAGE_SIZE, total),
        where=where,
        pending=queries.count_pending(current_session()),
        steps_from=_steps_from,
        needs_reason=NEEDS_REASON,
        form=DecisionForm(),
    )


def _steps_from(state: str) -> list[str]:
    return [step for step in ORGANISATION.allowed(state) if step != "apply_again"]


@accounts.post("/admin/organisations/<public_id>/<step>")
def decide_organisation(public_id: str, step: str) -> Answer:
    """Approve, refuse, suspend or restore."""
    try:
        services.decide_organisation(
            current_session(),
            organisation=queries.organisation(current_session(), public_id),
            step=step,
            reason=request.form.get("reason", ""),
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        problem = error.fields.get("reason")
        if problem is None:
            raise
        words = _("A reason is needed, which the applicants read.")
        flash(words if problem == "required" else message(problem), "error")
        return admin_organisations(), 422
    flash(_("Done."), "success")
    return redirect(safe_target(request.form.get("next") or url_for(".admin_organisations")))


@accounts.get("/admin/people")
def admin_people() -> str:
    """Search people and see their roles."""
    role = request.args.get("role", "")
    text = request.args.get("q", "")[:100]
    number = requested_page()
    found, total = queries.search_people(
        current_session(),
        text=text,
        role=role if role in SITE_ROLES else "",
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
    )
    return render_template(
        "accounts/admin_people.html",
        page=Page(found, number, PAGE_SIZE, total),
        text=text,
        role=role,
    )


@accounts.post("/admin/people/<public_id>/grant")
def grant_role(public_id: str) -> Answer:
    """Make a person broker or operator."""
    services.grant_role(
        current_session(),
        user=queries.person(current_session(), public_id),
        role=request.form.get("role", ""),
        by=current_actor(),
        now=request_now(),
    )
    return _done()


@accounts.post("/admin/people/<public_id>/revoke")
def revoke_role(public_id: str) -> Answer:
    """Take a role back; the last operator's stays."""
    try:
        services.revoke_role(
            current_session(),
            user=queries.person(current_session(), public_id),
            role=request.form.get("role", ""),
            by=current_actor(),
            now=request_now(),
        )
    except Conflict as error:
        return _refused(error)
    return _done()


@accounts.post("/admin/people/<public_id>/active")
def set_active(public_id: str) -> Answer:
    """Block an account or open it again."""
    try:
        services.set_active(
            current_session(),
            user=queries.person(current_session(), public_id),
            active=request.form.get("active") == "yes",
            by=current_actor(),
            now=request_now(),
        )
    except (Conflict, Forbidden) as error:
        return _refused(error)
    return _done()


@accounts.get("/admin/people/<public_id>/erase")
def erase_person(public_id: str) -> str:
    """Ask the operator to type the address of the person to be erased."""
    person = queries.person(current_session(), public_id)
    return render_template("accounts/erase_person.html", person=person, form=EraseOtherForm())


@accounts.post("/admin/people/<public_id>/erase")
def erase_person_now(public_id: str) -> Answer:
    """Erase somebody who asked the operators for it."""
    person, form = queries.person(current_session(), public_id), EraseOtherForm()
    if form.validate():
        if form.email.data.strip().lower() != person.email:
            form.email.errors = [_("That is the address of somebody else.")]
        else:
            try:
                services.erase_person(
                    current_session(), user=person, by=current_actor(), now=request_now()
                )
            except Conflict as error:
                form.form_errors.append(erasure_refused(error))
            else:
                return _done()
    return render_template("accounts/erase_person.html", person=person, form=form), 422


def _done() -> Answer:
    forget_actor()
    flash(_("Saved."), "success")
    return redirect(safe_target(request.form.get("next") or url_for(".admin_people")))


def _refused(error: Conflict | Forbidden) -> Answer:
    words = {
        "last_operator": _("The last operator stays: make somebody else operator first."),
        "own_account": _("You cannot block your own account."),
    }
    if error.code not in words:
        raise error
    flash(words[error.code], "error")
    return admin_people(), 409 if isinstance(error, Conflict) else 403
