"""The wizard: begin with a pasted text or an empty form, save a draft, hand it in, edit it."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _

from tenon.errors import Invalid
from tenon.listings import permissions, services
from tenon.listings.content import Content
from tenon.listings.forms import AchievementForm, FileForm, NeedForm, form_class
from tenon.listings.models import SIDES, Listing
from tenon.listings.prefill import begin
from tenon.listings.services.holding import drop_text, held_side, held_text, hold_text
from tenon.listings.services.submission import submit
from tenon.listings.services.validation import TEXT_LIMIT
from tenon.listings.views.blueprint import Answer, listings, seen_listing
from tenon.web.limits import BOX, WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

HELD = "held_text"


@listings.post("/listings/start")
@limiter.limit(BOX)
def start() -> Answer:
    """Carry a pasted text into the wizard; a visitor signs in first and finds it there."""
    side = request.form.get("side", "need")
    try:
        held = hold_text(
            current_session(), side=side, text=request.form.get("text", ""), now=request_now()
        )
    except Invalid as error:
        if "side" in error.fields:
            raise
        flash(_("Please paste a text of at most 20,000 characters."), "error")
        return redirect(url_for("matches.home"))
    cookie[HELD] = held.public_id
    return redirect(url_for("listings.new", side=side))


def kept_text() -> str | None:
    """Return where somebody goes on with the text that they pasted, or None: pages link to it."""
    if HELD not in cookie:
        return None
    side = held_side(current_session(), cookie[HELD], now=request_now())
    return None if side is None else url_for("listings.new", side=side)


def _checked_side(side: str) -> str:
    if side not in SIDES:
        abort(404)
    return side


@listings.get("/listings/new/<side>")
def new(side: str) -> str:
    """Show the wizard, filled from ``?text=`` or from what was pasted before signing in."""
    side = _checked_side(side)
    text = request.args.get("text", "")[:TEXT_LIMIT]
    if not text and HELD in cookie:
        text = held_text(current_session(), cookie[HELD], side=side, now=request_now())
    content = begin(text, side=side) if text else None
    return _wizard(side, form_class(side)(content=content), begun=bool(text))


@listings.post("/listings/new/<side>")
@limiter.limit(WRITE)
def create(side: str) -> Answer:
    """Save a draft, and hand it in where that was asked for."""
    side = _checked_side(side)
    form = form_class(side)()
    if "more_rights" in request.form:
        return _wizard(side, form)
    session = current_session()
    content = _typed(form)
    if content is None:
        return _wizard(side, form), 422
    try:
        listing = services.create(
            session, side=side, content=content, by=current_actor(), now=request_now()
        )
        if request.form.get("do") == "submit":
            submit(session, listing, by=current_actor(), now=request_now())
    except Invalid as error:
        form.take_errors(error)
        return _wizard(side, form), 422
    if HELD in cookie:
        drop_text(session, cookie.pop(HELD))
    _say_saved(listing)
    return redirect(url_for("listings.show", public_id=listing.public_id))


def _typed(form: AchievementForm | NeedForm) -> Content | None:
    """Return what was typed, or None where it has not even the right form."""
    if not form.validate():
        return None
    return form.content()


def _say_saved(listing: Listing) -> None:
    if listing.state == "in_review":
        flash(_("Handed in: a broker will look at it."), "success")
    elif listing.state == "draft" and listing.submitted_at is not None:
        flash(_("Handed in: your institution's administrator approves it first."), "success")
    else:
        flash(_("Saved."), "success")


def _wizard(
    side: str,
    form: AchievementForm | NeedForm,
    *,
    listing: Listing | None = None,
    begun: bool = False,
) -> str:
    return render_template(
        "listings/wizard.html",
        side=side,
        form=form,
        listing=listing,
        begun=begun,
        file_form=FileForm(formdata=None) if listing is not None else None,
    )


@listings.get("/listings/<public_id>/edit")
def edit(public_id: str) -> str:
    """Show a listing in the wizard."""
    listing = seen_listing(public_id)
    permissions.require(current_actor(), "edit", listing, now=request_now())
    form = form_class(listing.side)(
        content=services.content_of(listing), data={"version": str(listing.version)}
    )
    return _wizard(listing.side, form, listing=listing)


@listings.post("/listings/<public_id>/edit")
@limiter.limit(WRITE)
def save(public_id: str) -> Answer:
    """Save an edit, and hand the listing in where that was asked for."""
    listing = seen_listing(public_id)
    permissions.require(current_actor(), "edit", listing, now=request_now())
    form = form_class(listing.side)()
    if "more_rights" in request.form:
        return _wizard(listing.side, form, listing=listing)
    content = _typed(form)
    if content is None:
        return _wizard(listing.side, form, listing=listing), 422
    session, by, now = current_session(), current_actor(), request_now()
    try:
        services.edit(
            session,
            listing,
            content=content,
            by=by,
            now=now,
            expected_version=form.expected_version,
        )
        if request.form.get("do") == "submit" and permissions.may(by, "submit", listing):
            submit(session, listing, by=by, now=now)
    except Invalid as error:
        form.take_errors(error)
        return _wizard(listing.side, form, listing=listing), 422
    _say_saved(listing)
    return redirect(url_for("listings.show", public_id=listing.public_id))
