"""Settings are kept, shared with a deal, dropped, and taken into its negotiation."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from tenon.deals import permissions as deal_permissions
from tenon.errors import Invalid
from tenon.simulations import queries, services
from tenon.simulations.catalogue import catalogue
from tenon.simulations.forms import KeepForm
from tenon.simulations.views.blueprint import Answer, simulations
from tenon.simulations.views.showing import (
    About,
    about_deal,
    about_listing,
    asked,
    page,
    posted_query,
)
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@simulations.get("")
def mine() -> str:
    """List the person's own settings."""
    user_id = current_actor().user_id
    if user_id is None:
        abort(401)
    return render_template(
        "simulations/mine.html",
        saved=queries.mine(current_session(), user_id),
        catalogue=catalogue(),
        tongue=language(),
    )


@simulations.post("/deals/<public_id>/keep")
@limiter.limit(WRITE)
def keep_deal(public_id: str) -> Answer:
    """Keep a setting about a deal."""
    return _keep(about_deal(public_id))


@simulations.post("/listings/<public_id>/keep")
@limiter.limit(WRITE)
def keep_listing(public_id: str) -> Answer:
    """Keep a setting about a result."""
    return _keep(about_listing(public_id))


def _keep(about: About) -> Answer:
    form, args = KeepForm(), posted_query()
    question, _faults = asked(about, args)
    try:
        made = services.keep(
            current_session(),
            question,
            title=form.title.data or "",
            deal=about.deal,
            listing=about.listing,
            shared=bool(form.shared.data),
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        form.take_errors(error)
        return page(about, args, form), 422
    flash(_("The setting is kept."), "success")
    return redirect(_address(about, saved=made.public_id), 303)


def _address(about: About, saved: str | None = None) -> str:
    if about.deal is not None:
        return url_for("simulations.of_deal", public_id=about.deal.public_id, saved=saved)
    if about.listing is not None:
        return url_for("simulations.of_listing", public_id=about.listing.public_id, saved=saved)
    return url_for("simulations.mine")


@simulations.post("/deals/<public_id>/take")
@limiter.limit(WRITE)
def take(public_id: str) -> Answer:
    """Keep the setting and begin a version of terms with it; nothing is proposed yet."""
    about = about_deal(public_id)
    deal = about.deal
    if deal is None:
        abort(404)
    deal_permissions.require_side(current_actor(), deal)
    question, _faults = asked(about, posted_query())
    made = services.keep(
        current_session(),
        question,
        title=_("For the negotiation"),
        deal=deal,
        by=current_actor(),
        now=request_now(),
    )
    flash(
        _("These values come from the simulation. Look at them, and propose the version."), "info"
    )
    start = f"simulation:{made.public_id}"
    return redirect(url_for("deals.new_terms", public_id=public_id, start=start), 303)


@simulations.post("/<public_id>/drop")
@limiter.limit(WRITE)
def drop(public_id: str) -> Answer:
    """Delete one's own setting."""
    session = current_session()
    simulation = queries.find(session, public_id, by=current_actor())
    about = About(deal=simulation.deal, listing=simulation.listing)
    services.drop(session, simulation, by=current_actor(), now=request_now())
    flash(_("The setting is deleted."), "success")
    return redirect(_address(about), 303)
