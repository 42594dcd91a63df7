"""Steps of the two sides on an introduction's page: answer, write, withdraw, end."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from tenon.errors import Conflict, Invalid
from tenon.introductions import services
from tenon.introductions.forms import RoomForm
from tenon.introductions.models import Introduction
from tenon.introductions.views.blueprint import (
    Answer,
    introductions,
    posted_version,
    seen_introduction,
)
from tenon.introductions.views.showing import conflict_page, page_of, step_form
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

Take = Callable[[Introduction], object]


def take_step(public_id: str, form: RoomForm, take: Take, said: str, anchor: str = "") -> Answer:
    """Take a step, then show the page again; what cannot be taken is shown as it was typed.

    Wrong input answers 422 at its field; where somebody was quicker, or the stage does not allow
    the step any more, 409 with how it stands and the text that was not sent.
    """
    introduction = seen_introduction(public_id)
    session = current_session()
    try:
        take(introduction)
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return page_of(seen_introduction(public_id), kept=form), 422
    except Conflict:
        session.rollback()
        return conflict_page(public_id, form)
    flash(said, "success")
    address = url_for("introductions.show", public_id=public_id, _anchor=anchor or None)
    return redirect(address, 303)


@introductions.post("/<public_id>/messages")
@limiter.limit(WRITE)
def message(public_id: str) -> Answer:
    """Write in the thread."""
    form = step_form("message")

    def take(introduction: Introduction) -> None:
        services.write_message(
            current_session(),
            introduction,
            text=form["text"].data or "",
            audience=form["audience"].data or "all",
            by=current_actor(),
            now=request_now(),
        )

    return take_step(public_id, form, take, _("Sent."), "thread-end")


@introductions.post("/<public_id>/ask-back")
@limiter.limit(WRITE)
def ask_back(public_id: str) -> Answer:
    """Ask the interested side something before deciding."""
    form = step_form("ask_back")
    said = _("Your question has been sent; it is for them to answer now.")
    return take_step(public_id, form, lambda it: _say(services.ask_back, it, form), said)


@introductions.post("/<public_id>/reply")
@limiter.limit(WRITE)
def reply(public_id: str) -> Answer:
    """Answer what was asked back."""
    form = step_form("reply")
    said = _("Your answer has been sent; it is for them to decide now.")
    return take_step(public_id, form, lambda it: _say(services.reply, it, form), said)


def _say(verb: Callable[..., None], introduction: Introduction, form: RoomForm) -> None:
    verb(
        current_session(),
        introduction,
        text=form["text"].data or "",
        by=current_actor(),
        now=request_now(),
        expected_version=posted_version(),
    )


@introductions.post("/<public_id>/decline")
@limiter.limit(WRITE)
def decline(public_id: str) -> Answer:
    """Decline with a reason, which reaches the other side as advice."""
    form = step_form("decline")
    said = _("Declined. The other side reads the reason as advice.")
    return take_step(public_id, form, lambda it: _give_reason(services.decline, it, form), said)


@introductions.post("/<public_id>/turn-down")
@limiter.limit(WRITE)
def turn_down(public_id: str) -> Answer:
    """Decline what a broker proposed."""
    form = step_form("turn_down")
    said = _("Declined. The broker reads the reason; the other side does not hear of it.")
    return take_step(public_id, form, lambda it: _give_reason(services.turn_down, it, form), said)


@introductions.post("/<public_id>/end")
@limiter.limit(WRITE)
def end(public_id: str) -> Answer:
    """End the contact."""
    form = step_form("end")
    said = _("The contact has been ended.")
    return take_step(public_id, form, lambda it: _give_reason(services.end, it, form), said)


def _give_reason(verb: Callable[..., None], introduction: Introduction, form: RoomForm) -> None:
    verb(
        current_session(),
        introduction,
        reason=form["reason"].data or "",
        remark=form["remark"].data or "",
        by=current_actor(),
        now=request_now(),
        expected_version=posted_version(),
    )


@introductions.post("/<public_id>/accept")
@limiter.limit(WRITE)
def accept(public_id: str) -> Answer:
    """Accept: names and contacts open to both sides."""
    form = step_form("accept")

    def take(introduction: Introduction) -> None:
        services.accept(
            current_session(),
            introduction,
            consent=bool(form["consent"].data),
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )

    return take_step(public_id, form, take, _("Accepted. You are in contact now."))


@introductions.post("/<public_id>/withdraw")
@limiter.limit(WRITE)
def withdraw(public_id: str) -> Answer:
    """Take the request back."""

    def take(introduction: Introduction) -> None:
        services.withdraw(
            current_session(),
            introduction,
            by=current_actor(),
            now=request_now(),
            expected_version=request.form.get("version", type=int),
        )

    return take_step(public_id, step_form("withdraw"), take, _("Taken back."))
