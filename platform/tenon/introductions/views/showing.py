"""Pages to read: my organisation's introductions, and one of them with its thread."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import render_template, request
from sqlalchemy.exc import SQLAlchemyError

from tenon.accounts.models import User
from tenon.introductions import labels, permissions, queries, services
from tenon.introductions.forms import (
    AcceptForm,
    MessageForm,
    ReasonForm,
    RoomForm,
    TextForm,
    decline_reasons,
)
from tenon.introductions.models import Introduction
from tenon.introductions.queries import advice, inbox, meeting
from tenon.introductions.queries.introductions import shown as shown_to
from tenon.introductions.states import ENDED_STATES
from tenon.introductions.views import display
from tenon.introductions.views.blueprint import introductions, seen_introduction
from tenon.listings.models import Listing
from tenon.listings.queries import find_listing
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, database, request_now
from tenon.web.sections import sections

log = logging.getLogger("tenon.introductions")


@introductions.get("")
def mine() -> str:
    """List the introductions of the organisation acted for, what waits for it first."""
    session, actor = current_session(), current_actor()
    side = request.args.get("side") if request.args.get("side") in ("from", "to") else None
    group = request.args.get("group") if request.args.get("group") in inbox.GROUPS else None
    listing = None
    if request.args.get("listing"):
        listing = find_listing(session, request.args["listing"], by=actor, now=request_now())
    about = None if listing is None else listing.id
    counts = inbox.group_counts(session, by=actor, side=side, listing_id=about)
    number = requested_page()
    rows = inbox.inbox(
        session,
        by=actor,
        side=side,
        group=group,
        listing_id=about,
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
    )
    total = counts[group] if group else sum(counts.values())
    return render_template(
        "introductions/mine.html",
        page=Page(rows, number, PAGE_SIZE, total),
        unread=queries.unread_of(session, [each.introduction for each in rows], by=actor),
        counts={"all": sum(counts.values()), **counts},
        group=group or "all",
        side=side or "",
        listing=listing,
        groups=labels.GROUPS,
        sides=labels.SIDES,
    )


@introductions.get("/<public_id>")
def show(public_id: str) -> str:
    """Show one introduction; that the thread was read is noted."""
    return page_of(seen_introduction(public_id), note=True)


def conflict_page(public_id: str, form: RoomForm) -> tuple[str, int]:
    """Show how it stands where somebody was quicker, with what was typed; 409."""
    return page_of(seen_introduction(public_id), kept=form, quicker=True), 409


def page_of(
    introduction: Introduction,
    *,
    kept: RoomForm | None = None,
    quicker: bool = False,
    note: bool = False,
) -> str:
    """Return the page of an introduction.

    ``kept`` is a form that could not be taken: it is shown as it was typed, or, where its step is
    no longer to be had, as a text to copy.
    """
    session, actor = current_session(), current_actor()
    readable = permissions.may_read(actor, introduction)
    said, more = queries.thread(
        session, introduction, by=actor, before=request.args.get("before", type=int)
    )
    if note and any(each.new for each in said):
        _note_read(introduction)
    forms = _forms(introduction, kept)
    offered = kept is None or any(form is kept for form in forms.values())
    opens = _opens(introduction)
    secret = any("nda" in tiers for _listing, tiers in opens)
    return render_template(
        "introductions/show.html",
        introduction=introduction,
        shown=shown_to(introduction, actor),
        readable=readable,
        days=list(display.by_day(said)),
        earlier=said[0].message.id if more else None,
        forms=forms,
        unsent=None if offered else kept,
        quicker=quicker,
        people=_people(introduction) if readable else {},
        opens=opens,
        secret=secret,
        opened=None if kept is None else kept.step,
        may_express=permissions.may(actor, "express", introduction),
        over=introduction.state in ENDED_STATES,
        step_list=display.step_names(introduction, secret=secret),
        reached=display.step_reached(introduction),
        lapses_at=display.lapses_at(introduction),
        advises=advice.advises(introduction, actor),
        reason_words=display.reason_words,
        advice_words=display.advice_words,
        speaker_of=display.speaker_of,
        sections=sections("introduction", session, introduction, actor) if readable else [],
    )


def _note_read(introduction: Introduction) -> None:
    """Note in a session of its own that the thread was read; the page goes on without."""
    try:
        with database().writing() as session:
            services.mark_read(session, introduction, by=current_actor(), now=request_now())
    except SQLAlchemyError as error:
        log.warning("what was read of %s is not noted: %s", introduction.public_id, error)


def _forms(introduction: Introduction, kept: RoomForm | None) -> Mapping[str, RoomForm]:
    """Return step -> form, of the steps that the actor may take now."""
    actor = current_actor()
    made: dict[str, RoomForm] = {
        step: step_form(step)
        for step in STEP_FORMS
        if step != "message" and permissions.may(actor, step, introduction)
    }
    if permissions.may_write(actor, introduction):
        made["message"] = step_form("message")
    if kept is not None and kept.step in made:
        made[kept.step] = kept
    return made


def _opens(introduction: Introduction) -> list[tuple[Listing, frozenset[str]]]:
    """Return the listings that the reader may know of, each with its confidential tiers."""
    actor = current_actor()
    about = [
        listing
        for side in ("to", "from")
        if (listing := introduction.listing_of(side)) is not None
        and permissions.may_know_listing(actor, introduction, side)
    ]
    tiers = meeting.held_tiers(current_session(), [each.id for each in about])
    return [(each, tiers.get(each.id, frozenset())) for each in about]


def step_form(step: str) -> RoomForm:
    """Return the form of a step, its names beginning with the step's."""
    form = STEP_FORMS[step](prefix=step)
    if isinstance(form, ReasonForm):
        known = labels.ENDINGS if step == "end" else decline_reasons(advising=step == "decline")
        form.offer_reasons(known)
    return form


STEP_FORMS: Mapping[str, type[RoomForm]] = {
    "accept": AcceptForm,
    "ask_back": TextForm,
    "decline": ReasonForm,
    "turn_down": ReasonForm,
    "reply": TextForm,
    "withdraw": RoomForm,
    "end": ReasonForm,
    "demand_nda": RoomForm,
    "message": MessageForm,
}


def _people(introduction: Introduction) -> Mapping[str, Any]:
    """Return who speaks for each side, where the reader may know, and the brokers."""
    actor = current_actor()
    speak = {"from": introduction.from_user_id, "to": introduction.to_user_id}
    wanted = {"broker": introduction.broker_id, "proposer": introduction.proposer_id} | {
        side: key
        for side, key in speak.items()
        if permissions.may_know_people(actor, introduction, side)
    }
    rows = current_session().scalars(
        sa.select(User)
        .where(User.id.in_(set(wanted.values()) - {None}), User.erased_at.is_(None))
        .options(sa.orm.lazyload(User.roles), sa.orm.lazyload(User.memberships))
    )
    users = {user.id: user for user in rows}
    return {role: users[key] for role, key in wanted.items() if key in users}
