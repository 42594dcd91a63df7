"""The state of preparation: what is missing, what was changed, and the steps of the event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenon.events.models import Event
from tenon.events.planning import checks, labels, queries, services
from tenon.events.planning.forms import CallOffForm, StepForm
from tenon.events.planning.views.blueprint import Answer, events
from tenon.events.planning.views.set_up import organised, saved, set_up_page
from tenon.events.queries import slots_of
from tenon.events.states import EVENT
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@events.get("/<public_id>/set-up")
def set_up(public_id: str) -> str:
    """Show how far the event is prepared."""
    return _page(organised(public_id), StepForm(formdata=None))


def _page(event: Event, form: StepForm) -> str:
    session, now = current_session(), request_now()
    entries = queries.history_of(session, event)
    return set_up_page(
        "set_up",
        event,
        form,
        lacks=checks.lacks(session, event, now=now),
        lack_words=labels.LACKS,
        steps=EVENT.allowed(event.state),
        begun=event.starts_at <= now,
        slots=len(slots_of(session, event)),
        tables=sum(len(room.tables) for room in event.rooms),
        pairs=len(queries.pairs(session, event)),
        taken=queries.taken(session, [event]).get(event.id, 0),
        entries=entries,
        people=queries.names_of(session, entries),
    )


def _step(public_id: str, verb: Callable[..., Any]) -> Answer:
    event, form = organised(public_id), StepForm()

    def act() -> None:
        verb(current_session(), event, version=form.seen, by=current_actor(), now=request_now())

    return saved(event, form, act, _page, to="events.set_up")


@events.post("/<public_id>/open")
@limiter.limit(WRITE)
def announce(public_id: str) -> Answer:
    """Announce it."""
    return _step(public_id, services.open_event)


@events.post("/<public_id>/take-back")
@limiter.limit(WRITE)
def take_back(public_id: str) -> Answer:
    """Take the announcement back."""
    return _step(public_id, services.take_back)


@events.post("/<public_id>/close")
@limiter.limit(WRITE)
def close(public_id: str) -> Answer:
    """Close it by hand."""
    return _step(public_id, services.close)


@events.get("/<public_id>/call-off")
def calling_off(public_id: str) -> str:
    """Ask why, and say whom it concerns."""
    return _calling_off(organised(public_id), CallOffForm(formdata=None))


def _calling_off(event: Event, form: CallOffForm) -> str:
    taken = queries.taken(current_session(), [event]).get(event.id, 0)
    return set_up_page("call_off", event, form, taken=taken)


@events.post("/<public_id>/call-off")
@limiter.limit(WRITE)
def call_off(public_id: str) -> Answer:
    """Call it off."""
    event, form = organised(public_id), CallOffForm()

    def act() -> None:
        services.call_off(
            current_session(),
            event,
            reason=form.reason.data or "",
            version=form.seen,
            by=current_actor(),
            now=request_now(),
        )

    return saved(event, form, act, _calling_off, to="events.set_up")
