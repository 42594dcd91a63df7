"""The organiser's pages of basics, texts, days and slots, phases and limits."""

from __future__ import annotations

from flask import flash
from flask_babel import gettext as _

from tenon.events.models import Event
from tenon.events.planning import queries, services
from tenon.events.planning.forms import BasicsForm, DaysForm, LimitsForm, TextsForm
from tenon.events.planning.services.timing import Rebuilt
from tenon.events.planning.views.blueprint import Answer, events
from tenon.events.planning.views.set_up import organised, saved, set_up_page
from tenon.events.queries import slots_of
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@events.get("/<public_id>/set-up/basics")
def basics(public_id: str) -> str:
    """Show what the event is and where."""
    event, form = organised(public_id), BasicsForm(formdata=None)
    form.fill(event)
    return _basics(event, form)


def _basics(event: Event, form: BasicsForm) -> str:
    form.offer(event)
    return set_up_page("basics", event, form)


@events.post("/<public_id>/set-up/basics")
@limiter.limit(WRITE)
def save_basics(public_id: str) -> Answer:
    """Change it."""
    event, form = organised(public_id), BasicsForm()

    def act() -> None:
        made = services.change_basics(
            current_session(),
            event,
            form.basics(),
            version=form.seen,
            by=current_actor(),
            now=request_now(),
        )
        _tell(made)

    return saved(event, form, act, _basics, to="events.basics")


@events.get("/<public_id>/set-up/texts")
def texts(public_id: str) -> str:
    """Show what the public page says."""
    event, form = organised(public_id), TextsForm(formdata=None)
    form.fill(event)
    return _texts(event, form)


def _texts(event: Event, form: TextsForm) -> str:
    return set_up_page("texts", event, form)


@events.post("/<public_id>/set-up/texts")
@limiter.limit(WRITE)
def save_texts(public_id: str) -> Answer:
    """Change it."""
    event, form = organised(public_id), TextsForm()

    def act() -> None:
        services.change_texts(
            current_session(),
            event,
            text_zh=form.text_zh.data or "",
            text_en=form.text_en.data or "",
            version=form.seen,
            by=current_actor(),
            now=request_now(),
        )

    return saved(event, form, act, _texts, to="events.texts")


@events.get("/<public_id>/set-up/days")
def days(public_id: str) -> str:
    """Show days and breaks, and the slots that they give."""
    event, form = organised(public_id), DaysForm(formdata=None)
    form.fill(event)
    return _days(event, form)


def _days(event: Event, form: DaysForm) -> str:
    return set_up_page("days", event, form, slots=slots_of(current_session(), event))


@events.post("/<public_id>/set-up/days")
@limiter.limit(WRITE)
def save_days(public_id: str) -> Answer:
    """Change them and make the slots anew."""
    event, form = organised(public_id), DaysForm()

    def act() -> None:
        days, length, walk = form.read()
        made = services.change_days(
            current_session(),
            event,
            days=days,
            slot_minutes=length,
            walk_minutes=walk,
            version=form.seen,
            by=current_actor(),
            now=request_now(),
        )
        _tell(made)

    rows = ("days", form.typed_rows())
    return saved(event, form, act, _days, to="events.days", rows=rows)


def _tell(made: Rebuilt | None) -> None:
    """Say what became of the slots."""
    if made is None or not (made.added or made.removed):
        return
    words = _(
        "%(kept)s slots stayed, %(added)s came, %(removed)s went.",
        kept=made.kept,
        added=made.added,
        removed=made.removed,
    )
    flash(words, "info")
    if made.drafts:
        flash(
            _(
                "%(number)s drafts of the timetable used slots that went; they are gone.",
                number=made.drafts,
            ),
            "warning",
        )


@events.get("/<public_id>/set-up/limits")
def limits(public_id: str) -> str:
    """Show phases and limits."""
    event, form = organised(public_id), LimitsForm(formdata=None)
    form.fill(event)
    return _limits(event, form)


def _limits(event: Event, form: LimitsForm) -> str:
    taken = queries.taken(current_session(), [event]).get(event.id, 0)
    return set_up_page("limits", event, form, taken=taken)


@events.post("/<public_id>/set-up/limits")
@limiter.limit(WRITE)
def save_limits(public_id: str) -> Answer:
    """Change them."""
    event, form = organised(public_id), LimitsForm()

    def act() -> None:
        services.change_limits(
            current_session(),
            event,
            form.limits(event),
            version=form.seen,
            by=current_actor(),
            now=request_now(),
        )

    return saved(event, form, act, _limits, to="events.limits")
