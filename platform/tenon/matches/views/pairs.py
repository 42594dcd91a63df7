"""A listing's counterparts, and what the organisation says of each."""

from __future__ import annotations

import logging

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as BaseResponse

from tenon.errors import Conflict, Invalid
from tenon.listings.models import Listing
from tenon.listings.permissions import belongs_to
from tenon.listings.queries import find_listing
from tenon.matches import queries, services
from tenon.matches.engine import engine_of
from tenon.matches.forms import REASONS, FeedbackForm
from tenon.matches.learning.exploring import with_new_listing
from tenon.matches.learning.impressions import log_impressions, unlogged
from tenon.matches.permissions import may_give_feedback, may_see_feedback
from tenon.matches.views.blueprint import matches
from tenon.web.limits import BOX, WRITE, limiter
from tenon.web.requests import current_actor, current_session, database, request_now, settings
from tenon.web.sections import card_parts, sections

log = logging.getLogger("tenon.matches")


@matches.get("/listings/<public_id>/matches")
@limiter.limit(BOX, exempt_when=lambda: current_actor().signed_in)
def of_listing(public_id: str) -> str:
    """Show a listing's counterparts to whoever may see the listing."""
    session, actor, now = current_session(), current_actor(), request_now()
    listing = queries.asking_listing(session, public_id, by=actor, now=now)
    past = request.args.get("past") == "1"
    engine = engine_of(settings())
    found, bundle = queries.counterparts_and_bundle(
        session, engine, listing=listing, now=now, past=past
    )
    found = with_new_listing(
        session,
        engine,
        listing=listing,
        found=found,
        now=now,
        percent=settings().explored_percent,
        past=past,
    )
    may_speak = may_give_feedback(actor, listing, now)
    if may_speak:
        _remember(listing, found)
    shows_feedback = may_see_feedback(actor, listing)
    return render_template(
        "matches/of_listing.html",
        listing=listing,
        found=found,
        bundle=bundle,
        past=past,
        interested=queries.interested_in(session, listing, now=now) if shows_feedback else [],
        shows_feedback=shows_feedback,
        may_speak=may_speak,
        is_own=belongs_to(actor, listing),
        reasons=REASONS,
        card_parts=card_parts("match", session, [view.listing for view in found], listing, actor),
        sections=sections("listing.matches", session, listing, actor),
    )


@matches.post("/listings/<public_id>/matches/<other_id>")
@limiter.limit(WRITE)
def say(public_id: str, other_id: str) -> BaseResponse:
    """Say interested, or not for us, for the organisation that owns the listing."""
    listing, other = _pair(public_id, other_id)
    form = FeedbackForm()
    kind = form.kind.data or ""
    try:
        services.give_feedback(
            current_session(),
            listing=listing,
            other=other,
            kind=kind,
            reason=form.reason.data if kind == "declined" else None,
            remark=form.remark.data or "",
            position=form.position.data,
            by=current_actor(),
            now=request_now(),
        )
    except Invalid:
        abort(422)
    except Conflict as error:
        if error.code != "not_public":
            raise
        flash(_("Publish the listing first; then the other side can read what you offer."), "error")
        return _back(listing, other)
    flash(
        _("The other side has been told that you are interested.")
        if kind == "interested"
        else _("Noted. The other side learns the reason, not your name."),
        "success",
    )
    return _back(listing, other)


@matches.post("/listings/<public_id>/matches/<other_id>/unsay")
@limiter.limit(WRITE)
def unsay(public_id: str, other_id: str) -> BaseResponse:
    """Take back what was said."""
    listing, other = _pair(public_id, other_id)
    services.withdraw_feedback(
        current_session(), listing=listing, other=other, by=current_actor(), now=request_now()
    )
    flash(_("Taken back."), "success")
    return _back(listing, other)


def _remember(listing: Listing, found: list[queries.MatchView]) -> None:
    """Log what is shown to those whose word the ranking learns from; the page goes on without."""
    news = unlogged(current_session(), listing, found, now=request_now())
    if not news:
        return
    try:
        with database().writing() as session:
            log_impressions(session, listing, news, now=request_now())
    except SQLAlchemyError as error:
        log.warning("what was shown of %s is not logged: %s", listing.public_id, error)


def _pair(public_id: str, other_id: str) -> tuple[Listing, Listing]:
    session, actor, now = current_session(), current_actor(), request_now()
    return (
        find_listing(session, public_id, by=actor, now=now),
        find_listing(session, other_id, by=actor, now=now),
    )


def _back(listing: Listing, other: Listing) -> BaseResponse:
    address = url_for(
        "matches.of_listing", public_id=listing.public_id, _anchor=f"m-{other.public_id}"
    )
    return redirect(address, 303)
