"""One step for many introductions: what it will do to which, then what it did; nothing between."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.accounts.models import User
from tenon.accounts.queries import person
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.introductions import board_labels
from tenon.introductions.board_forms import ManyForm
from tenon.introductions.queries import board as queries
from tenon.introductions.services.many import (
    AT_ONCE,
    STEPS,
    ManyStep,
    Outcome,
    act_on_many,
    check_choice,
    rehearse,
)
from tenon.introductions.views.blueprint import Answer, introductions
from tenon.web.limits import WRITE, limiter
from tenon.web.pages import safe_target
from tenon.web.requests import current_actor, current_session, request_now

Choice = list[tuple[str, int | None]]


@introductions.post("/board/many")
@limiter.limit(WRITE)
def many() -> Answer:
    """Ask for what the step needs, show what it would do, or do it: by the form's ``go``."""
    name = request.form.get("step", "")
    if name not in STEPS:
        abort(400)
    if name == "assign" and not current_actor().operator:
        raise Forbidden(action=name)
    choice = _choice()
    back = safe_target(request.form.get("back") or url_for("introductions.board"))
    try:
        check_choice([key for key, _version in choice])
    except Invalid as error:
        flash(_choice_words(error), "warning")
        return redirect(back, 303)
    form = ManyForm()
    colleagues = queries.brokers(current_session()) if name == "assign" else ()
    form.offer([(each.public_id, each.name) for each in colleagues])
    go = request.form.get("go", "")
    if go in ("", "change") and form.SHOWN[name]:
        return _form_page(name, choice, back, form)
    try:
        return _act(name, choice, back, form, done=go == "do")
    except Invalid as error:
        form.take_errors(error)
        return _form_page(name, choice, back, form), 422


def _act(name: str, choice: Choice, back: str, form: ManyForm, *, done: bool) -> str:
    """Do it, or rehearse it, and show every row. Raises Invalid at the form's fields."""
    session, actor, now = current_session(), current_actor(), request_now()
    colleague = _colleague(form) if name == "assign" else None
    step = form.as_step(name, colleague.id if colleague else None)
    take = act_on_many if done else rehearse
    outcomes = take(session, choice, step=step, by=actor, now=now)
    return _outcome_page(step, choice, back, form, outcomes, colleague, done=done)


def _outcome_page(
    step: ManyStep,
    choice: Choice,
    back: str,
    form: ManyForm,
    outcomes: Sequence[Outcome],
    colleague: User | None,
    *,
    done: bool,
) -> str:
    session, actor, now = current_session(), current_actor(), request_now()
    session.expire_all()
    cards = queries.chosen(session, [key for key, _version in choice], by=actor, now=now)
    return render_template(
        "introductions/board_done.html" if done else "introductions/board_preview.html",
        step=step,
        choice=choice,
        back=back,
        form=form,
        outcomes=outcomes,
        cards={card.shown.introduction.public_id: card for card in cards},
        colleague=colleague,
        labels=board_labels,
    )


def _form_page(name: str, choice: Choice, back: str, form: ManyForm) -> str:
    cards = queries.chosen(
        current_session(), [key for key, _version in choice], by=current_actor(), now=request_now()
    )
    return render_template(
        "introductions/board_many.html",
        name=name,
        choice=choice,
        back=back,
        form=form,
        cards=cards,
        labels=board_labels,
    )


def _choice() -> Choice:
    """Read what was ticked: public ids, each with the version that the page showed."""
    found: dict[str, int | None] = {}
    for ticked in request.form.getlist("chosen"):
        key, _colon, version = ticked.partition(":")
        found[key] = int(version) if version.isdecimal() and len(version) < 10 else None
    return list(found.items())


def _choice_words(error: Invalid) -> str:
    if error.fields.get("chosen") == "nothing_chosen":
        return str(_("Nothing is chosen, so nothing was done. Tick the introductions first."))
    return str(_("At most %(number)s at once; nothing was done.", number=AT_ONCE))


def _colleague(form: ManyForm) -> User:
    """Return the broker that was chosen. Raises Invalid at the field."""
    if not form.broker.data:
        raise Invalid({"broker": "required"})
    try:
        return person(current_session(), form.broker.data)
    except NotFound:
        raise Invalid({"broker": "unknown_code"}) from None
