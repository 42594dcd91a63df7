"""Grants to contributors: apply, and the institution's and the team's steps."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from tenon.accounts.permissions import require
from tenon.errors import Conflict, Invalid
from tenon.listings.models import Listing
from tenon.rights import permissions, queries, services
from tenon.rights.forms import GrantForm, RemarkForm, percent
from tenon.rights.models import RightGrant
from tenon.rights.services import Application, Member
from tenon.rights.states import GRANT
from tenon.rights.views.blueprint import Answer, people_of, rights, seen_achievement, today
from tenon.rules.queries import find_rule
from tenon.web.limits import WRITE, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now


@rights.get("/rights/grants")
def grants() -> str:
    """List the grants of one's own and of one's institution, open ones first."""
    number = requested_page()
    found, total = queries.grants_for(
        current_session(), current_actor(), limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    return render_template("rights/grants.html", page=Page(found, number, PAGE_SIZE, total))


@rights.get("/listings/<public_id>/grants/new")
def apply(public_id: str) -> str:
    """Show the application for rights in an achievement."""
    listing = _applicable(public_id)
    form = GrantForm(formdata=None)
    names = [each.name for each in listing.contributors]
    form.members.data = "\n".join(f"{name} " for name in names)
    return _application_page(listing, form)


def _applicable(public_id: str) -> Listing:
    listing = seen_achievement(public_id)
    contributors = queries.contributors_of(current_session(), listing)
    require(permissions.may_apply(current_actor(), listing, contributors))
    return listing


def _application_page(listing: Listing, form: GrantForm) -> str:
    least = find_rule(
        current_session(),
        "use_right_min_years",
        jurisdiction=listing.organisation.region,
        on=today(),
    )
    return render_template("rights/apply.html", listing=listing, form=form, least=least)


@rights.post("/listings/<public_id>/grants/new")
@limiter.limit(WRITE)
def send_application(public_id: str) -> Answer:
    """Send the application to the institution."""
    listing, form = _applicable(public_id), GrantForm()
    if form.validate():
        try:
            made = services.apply(
                current_session(),
                listing,
                application=_application(listing, form),
                by=current_actor(),
                now=request_now(),
                today=today(),
            )
        except Invalid as error:
            form.take_errors(error)
        except Conflict as error:
            if error.code != "grant_open":
                raise
            form.form_errors.append(_("A grant of this achievement is open already."))
            return _application_page(listing, form), 409
        else:
            flash(_("Sent. The institution decides; you hear of it."), "success")
            return redirect(url_for("rights.grant", public_id=made.public_id))
    return _application_page(listing, form), 422


def _application(listing: Listing, form: GrantForm) -> Application:
    return Application(
        kind=form.kind.data or "",
        members=_members(listing, form.members.data or ""),
        statement=form.statement.data or "",
        share=percent(form.share.data),
        years=form.years.data,
    )


def _members(listing: Listing, text: str) -> list[Member]:
    """Return a line each: a contributor's name, then percent; those of the site are recognised.

    Raises Invalid at ``members`` for a line without a number.
    """
    session = current_session()
    known = {name: key for key, name in people_of(queries.contributors_of(session, listing))}
    known |= queries.listed_names(session, listing)
    found = []
    for line in text.splitlines():
        name, _gap, share = line.strip().rpartition(" ")
        if not line.strip():
            continue
        part = percent(share)
        if part is None or not name.strip():
            raise Invalid({"members": "not_a_number"})
        found.append(Member(name.strip(), part, known.get(name.strip())))
    return found


@rights.get("/rights/grants/<public_id>")
def grant(public_id: str) -> str:
    """Show a grant to its team and its institution."""
    return _page(queries.find_grant(current_session(), public_id, by=current_actor()))


def _page(found: RightGrant, form: RemarkForm | None = None) -> str:
    session, actor = current_session(), current_actor()
    return render_template(
        "rights/grant.html",
        grant=found,
        objections=queries.objections(session, found),
        steps=_steps(found),
        missing=services.what_is_missing(session, found, today=today())
        if found.state == "publicised"
        else None,
        decides=permissions.decides_grants(actor, found.institution_id),
        form=form or RemarkForm(formdata=None),
    )


def _steps(found: RightGrant) -> list[str]:
    """Return the steps that the actor may take now."""
    actor = current_actor()
    decides = permissions.decides_grants(actor, found.institution_id)
    ready = (
        found.state == "publicised"
        and services.what_is_missing(current_session(), found, today=today()) is None
    )
    own = next((each for each in found.members if each.user_id == actor.user_id), None)
    open_to_confirm = (decides and found.institution_confirmed_at is None) or (
        own is not None and own.confirmed_at is None
    )
    allowed = GRANT.allowed(found.state)
    steps: list[str] = [
        name for name in ("approve", "publicise", "refuse") if decides and name in allowed
    ]
    if ready and open_to_confirm:
        steps.append("confirm")
    if "withdraw" in allowed and permissions.may_withdraw_grant(actor, found):
        steps.append("withdraw")
    return steps


@rights.post("/rights/grants/<public_id>/<step>")
@limiter.limit(WRITE)
def step(public_id: str, step: str) -> Answer:
    """Approve, publish, refuse, withdraw or confirm."""
    session, actor, now = current_session(), current_actor(), request_now()
    found = queries.find_grant(session, public_id, by=actor)
    form = RemarkForm()
    if step == "approve":
        services.approve(session, found, by=actor, now=now)
    elif step == "publicise":
        services.publicise(session, found, by=actor, now=now, today=today())
    elif step == "withdraw":
        services.withdraw(session, found, by=actor, now=now)
    elif step == "confirm":
        services.confirm(session, found, by=actor, now=now, today=today())
    elif step == "refuse":
        try:
            services.refuse(session, found, remark=form.remark.data or "", by=actor, now=now)
        except Invalid as error:
            form.take_errors(error)
            return _page(found, form), 422
    else:
        raise Invalid({"step": "unknown_code"})
    flash(_("Done."), "success")
    return redirect(url_for("rights.grant", public_id=public_id))
