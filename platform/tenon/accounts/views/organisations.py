"""Organisations: directory, page, application, profile."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tenon.accounts import permissions, queries, services
from tenon.accounts.forms import JoinForm, NewOrganisationForm, OrganisationForm
from tenon.accounts.labels import KINDS
from tenon.accounts.models import Organisation
from tenon.accounts.views.blueprint import accounts
from tenon.errors import Invalid, NotFound
from tenon.taxonomy.pickers import as_choices
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, forget_actor, request_now
from tenon.web.sections import sections

Answer = str | Response | BaseResponse | tuple[str, int]


def visible_organisation(public_id: str) -> Organisation:
    """Return an organisation that the actor may see; raises NotFound for any other."""
    found = queries.organisation(current_session(), public_id)
    if not permissions.may_see_organisation(current_actor(), found):
        raise NotFound(kind="organisation")
    return found


@accounts.get("/organisations")
def directory() -> str:
    """List approved organisations, narrowed by text, kind and region."""
    kind = request.args.get("kind", "")
    where = queries.OrganisationFilter(
        text=request.args.get("q", "")[:100],
        kind=kind if kind in KINDS else "",
        region=request.args.get("region", ""),
    )
    number = requested_page()
    found, total = queries.organisations(
        current_session(), where, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    return render_template(
        "accounts/directory.html",
        page=Page(found, number, PAGE_SIZE, total),
        where=where,
        regions=as_choices("region", language(), depth=2),
    )


@accounts.get("/organisations/<public_id>")
def organisation(public_id: str) -> str:
    """Show an organisation: who it is, and what other rooms tell of it."""
    found, actor = visible_organisation(public_id), current_actor()
    return render_template(
        "accounts/organisation.html",
        organisation=found,
        membership=queries.live_membership(current_session(), actor.user_id, found.id),
        sections=sections("organisation", current_session(), found, actor),
        form=JoinForm(),
    )


@accounts.get("/organisations/new")
def new_organisation() -> str:
    """Show the application form."""
    return render_template("accounts/new_organisation.html", form=NewOrganisationForm())


@accounts.post("/organisations/new")
@limiter.limit(WRITE)
def create_organisation() -> Answer:
    """Apply; where the name is here already, show who has it and ask again."""
    form = NewOrganisationForm()
    namesakes = []
    if form.validate():
        try:
            made = services.create_organisation(
                current_session(),
                profile=form.profile(),
                by=current_actor(),
                now=request_now(),
                despite_namesakes=form.despite_namesakes.data,
            )
        except Invalid as error:
            form.take_errors(error)
            if "name_exists" in error.fields.values():
                found = queries.namesakes(current_session(), form.name_zh.data, form.name_en.data)
                namesakes = [
                    each
                    for each in found
                    if permissions.may_see_organisation(current_actor(), each)
                ]
        else:
            forget_actor()
            flash(_("Sent. You can write drafts now; an operator looks at it soon."), "success")
            return redirect(url_for("accounts.organisation", public_id=made.public_id))
    page = render_template("accounts/new_organisation.html", form=form, namesakes=namesakes)
    return page, 422


def _editable(public_id: str) -> Organisation:
    found = visible_organisation(public_id)
    permissions.require(permissions.may_edit_organisation(current_actor(), found))
    return found


@accounts.get("/organisations/<public_id>/edit")
def edit_organisation(public_id: str) -> str:
    """Show the profile as a form."""
    found = _editable(public_id)
    return render_template(
        "accounts/edit_organisation.html", organisation=found, form=OrganisationForm(obj=found)
    )


@accounts.post("/organisations/<public_id>/edit")
def save_organisation(public_id: str) -> Answer:
    """Change the profile."""
    found, form = _editable(public_id), OrganisationForm()
    if form.validate():
        try:
            services.edit_organisation(
                current_session(),
                organisation=found,
                profile=form.profile(),
                by=current_actor(),
                now=request_now(),
            )
        except Invalid as error:
            form.take_errors(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("accounts.organisation", public_id=public_id))
    page = render_template("accounts/edit_organisation.html", organisation=found, form=form)
    return page, 422


@accounts.post("/organisations/<public_id>/apply-again")
def apply_again(public_id: str) -> Answer:
    """Send a refused application in again."""
    services.apply_again(
        current_session(),
        organisation=visible_organisation(public_id),
        by=current_actor(),
        now=request_now(),
    )
    flash(_("Sent. You can write drafts now; an operator looks at it soon."), "success")
    return redirect(url_for("accounts.organisation", public_id=public_id))
