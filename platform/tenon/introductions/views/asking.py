"""The interested side's form: ask for an introduction, answer a proposal, write it anew."""

from __future__ import annotations

import json

from flask import abort, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _

from tenon.errors import Conflict, Forbidden, Invalid
from tenon.introductions import permissions, services
from tenon.introductions.forms import AnswersForm, AskForm
from tenon.introductions.models import Introduction
from tenon.introductions.queries import meeting
from tenon.introductions.services.wording import QUESTIONS
from tenon.introductions.views.blueprint import (
    Answer,
    introductions,
    posted_version,
    seen_introduction,
)
from tenon.introductions.views.showing import conflict_page
from tenon.listings.models import Listing
from tenon.listings.permissions import is_public
from tenon.listings.queries import find_listing
from tenon.listings.services.holding import drop_text, held_text, hold_text
from tenon.web.languages import language
from tenon.web.limits import ASK, WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

HELD = "held_introduction"


@introductions.get("/new")
def new() -> Answer:
    """Show the form, filled from what was typed before the sign-in was lost."""
    listing = _approached(request.args.get("listing", ""))
    form = AskForm(data={"own": request.args.get("own", ""), "listing": listing.public_id})
    form.origin.data = "match" if request.args.get("own") else "listing"
    if HELD in cookie:
        _take_up(form, listing)
    return _ask_page(listing, form)


@introductions.post("/new")
@limiter.limit(WRITE)
@limiter.limit(ASK, deduct_when=lambda response: response.status_code < 400)
def create() -> Answer:
    """Ask. What somebody typed whose sign-in has run out meanwhile is kept until they are back."""
    form = AskForm()
    listing = _approached(form.listing.data or "")
    actor = current_actor()
    if not actor.signed_in:
        return _keep(listing, form)
    if actor.organisation_id is None:
        raise Forbidden("needs_organisation")
    if not form.validate():
        if "csrf_token" in form.errors:
            form.form_errors.append(_("The form had expired; please look at it and send it again."))
        return _ask_page(listing, form), 422
    session = current_session()
    try:
        made = services.express_interest(
            session,
            listing=listing,
            answers=form.answers(),
            organisation_id=actor.organisation_id,
            own_listing=_own(form),
            unnamed=bool(form.unnamed.data),
            origin=(
                form.origin.data if form.origin.data in ("match", "listing") else "listing",
                None,
            ),
            by=actor,
            now=request_now(),
        )
        form.require_consent()
    except Invalid as error:
        session.rollback()
        form.take_errors(Invalid(form.consent_faults() | error.fields))
        return _ask_page(listing, form), 422
    except Conflict:
        session.rollback()
        return _ask_page(_approached(listing.public_id), form, taken=True), 409
    drop_text(session, cookie.pop(HELD, ""))
    flash(_("Asked. A technology broker looks at it before it reaches the other side."), "success")
    return redirect(url_for("introductions.show", public_id=made.public_id), 303)


def _approached(public_id: str) -> Listing:
    """Return a public listing of somebody else; 404 for any other, 403 for one's own."""
    actor, now = current_actor(), request_now()
    listing = find_listing(current_session(), public_id, by=actor, now=now)
    if not is_public(listing, now):
        abort(404)
    if listing.organisation_id == actor.organisation_id and actor.signed_in:
        abort(403)
    return listing


def _own(form: AskForm) -> Listing | None:
    if not form.own.data:
        return None
    return find_listing(current_session(), form.own.data, by=current_actor(), now=request_now())


def _ask_page(listing: Listing, form: AskForm, *, taken: bool = False) -> str:
    session, actor, now = current_session(), current_actor(), request_now()
    house = meeting.asks_for(session, actor)
    own: list[Listing] = []
    if house is not None:
        own = list(meeting.own_counterparts(session, house.id, side=listing.side, now=now))
    form.offer_own([(each.public_id, each.text(language()).title) for each in own])
    if form.own.data not in {each.public_id for each in own}:
        form.own.data = ""
    live = meeting.live_about(session, [listing.id], by=actor).get(listing.id)
    return render_template(
        "introductions/new.html",
        form=form,
        listing=listing,
        house=house,
        live=live,
        taken=taken,
        anonymous_own=[each for each in own if each.anonymous],
        opens=_opens(listing, own, form.own.data),
        questions=QUESTIONS,
    )


def _opens(
    listing: Listing, own: list[Listing], chosen: str
) -> list[tuple[Listing, frozenset[str]]]:
    """Return the listings that the introduction is about, each with its confidential tiers."""
    about = [listing, *(each for each in own if each.public_id == chosen)]
    tiers = meeting.held_tiers(current_session(), [each.id for each in about])
    return [(each, tiers.get(each.id, frozenset())) for each in about]


def _keep(listing: Listing, form: AskForm) -> Answer:
    """Keep what was typed for a day, and lead to it by way of the sign-in page."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(400)
    typed = {name: form[name].data or "" for name in (*QUESTIONS, "own")}
    kept = json.dumps({"listing": listing.public_id, **typed}, ensure_ascii=False)
    try:
        held = hold_text(current_session(), side=listing.side, text=kept, now=request_now())
    except Invalid:
        abort(413)
    cookie[HELD] = held.public_id
    back = url_for("introductions.new", listing=listing.public_id, own=form.own.data or None)
    return redirect(url_for("security.login", next=back))


def _take_up(form: AskForm, listing: Listing) -> None:
    kept = held_text(current_session(), cookie[HELD], side=listing.side, now=request_now())
    typed = json.loads(kept) if kept else {}
    if typed.get("listing") == listing.public_id:
        for name in (*QUESTIONS, "own"):
            form[name].data = typed[name]


@introductions.get("/<public_id>/answer")
def answer(public_id: str) -> Answer:
    """Show the form for a broker's proposal, or for a request that the broker gave back."""
    introduction = seen_introduction(public_id)
    permissions.require(current_actor(), "express", introduction)
    said = {name: getattr(introduction, name) or "" for name in QUESTIONS}
    return _answer_page(introduction, AnswersForm(data=said | {"unnamed": introduction.unnamed}))


@introductions.post("/<public_id>/answer")
@limiter.limit(WRITE)
def save_answer(public_id: str) -> Answer:
    """Take the proposal up, or hand the request in anew."""
    introduction = seen_introduction(public_id)
    form = AnswersForm()
    session = current_session()
    try:
        services.answer_proposal(
            session,
            introduction,
            answers=form.answers(),
            unnamed=bool(form.unnamed.data),
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
        form.require_consent()
    except Invalid as error:
        session.rollback()
        form.take_errors(Invalid(form.consent_faults() | error.fields))
        return _answer_page(seen_introduction(public_id), form), 422
    except Conflict:
        session.rollback()
        return conflict_page(public_id, form)
    flash(_("Asked. A technology broker looks at it before it reaches the other side."), "success")
    return redirect(url_for("introductions.show", public_id=public_id), 303)


def _answer_page(introduction: Introduction, form: AnswersForm) -> str:
    own = introduction.own_listing
    about = [introduction.listing, *([own] if own is not None else [])]
    tiers = meeting.held_tiers(current_session(), [each.id for each in about])
    return render_template(
        "introductions/answer.html",
        introduction=introduction,
        form=form,
        questions=QUESTIONS,
        opens=[(each, tiers.get(each.id, frozenset())) for each in about],
    )
