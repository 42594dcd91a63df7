"""Pages of the room: drafts, the agreed timetable, its rules. Only who organises the event."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from tenon.events.timetables.views import agreed, drafts, editing, releasing, rules
from tenon.events.timetables.views.blueprint import timetables
from tenon.events.views.tabs import Tab, add_tab
from tenon.web.access import Access, declare

__all__ = ["agreed", "drafts", "editing", "install", "releasing", "rules"]

_ROUTES = (
    "absent",
    "add_meeting",
    "agree",
    "agreed",
    "call_off",
    "draft",
    "draft_meeting",
    "drafts",
    "export",
    "export_draft",
    "meeting",
    "move",
    "move_meeting",
    "order",
    "pin_meeting",
    "progress",
    "release",
    "release_page",
    "remove_meeting",
    "rules",
    "set_rules",
    "stop",
    "swap",
)
_WITHIN = ("drafts", "draft", "draft_meeting", "meeting", "release_page", "rules")


def install(app: Flask) -> None:
    """Register the room's pages and its tab on the pages of an event."""
    app.register_blueprint(timetables)
    declare(app, {f"event_timetable.{name}": Access.SIGNED_IN for name in _ROUTES})
    within = tuple(f"event_timetable.{name}" for name in _WITHIN)
    add_tab(app, Tab("event_timetable.agreed", _l("Timetable"), 50, within=within))
