"""Pages of the day of an event."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from tenon.actors import Actor
from tenon.events.hall import finding, labels
from tenon.events.hall.views import agenda, board, brief, devices, door, prints
from tenon.events.hall.views.blueprint import hall
from tenon.events.models import Event
from tenon.events.views.tabs import Tab, add_tab
from tenon.web.access import Access, declare
from tenon.web.page_words import add_page_words
from tenon.web.requests import current_session

__all__ = ["agenda", "board", "brief", "devices", "door", "install", "prints"]

_PUBLIC = ("local_certificate", "worker")
_SIGNED_IN = (
    "agenda",
    "agenda_of_part",
    "agenda_pdf",
    "agenda_pdf_of_part",
    "board_part",
    "brief",
    "calendar",
    "calendar_of_part",
    "door",
    "hall_board",
    "mark_meeting",
    "meet_now",
    "printed",
    "prints",
    "register",
    "renew",
    "roster",
    "sync",
    "take_code",
    "take_part",
    "undo",
    "withdraw",
)


def install(app: Flask) -> None:
    """Register the room's pages and its tabs on events."""
    app.register_blueprint(hall)
    declare(app, {f"event_hall.{name}": Access.SIGNED_IN for name in _SIGNED_IN})
    declare(app, {f"event_hall.{name}": Access.PUBLIC for name in _PUBLIC})
    add_page_words(app, event_day_labels=labels)
    add_tab(app, Tab("event_hall.agenda", _l("My agenda"), 20, shown=_takes_part))
    add_tab(app, Tab("event_hall.door", _l("Check-in"), 60))
    add_tab(app, Tab("event_hall.hall_board", _l("Board of the hall"), 62))
    add_tab(app, Tab("event_hall.prints", _l("Printing"), 64))


def _takes_part(actor: Actor, event: Event) -> bool:
    return finding.takes_part(current_session(), event, actor.user_id)
