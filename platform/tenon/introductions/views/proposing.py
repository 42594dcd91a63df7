"""Brokers propose: a match to either side, several at once, or a listing to an organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, flash, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matching.errors import MatchingError
from tenon.accounts.models import Organisation
from tenon.accounts.queries import OrganisationFilter, organisation, organisations
from tenon.actors import Actor
from tenon.errors import Invalid, NotFound
from tenon.introductions import board_labels, queries
from tenon.introductions.board_forms import ProposeForm
from tenon.introductions.models import Introduction
from tenon.introductions.services.asking import live_key
from tenon.introductions.services.many import AT_ONCE, Outcome
from tenon.introductions.services.proposing import Proposal, propose_many
from tenon.introductions.views.blueprint import Answer, introductions
from tenon.listings.models import Listing
from tenon.listings.permissions import belongs_to, is_public, may_know_owner
from tenon.listings.queries import find_listing
from tenon.matches import queries as matches
from tenon.matches.engine import engine_of
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now, settings
from tenon.web.sections import CardPart, Section, add_card_part, add_section

LONGEST_NAME, OFFERED = 60, 10


@dataclass(frozen=True, slots=True)
class Counterpart:
    """One that a proposal may go to: another listing, or an organisation without one.

    Attributes:
        key: public id of the listing or of the organisation.
        listing: the counterpart, None for an organisation.
        house: the organisation, where the broker may know it.
        view: band and reasons of the match, where there is one.
        live: a live introduction of this very pair.
        own: whether the broker belongs to one of the two.
        secret: whether the broker may not know whose one of the two is; they cannot propose it.
    """

    key: str
    listing: Listing | None
    house: Organisation | None
    view: matches.MatchView | None
    live: Introduction | None
    own: bool
    secret: bool


@introductions.get("/propose")
def propose() -> Answer:
    """Show what is proposed to whom, with the reasons of the match and what speaks against it."""
    listing, others, houses = _asked(request.args)
    form = ProposeForm()
    form.first.data = "need"
    return _page(listing, _counterparts(listing, others, houses), form)


@introductions.post("/propose")
@limiter.limit(WRITE)
def send_proposals() -> Answer:
    """Show what would be sent, or send it; every counterpart is reported by itself."""
    listing, others, houses = _asked(request.form)
    form = ProposeForm()
    form.offer()
    counterparts = _counterparts(listing, others, houses)
    done = request.form.get("go") == "do"
    try:
        if form.first.data not in ("need", "achievement") and others:
            raise Invalid({"first": "required"})
        outcomes = propose_many(
            current_session(),
            _proposals(listing, others, houses, str(form.first.data)),
            note=form.note.data or "",
            by=current_actor(),
            now=request_now(),
            rehearsal=not done,
        )
    except Invalid as error:
        if error.fields.get("chosen"):
            form.form_errors.append(_choice_words(error))
        else:
            form.take_errors(error)
        return _page(listing, counterparts, form), 422
    if done:
        made = sum(outcome.done for outcome in outcomes)
        flash(_("Proposals sent: %(number)s", number=made), "success" if made else "warning")
    return _page(listing, counterparts, form, outcomes=outcomes, done=done)


def _choice_words(error: Invalid) -> str:
    if error.fields["chosen"] == "nothing_chosen":
        return str(_("Choose at least one counterpart or organisation."))
    return str(_("At most %(number)s at once; nothing was done.", number=AT_ONCE))


def _page(
    listing: Listing,
    counterparts: Sequence[Counterpart],
    form: ProposeForm,
    *,
    outcomes: Sequence[Outcome] | None = None,
    done: bool = False,
) -> str:
    form.offer()
    return render_template(
        "introductions/propose.html",
        listing=listing,
        counterparts=counterparts,
        form=form,
        outcomes=outcomes,
        done=done,
        by_key={each.key: each for each in counterparts},
        found=_found(listing, counterparts),
        labels=board_labels,
        own=belongs_to(current_actor(), listing),
    )


def _asked(given: Any) -> tuple[Listing, list[Listing], list[Organisation]]:
    """Read the listing, its counterparts and the organisations. Raises NotFound for any unknown."""
    session, actor, now = current_session(), current_actor(), request_now()

    def public(public_id: str) -> Listing:
        found = find_listing(session, public_id, by=actor, now=now)
        if not is_public(found, now):
            raise NotFound(kind="listing")
        return found

    anchor = given.get("listing") or given.get("need") or given.get("achievement") or ""
    listing = public(anchor)
    keys = dict.fromkeys(given.getlist("with"))
    if not given.get("listing") and given.get("need") and given.get("achievement"):
        keys = dict.fromkeys([given["achievement"]])
    others = [public(key) for key in list(keys)[: AT_ONCE + 1] if key]
    if any(other.side == listing.side for other in others):
        raise NotFound(kind="listing")
    chosen = dict.fromkeys(given.getlist("organisation"))
    houses = [organisation(session, key) for key in list(chosen)[: AT_ONCE + 1] if key]
    if any(house.state != "approved" for house in houses):
        raise NotFound(kind="organisation")
    return listing, others, houses


def _proposals(
    listing: Listing, others: Sequence[Listing], houses: Sequence[Organisation], first: str
) -> list[Proposal]:
    """Return the proposals: the side that speaks first gets it, the other is approached after."""
    made = []
    for other in others:
        speaks, approached = (listing, other) if listing.side == first else (other, listing)
        made.append(
            Proposal(
                key=other.public_id,
                listing=approached,
                organisation_id=speaks.organisation_id,
                own_listing=speaks,
            )
        )
    made += [
        Proposal(key=house.public_id, listing=listing, organisation_id=house.id) for house in houses
    ]
    return made


def _counterparts(
    listing: Listing, others: Sequence[Listing], houses: Sequence[Organisation]
) -> list[Counterpart]:
    actor = current_actor()
    views = _views(listing, others)
    keys = {each.public_id: live_key(listing.id, each.id, 0) for each in others}
    keys |= {each.public_id: live_key(listing.id, None, each.id) for each in houses}
    live = queries.live_between(current_session(), keys.values(), by=actor)
    own = belongs_to(actor, listing)
    found = [
        Counterpart(
            other.public_id,
            other,
            other.organisation if may_know_owner(actor, other) else None,
            views.get(other.id),
            live.get(keys[other.public_id]),
            own or belongs_to(actor, other),
            not (may_know_owner(actor, other) and may_know_owner(actor, listing)),
        )
        for other in others
    ]
    return found + [
        Counterpart(
            house.public_id, None, house, None, live.get(keys[house.public_id]),
            own or house.id in actor.memberships,
            secret=not may_know_owner(actor, listing),
        )
        for house in houses
    ]  # fmt: skip


def _views(listing: Listing, others: Sequence[Listing]) -> Mapping[int, matches.MatchView]:
    """Return other listing -> why it matches; nothing while the index is not ready."""
    if not others:
        return {}
    try:
        found = matches.counterparts(
            current_session(),
            engine_of(settings()),
            listing=listing,
            now=request_now(),
            k=len(others),
            past=True,
            only=frozenset(each.id for each in others),
        )
    except MatchingError:
        return {}
    return {view.listing.id: view for view in found}


def _found(listing: Listing, counterparts: Sequence[Counterpart]) -> Sequence[Organisation]:
    """Return organisations by the part of a name that was typed, without those chosen already."""
    text = request.values.get("name", "").strip()[:LONGEST_NAME]
    if not text:
        return []
    rows, _total = organisations(
        current_session(), OrganisationFilter(text=text), limit=OFFERED + len(counterparts)
    )
    taken = {each.key for each in counterparts}
    shows_owner = may_know_owner(current_actor(), listing)
    return [
        each
        for each in rows
        if each.public_id not in taken and not (shows_owner and each.id == listing.organisation_id)
    ][:OFFERED]


def load_section(session: Session, listing: Listing, actor: Actor) -> Mapping[str, Any] | None:  # noqa: ARG001  # the hook's form
    """Return what a listing's page offers brokers; None for all others."""
    if not (actor.broker or actor.operator) or not is_public(listing, request_now()):
        return None
    return {"listing": listing, "own": belongs_to(actor, listing)}


def load_cards(
    session: Session, listings: Sequence[Listing], asking: Listing | None, actor: Actor
) -> Mapping[int, Any]:
    """Return listing key -> the pair that a broker may propose, for the cards of matches."""
    if asking is None or not (actor.broker or actor.operator):
        return {}
    if belongs_to(actor, asking) or not is_public(asking, request_now()):
        return {}
    keys = {each.id: live_key(asking.id, each.id, 0) for each in listings}
    live = queries.live_between(session, keys.values(), by=actor)
    return {
        each.id: {"asking": asking, "other": each, "live": live.get(keys[each.id])}
        for each in listings
        if not belongs_to(actor, each)
    }


def install(app: Flask) -> None:
    """Hang the ways to propose on listings' and matches' pages."""
    add_section(
        app, "listing", Section("introductions/propose_section.html", load_section, order=25)
    )
    add_section(
        app, "listing.matches", Section("introductions/propose_bar.html", load_section, order=10)
    )
    add_card_part(app, "match", CardPart("introductions/propose_on_match.html", load_cards))
