"""A broker as the network knows them: places, load, profile, certificate; the form for it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from tenon.accounts.models import User
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.network.forms import ProfileForm
from tenon.network.queries import people
from tenon.network.queries.portfolio import firm_counts
from tenon.network.services import handing_over as handing
from tenon.network.services import profiles
from tenon.network.views.blueprint import Answer, broker_in_sight, network, this_day
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@network.get("/profile")
def profile() -> Answer:
    """Lead a broker to their own page."""
    session, actor = current_session(), current_actor()
    user = session.get(User, actor.user_id) if actor.user_id else None
    if user is None or not actor.broker:
        raise NotFound(kind="broker")
    return redirect(url_for("network.broker", public_id=user.public_id))


@network.get("/brokers/<public_id>")
def broker(public_id: str) -> str:
    """Show a broker's places, load, skills and certificate."""
    session, actor, user = current_session(), current_actor(), broker_in_sight(public_id)
    known = people.profile_of(session, user.id)
    return render_template(
        "network/broker.html",
        user=user,
        own=user.id == actor.user_id,
        profile=known,
        fields=people.fields_of(session, user.id),
        regions=people.regions_of(session, user.id),
        places=people.places_of(session, user.id),
        firms=firm_counts(session, [user.id]).get(user.id, 0),
        absences=people.absences_of(session, [user.id], since=this_day()),
        may_edit=people.is_broker(user) and profiles.may_edit_profile(session, actor, user),
        may_hand_over=handing.may_hand_over(session, actor, user),
        days_left=None
        if known is None or known.certified_until is None
        else (known.certified_until - this_day()).days,
    )


def _editable(public_id: str) -> User:
    user = broker_in_sight(public_id)
    if not profiles.may_edit_profile(current_session(), current_actor(), user):
        raise Forbidden(action="edit_profile")
    profiles.require_may_edit(current_session(), current_actor(), user)
    return user


@network.get("/brokers/<public_id>/profile")
def edit_profile(public_id: str) -> str:
    """Show what is said of a broker as a form."""
    session, user, form = current_session(), _editable(public_id), ProfileForm(formdata=None)
    form.show(
        people.profile_of(session, user.id),
        people.fields_of(session, user.id),
        people.regions_of(session, user.id),
    )
    return render_template("network/profile.html", user=user, form=form)


@network.post("/brokers/<public_id>/profile")
@limiter.limit(WRITE)
def save_profile(public_id: str) -> Answer:
    """Write what is said of a broker."""
    user, form = _editable(public_id), ProfileForm()
    if form.validate():
        try:
            profiles.save_profile(
                current_session(), user, form.skills(), by=current_actor(), now=request_now()
            )
        except Invalid as error:
            form.take_errors(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("network.broker", public_id=public_id))
    return render_template("network/profile.html", user=user, form=form), 422
