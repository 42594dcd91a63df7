"""The organiser's page of interpreters."""

from __future__ import annotations

from tenon.events.models import Event
from tenon.events.planning import services
from tenon.events.planning.forms import InterpretersForm
from tenon.events.planning.views.blueprint import Answer, events
from tenon.events.planning.views.set_up import organised, saved, set_up_page
from tenon.events.queries import interpreters_of, slots_of
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@events.get("/<public_id>/set-up/interpreters")
def interpreters(public_id: str) -> str:
    """Show who interprets, and the numbers of the slots."""
    event, form = organised(public_id), InterpretersForm(formdata=None)
    form.fill(interpreters_of(current_session(), event))
    return _interpreters(event, form)


def _interpreters(event: Event, form: InterpretersForm) -> str:
    slots = slots_of(current_session(), event)
    return set_up_page("interpreters", event, form, slots=slots)


@events.post("/<public_id>/set-up/interpreters")
@limiter.limit(WRITE)
def save_interpreters(public_id: str) -> Answer:
    """Change them."""
    event, form = organised(public_id), InterpretersForm()

    def act() -> None:
        services.change_interpreters(
            current_session(),
            event,
            form.rows(),
            version=form.seen,
            by=current_actor(),
            now=request_now(),
        )

    typed = ("interpreters", form.typed_rows())
    return saved(event, form, act, _interpreters, to="events.interpreters", rows=typed)
