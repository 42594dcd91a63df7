"""Offer a search to colleagues, take the offer back, adopt what a colleague offers."""

from __future__ import annotations

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _

from tenon.errors import Invalid
from tenon.matches.engine import engine_of
from tenon.searches import queries
from tenon.searches.forms import message
from tenon.searches.queries.offers import find_offer
from tenon.searches.services import offering
from tenon.searches.views.blueprint import Answer, searches
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now, settings


def _house() -> int:
    """Return the organisation that the actor acts for; 403 for who acts for none."""
    found = current_actor().organisation_id
    if found is None:
        abort(403)
    return found


@searches.post("/<public_id>/offer")
@limiter.limit(WRITE)
def offer(public_id: str) -> Answer:
    """Offer a search to the editors of the organisation that one acts for."""
    session, actor = current_session(), current_actor()
    search = queries.find_search(session, public_id, by=actor)
    offering.offer(session, search, _house(), by=actor, now=request_now())
    flash(_("The search is offered to the editors of your organisation."), "success")
    return redirect(url_for("searches.mine"), 303)


@searches.post("/<public_id>/offer/take-back")
@limiter.limit(WRITE)
def take_back_offer(public_id: str) -> Answer:
    """Offer a search no longer."""
    session, actor = current_session(), current_actor()
    search = queries.find_search(session, public_id, by=actor)
    offering.take_back(session, search, _house(), by=actor, now=request_now())
    flash(_("The search is offered no longer. Who adopted it keeps theirs."), "success")
    return redirect(url_for("searches.mine"), 303)


@searches.post("/offers/<public_id>/adopt")
@limiter.limit(WRITE)
def adopt(public_id: str) -> Answer:
    """Keep what a colleague offers as one's own search."""
    session, actor = current_session(), current_actor()
    found = find_offer(session, public_id, by=actor)
    try:
        made = offering.adopt(session, engine_of(settings()), found, by=actor, now=request_now())
    except Invalid as error:
        flash(" ".join(message(code) for code in error.fields.values()), "error")
        return redirect(url_for("searches.mine"), 303)
    flash(_("You keep this search now, too. Change its name or rhythm as you like."), "success")
    return redirect(url_for("searches.show", public_id=made.public_id), 303)
