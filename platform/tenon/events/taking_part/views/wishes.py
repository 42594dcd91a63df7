"""Whom to meet: suggestions with reasons, one's wishes, and what others wish."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from matching.errors import MatchingError
from tenon.errors import Conflict, Invalid, NotFound
from tenon.events import queries as event_queries
from tenon.events.models import Event, Registration, Wish
from tenon.events.taking_part import labels
from tenon.events.taking_part.forms import DeclineForm, RoomForm
from tenon.events.taking_part.phases import requests_closed
from tenon.events.taking_part.queries import people, suggesting
from tenon.events.taking_part.queries import wishes as queries
from tenon.events.taking_part.queries.met import met_before
from tenon.events.taking_part.queries.suggesting import Suggestion
from tenon.events.taking_part.services import wishing
from tenon.events.taking_part.views.blueprint import (
    Answer,
    confirmed_part,
    event_people,
    parts_here,
    seen_event,
    try_step,
)
from tenon.listings.permissions import is_public
from tenon.matches.building import ask_for_repair
from tenon.matches.engine import encoder_of, engine_of
from tenon.web.forms import options
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.pages import safe_target
from tenon.web.requests import current_actor, current_session, database, request_now, settings

log = logging.getLogger("tenon.events")


@event_people.get("/<public_id>/wishes")
def wishes(public_id: str) -> Answer:
    """Show whom to meet; ``part`` names a colleague for whom an editor answers."""
    event = seen_event(public_id)
    own = confirmed_part(event, request.args.get("part"))
    return _page(event, own)


@event_people.post("/<public_id>/wishes")
@limiter.limit(WRITE)
def make_wish(public_id: str) -> Answer:
    """Say that somebody must meet, would like to or would rather not meet another."""
    event = seen_event(public_id)
    session, actor = current_session(), current_actor()
    own = confirmed_part(event, request.form.get("part"))
    other = people.confirmed(session, event, request.form.get("to", ""))
    back = safe_target(request.form.get("back") or url_for(".wishes", public_id=public_id))
    match = _match_of(own, other)
    try:
        wishing.wish(
            session,
            own,
            other,
            kind=request.form.get("kind", ""),
            message=request.form.get("message", "").strip(),
            listing_id=match.view.listing.id if match and match.view else None,
            own_listing_id=match.own.id if match and match.own else None,
            score=match.score if match else None,
            suggested="suggested" in request.form,
            by=actor,
            now=request_now(),
        )
    except Invalid as error:
        session.rollback()
        flash(_wrong(error), "error")
        return redirect(back, 303)
    except Conflict as error:
        session.rollback()
        flash(labels.why_not(error.code), "error")
        return redirect(back, 303)
    flash(_said(request.form.get("kind", "")), "success")
    return redirect(back, 303)


@event_people.post("/wishes/<public_id>/withdraw")
@limiter.limit(WRITE)
def withdraw(public_id: str) -> Answer:
    """Take a wish back."""
    it, form = _wish(public_id), RoomForm()
    return try_step(
        lambda: wishing.withdraw(
            current_session(),
            it,
            by=current_actor(),
            now=request_now(),
            expected_version=form.expected,
        ),
        _("The wish is taken back."),
        _back(it.from_, "wishes"),
    )


@event_people.post("/wishes/<public_id>/accept")
@limiter.limit(WRITE)
def accept(public_id: str) -> Answer:
    """Agree to a meeting."""
    it, form = _wish(public_id), RoomForm()
    return try_step(
        lambda: wishing.accept(
            current_session(),
            it,
            by=current_actor(),
            now=request_now(),
            expected_version=form.expected,
        ),
        _("Agreed. The timetable finds a slot for the two of you."),
        _back(it.to, "received"),
    )


@event_people.get("/wishes/<public_id>/decline")
def ask_decline(public_id: str) -> Answer:
    """Ask for the reason."""
    it = _wish(public_id)
    if it.kind == "rather_not":
        raise NotFound(kind="event_wish")
    return _decline_page(it, DeclineForm(formdata=None, data={"version": str(it.version)}))


@event_people.post("/wishes/<public_id>/decline")
@limiter.limit(WRITE)
def decline(public_id: str) -> Answer:
    """Decline with a reason that the asker reads."""
    it, form, session = _wish(public_id), DeclineForm(), current_session()
    try:
        wishing.decline(
            session,
            it,
            reason=form.reason.data or "",
            remark=form.remark.data or "",
            by=current_actor(),
            now=request_now(),
            expected_version=form.expected,
        )
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return _decline_page(_wish(public_id), form), 422
    except Conflict as error:
        session.rollback()
        it = _wish(public_id)
        form.form_errors.append(labels.why_not(error.code))
        form.version.data = str(it.version)
        return _decline_page(it, form), 409
    flash(_("Declined. They read the reason."), "success")
    return redirect(_back(it.to, "received"), 303)


def _match_of(own: Registration, other: Registration) -> Suggestion | None:
    """Return how well two match, asked anew: what a form says of it is not believed."""
    try:
        found = suggesting.by_matches(
            current_session(),
            engine_of(settings()),
            own=own,
            others=[other],
            by=current_actor(),
            now=request_now(),
            reasons=False,
        )
    except MatchingError:
        return None  # the wish counts all the same
    return found[0] if found else None


def _wish(public_id: str) -> Wish:
    return wishing.find_wish(current_session(), public_id, by=current_actor())


def _decline_page(it: Wish, form: DeclineForm) -> str:
    form.reason.choices = options(labels.DECLINE_REASONS.items())
    return render_template(
        "events/taking_part/decline.html",
        event=it.to.event,
        wish=it,
        form=form,
        back=_back(it.to, "received"),
    )


def _back(part: Registration, anchor: str) -> str:
    own = part.user_id == current_actor().user_id
    return url_for(
        ".wishes",
        public_id=part.event.public_id,
        part=None if own else part.public_id,
        _anchor=anchor,
    )


def _wrong(error: Invalid) -> str:
    if error.fields.get("message") == "too_long":
        return str(_("Your message is too long: 500 characters at most. Nothing was sent."))
    return str(_("Please choose how much you wish to meet them."))


def _said(kind: str) -> str:
    if kind == "rather_not":
        return str(_("Noted. The timetable keeps you apart; the other side is never told."))
    return str(_("Your wish is noted, and they are told."))


def _page(event: Event, own: Registration) -> str:
    session, now = current_session(), request_now()
    closed = requests_closed(event, now)
    by_index: list[Suggestion] = []
    by_words: list[Suggestion] = []
    ready = True
    if not closed:
        others = suggesting.candidates(session, event, own)
        by_index, by_words, ready = _suggestions(own, others)
    sent, received = queries.sent(session, own), queries.received(session, own)
    shown = {each.person.id: each.person for each in (*by_index, *by_words)}
    shown |= {view.other.id: view.other for view in (*sent, *received)}
    own_user = current_actor().user_id
    return render_template(
        "events/taking_part/wishes.html",
        event=event,
        own=own,
        part_field="" if own.user_id == own_user else own.public_id,
        parts=[each for each in parts_here(event) if each.state == "confirmed"],
        by_index=by_index,
        by_words=by_words,
        ready=ready,
        sent=sent,
        received=received,
        met=met_before(session, own, list(shown.values())),
        left=queries.left_to_wish(session, event, own),
        closed=closed,
        timetable_by=event_queries.timetable_by(session, event, now),
        shown_listings=_shown_listings,
    )


def _suggestions(
    own: Registration, others: Sequence[Registration]
) -> tuple[list[Suggestion], list[Suggestion], bool]:
    """Return suggestions by the index and by words, and whether the index could answer."""
    session = current_session()
    try:
        engine = engine_of(settings())
        found = suggesting.by_matches(
            session, engine, own=own, others=others, by=current_actor(), now=request_now()
        )
        known = {each.person.id for each in found}
        rest = [each for each in others if each.id not in known]
        encoder = encoder_of(settings())
        return found, suggesting.by_words(encoder, own, rest, language=language()), True
    except MatchingError as error:
        log.warning("no suggestions: %s", error)
        ask_for_repair(database(), error)
        return [], [], False


def _shown_listings(part: Registration) -> list[object]:
    """Return those listings of a part that are public now."""
    return [each for each in part.listings if is_public(each, request_now())]
