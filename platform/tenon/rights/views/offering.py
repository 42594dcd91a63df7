"""Open licences: the public list and pages, declared and withdrawn by patent owners."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.accounts.permissions import require
from tenon.errors import Conflict, Invalid
from tenon.listings import queries as listing_queries
from tenon.listings.models import IpRight
from tenon.rights import permissions, queries, services
from tenon.rights.forms import OpenLicenceForm, WithdrawForm
from tenon.rights.models import OpenLicence
from tenon.rights.shares import Owners
from tenon.rights.views.blueprint import Answer, rights, seen_owners, seen_right, today
from tenon.web.limits import WRITE, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now


@rights.get("/open-licences")
def open_licences() -> str:
    """List the patents that anybody may have a licence of; or those withdrawn."""
    number, withdrawn = requested_page(), request.args.get("state") == "withdrawn"
    found, total = queries.open_licences(
        current_session(),
        on=today(),
        withdrawn=withdrawn,
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
    )
    return render_template(
        "rights/open_licences.html",
        page=Page(found, number, PAGE_SIZE, total),
        withdrawn=withdrawn,
    )


@rights.get("/open-licences/<public_id>")
def open_licence(public_id: str) -> str:
    """Show a declaration; one that was withdrawn stays to be read."""
    return _shown(queries.find_open_licence(current_session(), public_id))


def _shown(found: OpenLicence, form: WithdrawForm | None = None) -> str:
    session, now = current_session(), request_now()
    return render_template(
        "rights/open_licence.html",
        declared=found,
        listings=listing_queries.listings_on(session, found.ip_right, now=now, limit=5),
        stands=found.state == "declared" and found.until >= today(),
        may_take=current_actor().organisation_id != found.organisation_id
        and current_actor().at_least("editor", current_actor().organisation_id),
        may_withdraw=found.state == "declared"
        and current_actor().at_least("administrator", found.organisation_id),
        form=form or WithdrawForm(formdata=None),
    )


@rights.get("/ip/<public_id>/open-licence")
def declare(public_id: str) -> str:
    """Show the declaration's form, with what stands in its way."""
    right = seen_right(public_id)
    _declarable(right)
    return _form_page(right, OpenLicenceForm(formdata=None))


def _declarable(right: IpRight) -> Owners:
    owners = seen_owners(right)
    require(permissions.may_declare_open(current_actor(), owners), "declare_open")
    return owners


def _form_page(right: IpRight, form: OpenLicenceForm) -> str:
    blocks = services.open_licence_blocks(current_session(), right, on=today())
    return render_template("rights/declare.html", right=right, form=form, blocks=blocks)


@rights.post("/ip/<public_id>/open-licence")
@limiter.limit(WRITE)
def save_declaration(public_id: str) -> Answer:
    """Declare the patent open."""
    right = seen_right(public_id)
    owners, form = _declarable(right), OpenLicenceForm()
    actor = current_actor()
    house = next(
        each.organisation_id
        for each in owners.shares
        if each.organisation_id is not None
        and actor.at_least("administrator", each.organisation_id)
    )
    if form.validate():
        try:
            made = services.declare_open(
                current_session(),
                right,
                declaration=form.declaration(),
                organisation_id=house or 0,
                by=actor,
                now=request_now(),
                today=today(),
            )
        except Invalid as error:
            form.take_errors(error)
        except Conflict as error:
            form.form_errors.append(_in_the_way(error.code))
            return _form_page(right, form), 409
        else:
            flash(_("Declared. Anybody may take a licence at this fee now."), "success")
            return redirect(url_for("rights.open_licence", public_id=made.public_id))
    return _form_page(right, form), 422


def _in_the_way(code: str) -> str:
    known = {
        "open_licence_barred": _("The law does not allow it at present, as said above."),
        "declared_already": _("A declaration for this patent stands already."),
    }
    return str(known.get(code) or _("Somebody else changed this in the meantime"))


@rights.post("/open-licences/<public_id>/withdraw")
@limiter.limit(WRITE)
def withdraw_declaration(public_id: str) -> Answer:
    """Withdraw a declaration in public; licences made by it stand."""
    found, form = queries.find_open_licence(current_session(), public_id), WithdrawForm()
    if form.validate():
        try:
            services.withdraw_open(
                current_session(),
                found,
                reason=form.reason.data or "",
                by=current_actor(),
                now=request_now(),
                today=today(),
            )
        except Invalid as error:
            form.take_errors(error)
        else:
            flash(_("Withdrawn. Licences that it made stand."), "success")
            return redirect(url_for("rights.open_licence", public_id=public_id))
    return _shown(found, form), 422
