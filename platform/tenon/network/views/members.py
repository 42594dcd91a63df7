"""Who works at a place: add, give another role, end."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from tenon.accounts.models import User
from tenon.accounts.queries import person_by_email
from tenon.errors import Invalid, NotFound
from tenon.network.forms import MemberForm
from tenon.network.queries import people
from tenon.network.services import staffing
from tenon.network.views.blueprint import Answer, managed_place, network
from tenon.network.views.directory import show_place
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@network.post("/places/<public_id>/members")
@limiter.limit(WRITE)
def add_member(public_id: str) -> Answer:
    """Have a broker work at a place."""
    station, form = managed_place(public_id), MemberForm()
    if form.validate():
        try:
            staffing.add_member(
                current_session(),
                station,
                _person(form.person.data or ""),
                role=form.role.data,
                since=form.since.data,
                by=current_actor(),
                now=request_now(),
            )
        except Invalid as error:
            form.take_errors(error)
        else:
            flash(_("They work here from now on, and were told."), "success")
            return redirect(url_for("network.place", public_id=public_id))
    return show_place(station, form), 422


def _person(email: str) -> User:
    """Return who has a mail address; that nobody has it is not told apart."""
    if not email:
        raise Invalid({"person": "required"})
    try:
        return person_by_email(current_session(), email)
    except NotFound:
        raise Invalid({"person": "not_a_broker"}) from None


@network.post("/members/<int:member_id>/role")
@limiter.limit(WRITE)
def change_member(member_id: int) -> Answer:
    """Give somebody another role at their place."""
    member = people.find_member(current_session(), member_id)
    staffing.change_role(
        current_session(),
        member,
        role=request.form.get("role", ""),
        by=current_actor(),
        now=request_now(),
    )
    flash(_("Saved."), "success")
    return redirect(url_for("network.place", public_id=member.station.public_id))


@network.post("/members/<int:member_id>/end")
@limiter.limit(WRITE)
def end_member(member_id: int) -> Answer:
    """End somebody's work at a place; what they look after is theirs until handed over."""
    member = people.find_member(current_session(), member_id)
    staffing.end_member(current_session(), member, by=current_actor(), now=request_now())
    flash(
        _("Their work here has ended. What they look after stays theirs until you hand it over."),
        "success",
    )
    return redirect(url_for("network.place", public_id=member.station.public_id))
