"""What conflicts do in one event, and what it costs the optimiser when something is not nice."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.errors import Conflict, IllegalTransition, Invalid
from tenon.events.models import Event
from tenon.events.timetables import defaults, labels, services
from tenon.events.timetables.views.blueprint import (
    Answer,
    event_to_run,
    posted_version,
    say_changed,
    timetables,
)
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@timetables.get("/<public_id>/timetable/rules")
def rules(public_id: str) -> Answer:
    """Show levels of conflict and costs of an event."""
    event = event_to_run(public_id)
    costs = defaults.costs(event.costs)
    return _page(
        event,
        {code: defaults.level_of(code, event.levels) for code in defaults.known()},
        {name: str(getattr(costs, name)) for name in defaults.COSTS},
    )


def _page(
    event: Event,
    levels: dict[str, str],
    costs: dict[str, str],
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Answer:
    page = render_template(
        "events/timetables/rules.html",
        event=event,
        known=defaults.known().values(),
        levels=levels,
        costs=costs,
        errors=errors or {},
        labels=labels,
        highest=defaults.HIGHEST_COST,
    )
    return (page, status) if status != 200 else page  # the usual answer


@timetables.post("/<public_id>/timetable/rules")
@limiter.limit(WRITE)
def set_rules(public_id: str) -> Answer:
    """Set levels of conflict and costs of an event."""
    event, session = event_to_run(public_id), current_session()
    levels = {
        each.code: request.form.get(f"level.{each.code}", each.level)
        for each in defaults.known().values()
        if not each.settled
    }
    typed = {name: request.form.get(f"cost.{name}", "").strip() for name in defaults.COSTS}
    costs = {name: int(text) for name, text in typed.items() if text.isdecimal() and len(text) < 7}
    errors = {f"cost.{name}": "not_a_number" for name in typed if name not in costs}
    try:
        if errors:
            raise Invalid(errors)
        services.set_rules(
            session,
            event,
            levels=levels,
            costs=costs,
            version=posted_version(),
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        session.rollback()
        settled = {e.code: e.level for e in defaults.known().values() if e.settled}
        return _page(event_to_run(public_id), settled | levels, typed, error.fields, 422)
    except IllegalTransition:
        raise
    except Conflict:
        session.rollback()
        say_changed()
    else:
        flash(_("The rules of the timetable were saved."), "success")
    return redirect(url_for("event_timetable.rules", public_id=public_id), 303)
