"""What the organiser's pages share: finding the event, saving, telling who was quicker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.errors import Conflict, Invalid
from tenon.events import queries as event_queries
from tenon.events.models import Event, EventSlot
from tenon.events.planning import labels, queries
from tenon.events.planning.forms.reading import RoomForm
from tenon.events.planning.services.changing import EDITABLE
from tenon.events.planning.views.blueprint import Answer
from tenon.events.views.moments import local_day
from tenon.history.models import HistoryEntry
from tenon.web.requests import current_actor, current_session

Page = Callable[[Event, Any], str]

PARTS = (
    "set_up",
    "basics",
    "texts",
    "days",
    "rooms",
    "groups",
    "interpreters",
    "programme",
    "limits",
)
"""The organiser's pages in order; each is an endpoint of the room."""
WITHIN = {
    "new_session": "programme",
    "create_session": "programme",
    "session": "programme",
    "save_session": "programme",
    "calling_off": "set_up",
}
SAVES = {f"save_{part}": part for part in PARTS}


def organised(public_id: str) -> Event:
    """Return an event that the actor organises; raises NotFound, Forbidden."""
    return event_queries.find_to_run(current_session(), public_id, by=current_actor())


def part_tabs(event: Event) -> list[tuple[str, str, bool]]:
    """Return (address, label, whether it is the page shown) of the organiser's pages."""
    names = {
        "set_up": _("State of preparation"),
        "basics": _("Basics"),
        "texts": _("Texts"),
        "days": _("Days and slots"),
        "rooms": _("Rooms and tables"),
        "groups": _("Who meets whom"),
        "interpreters": _("Interpreters"),
        "programme": _("Programme"),
        "limits": _("Phases and limits"),
    }
    here = (request.endpoint or "").partition(".")[2]
    here = WITHIN.get(here, SAVES.get(here, here))
    return [
        (url_for(f"events.{part}", public_id=event.public_id), names[part], part == here)
        for part in PARTS
    ]


def set_up_page(template: str, event: Event, form: RoomForm | None = None, **more: Any) -> str:
    """Return one of the organiser's pages; a form carries the version shown."""
    quicker: Sequence[HistoryEntry] = ()
    if form is not None:
        quicker = _since(event, form)
        form.version.data = str(event.version)
    return render_template(
        f"events/planning/{template}.html",
        event=event,
        form=form,
        parts=part_tabs(event),
        editable=event.state in EDITABLE,
        quicker=quicker,
        names=queries.names_of(current_session(), quicker),
        change_words=labels.CHANGES,
        field_words=labels.FIELDS,
        **more,
    )


def by_day(slots: Sequence[EventSlot], event: Event) -> list[tuple[str, list[EventSlot]]]:
    """Return slots day by day, with the day in words."""
    days = groupby(slots, key=lambda each: event.local(each.starts_at).date())
    groups = [list(found) for _date, found in days]
    return [(local_day(found[0].starts_at, event), found) for found in groups]


def _since(event: Event, form: RoomForm) -> list[HistoryEntry]:
    """Return what others changed since the version that the form was made of."""
    if not form.is_submitted() or form.seen in (0, event.version):
        return []
    entries = queries.history_of(current_session(), event, limit=20)
    return [each for each in entries if each.facts.get("version", 0) > form.seen]


def saved(
    event: Event,
    form: RoomForm,
    act: Callable[[], object],
    page: Page,
    *,
    to: str,
    rows: tuple[str, Sequence[Any]] | None = None,
    values: Mapping[str, Any] | None = None,
) -> Answer:
    """Do what a form asks for and lead on; else show the form again with what is wrong.

    ``rows`` are the prefix and rows of a form whose errors count rows. Whoever was too late gets
    the page with their own words and what the other changed; sent again, it is saved.
    """
    public_id = event.public_id
    session = current_session()
    try:
        act()
    except Invalid as error:
        session.rollback()
        if rows is None:
            form.take_errors(error)
        else:
            form.take_row_errors(error, *rows)
        return page(organised(public_id), form), 422
    except Conflict as error:
        session.rollback()
        event = organised(public_id)
        if error.code != "changed_meanwhile":
            form.form_errors.append(_refusal(error.code))
        return page(event, form), 409
    flash(_("Saved."), "success")
    return redirect(url_for(to, **(values or {"public_id": public_id})), 303)


def _refusal(code: str) -> str:
    known = {
        "event_settled": _("The event is over or called off: it can no longer be changed."),
        "has_registrations": _("Somebody has registered already: call the event off instead."),
        "not_begun": _("It has not begun yet: call it off instead."),
        "illegal_transition": _("That step is not possible in its present state."),
    }
    return str(known.get(code) or _("That is not possible now."))
