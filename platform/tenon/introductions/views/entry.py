"""What the room adds to earlier rooms' pages: the way into an introduction, what was learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, g, url_for
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.introductions.models import Introduction
from tenon.introductions.queries import advice, inbox, meeting
from tenon.introductions.views import display
from tenon.listings.models import Listing
from tenon.listings.permissions import belongs_to, is_public
from tenon.web.requests import current_actor, current_session, request_now
from tenon.web.sections import CardPart, Section, add_card_part, add_section


def load_section(session: Session, listing: Listing, actor: Actor) -> Mapping[str, Any] | None:
    """Return what a listing's page says of introductions; None where there is nothing to say."""
    if belongs_to(actor, listing):
        return _for_owner(session, listing, actor)
    if not is_public(listing, request_now()):
        return None
    return {
        "own": False,
        "live": _live(session, listing, actor),
        "may_ask": meeting.may_ask(session, listing, by=actor),
        "house": _house_words(session, actor),
        "address": url_for("introductions.new", listing=listing.public_id),
    }


def load_action(session: Session, listing: Listing, actor: Actor) -> Mapping[str, Any] | None:
    """Return the button beside a listing's title, for those who may ask, or sign in first."""
    if belongs_to(actor, listing) or not is_public(listing, request_now()):
        return None
    if actor.signed_in and not meeting.may_ask(session, listing, by=actor):
        return None
    if _live(session, listing, actor) is not None:
        return None
    return {"address": url_for("introductions.new", listing=listing.public_id)}


def _live(session: Session, listing: Listing, actor: Actor) -> Introduction | None:
    """Return the actor's live introduction about a listing, asked once for section and button."""
    if "introduction_live" not in g or g.introduction_live[0] != listing.id:
        found = meeting.live_about(session, [listing.id], by=actor).get(listing.id)
        g.introduction_live = (listing.id, found)
    live: Introduction | None = g.introduction_live[1]
    return live


def _for_owner(session: Session, listing: Listing, actor: Actor) -> Mapping[str, Any] | None:
    if actor.organisation_id != listing.organisation_id:
        return None
    counts = inbox.group_counts(session, by=actor, listing_id=listing.id)
    heard = advice.heard_about(session, listing, by=actor)
    if not any(counts.values()) and not heard:
        return None
    return {
        "own": True,
        "counts": counts,
        "heard": heard,
        "reason_words": display.reason_words,
        "advice_words": display.advice_words,
        "address": url_for("introductions.mine", listing=listing.public_id),
    }


def _house_words(session: Session, actor: Actor) -> str:
    """Return what stands between the actor and asking: a code that the template words."""
    if not actor.signed_in:
        return "visitor"
    if actor.role_in(actor.organisation_id) is None:
        return "no_organisation"
    if not actor.at_least("editor", actor.organisation_id):
        return "no_editor"
    return "" if meeting.asks_for(session, actor) is not None else "not_approved"


def load_cards(
    session: Session, listings: Sequence[Listing], asking: Listing | None, actor: Actor
) -> Mapping[int, Any]:
    """Return listing key -> the link of its card: to a live introduction, or to the form.

    ``asking`` is the listing that the cards are counterparts of; it goes along where it is the
    actor's own and public. Three statements at most, for any number of cards.
    """
    live = meeting.live_about(session, [each.id for each in listings], by=actor)
    may_ask = not actor.signed_in or meeting.asks_for(session, actor) is not None
    own = None
    if asking is not None and asking.organisation_id == actor.organisation_id:
        own = asking.public_id if is_public(asking, request_now()) else None
    found: dict[int, Any] = {}
    for each in listings:
        if each.id in live:
            found[each.id] = {"live": live[each.id]}
        elif may_ask and each.organisation_id not in actor.memberships:
            address = url_for("introductions.new", listing=each.public_id, own=own)
            found[each.id] = {"address": address}
    return found


def waiting() -> int:
    """Return how many introductions wait for the organisation acted for; for the menu."""
    if "introductions_waiting" not in g:  # the menu is drawn for wide and for narrow screens
        g.introductions_waiting = inbox.waiting_count(current_session(), by=current_actor())
    found: int = g.introductions_waiting
    return found


def install(app: Flask) -> None:
    """Hang the room's parts on earlier rooms' pages."""
    add_section(app, "listing", Section("introductions/on_listing.html", load_section, order=10))
    add_section(
        app, "listing.actions", Section("introductions/on_listing_action.html", load_action)
    )
    add_card_part(app, "match", CardPart("introductions/on_match.html", load_cards))
