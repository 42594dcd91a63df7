"""A broker checks one request: its answers beside both listings; pass on, give back, refuse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.errors import Conflict, Forbidden, Invalid
from tenon.introductions import board_labels, permissions, remarks, services
from tenon.introductions.board_forms import GiveBackForm, RefuseForm
from tenon.introductions.models import Introduction
from tenon.introductions.queries.introductions import shown
from tenon.introductions.services.wording import QUESTIONS
from tenon.introductions.views.blueprint import (
    Answer,
    introductions,
    posted_version,
    seen_introduction,
)
from tenon.web.limits import WRITE, limiter
from tenon.web.page_words import add_page_words
from tenon.web.requests import current_actor, current_session, request_now


@dataclass(frozen=True, slots=True)
class Desk:
    """What a broker needs to check a request.

    Attributes:
        shown: the introduction as the broker may see it.
        listings: (side, listing) of both, the interested side's only where it may be known.
        questions: the names of the three answers.
        may_take: whether taking it over would change anything.
        steps: which of pass_on, give_back, refuse are possible now.
    """

    shown: Any
    listings: tuple[tuple[str, Any], ...]
    questions: tuple[str, ...]
    may_take: bool
    steps: tuple[str, ...]
    give_back: GiveBackForm
    refuse: RefuseForm


def desk_of(
    introduction: Introduction,
    *,
    give_back: GiveBackForm | None = None,
    refuse: RefuseForm | None = None,
) -> Desk | None:
    """Return a broker's desk for an introduction; None for who cannot do anything at it."""
    actor = current_actor()
    if not (actor.broker or actor.operator) or introduction.live_key is None:
        return None
    steps = tuple(
        step
        for step in ("pass_on", "give_back", "refuse")
        if permissions.may(actor, step, introduction)
    )
    takes = introduction.broker_id != actor.user_id and permissions.may_take(actor, introduction)
    if not steps and not takes:
        return None
    give_back, refuse = give_back or GiveBackForm(), refuse or RefuseForm()
    give_back.offer()
    refuse.offer()
    for form in (give_back, refuse):
        form.version.data = str(introduction.version)
    own = introduction.own_listing
    knows_own = permissions.may_know_listing(actor, introduction, "from")
    return Desk(
        shown(introduction, actor),
        (("to", introduction.listing), *((("from", own),) if own and knows_own else ())),
        QUESTIONS if introduction.interest else (),
        takes,
        steps,
        give_back,
        refuse,
    )


@introductions.get("/<public_id>/check")
def check(public_id: str) -> Answer:
    """Show the request as its broker checks it."""
    introduction = seen_introduction(public_id)
    if not permissions.may_read(current_actor(), introduction):
        abort(403)
    return _page(introduction)


def _page(introduction: Introduction, **forms: Any) -> str:
    return render_template(
        "introductions/board_check_page.html",
        introduction=introduction,
        desk=desk_of(introduction, **forms),
    )


@introductions.post("/<public_id>/check/<any(take_over,pass_on,give_back,refuse):step>")
@limiter.limit(WRITE)
def judge(public_id: str, step: str) -> Answer:
    """Take a broker's step; what was typed stays where it does not fit."""
    introduction = _locked(public_id)
    if step == "give_back":
        return _give_back(introduction)
    if step == "refuse":
        return _refuse(introduction)
    if step == "pass_on":
        services.pass_on(
            current_session(),
            introduction,
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
        flash(_("Passed on. The other side has been told."), "success")
    else:
        services.take_over(current_session(), introduction, by=current_actor(), now=request_now())
        flash(_("You look after this introduction now."), "success")
    return _to(introduction)


def _give_back(introduction: Introduction) -> Answer:
    form = GiveBackForm()
    if request.form.get("go") == "insert":
        form.text.data = remarks.with_remarks(
            form.text.data or "", form.canned.data or (), introduction.language
        )
        return _page(introduction, give_back=form)
    try:
        services.give_back(
            current_session(),
            introduction,
            remark=form.text.data or "",
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        # The service's field is called by what the text is to it.
        form.take_errors(Invalid(dict.fromkeys(["text"], next(iter(error.fields.values())))))
        return _page(introduction, give_back=form), 422
    except Conflict:
        return _moved_on(introduction, form.text.data or "")
    flash(_("Given back. The interested side has been told what to write better."), "success")
    return _to(introduction)


def _refuse(introduction: Introduction) -> Answer:
    form = RefuseForm()
    try:
        services.refuse(
            current_session(),
            introduction,
            reason=form.reason.data or "",
            remark=form.remark.data or "",
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        form.take_errors(error)
        return _page(introduction, refuse=form), 422
    except Conflict:
        return _moved_on(introduction, form.remark.data or "")
    flash(_("Not passed on. The interested side learns why, as advice."), "success")
    return _to(introduction)


def _moved_on(introduction: Introduction, typed: str) -> Answer:
    """Show how it stands where somebody was quicker, with what was typed; 409."""
    current_session().rollback()
    introduction = seen_introduction(introduction.public_id)
    page = render_template(
        "introductions/board_check_page.html",
        introduction=introduction,
        desk=desk_of(introduction),
        quicker=True,
        typed=typed,
    )
    return page, 409


def _locked(public_id: str) -> Introduction:
    """Return an introduction that nobody else changes until this request ends."""
    session, actor = current_session(), current_actor()
    introduction = seen_introduction(public_id)
    if not (actor.broker or actor.operator):
        raise Forbidden
    session.execute(
        sa.select(Introduction.id).where(Introduction.id == introduction.id).with_for_update()
    )
    session.refresh(introduction, ["state", "version", "broker_id", "live_key"])
    return introduction


def _to(introduction: Introduction) -> Answer:
    return redirect(url_for("introductions.show", public_id=introduction.public_id), 303)


def install(app: Flask) -> None:
    """Let the introduction's own page ask for the desk."""
    add_page_words(app, broker_desk=desk_of, labels_of_board=board_labels)
