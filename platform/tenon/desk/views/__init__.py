"""Pages of the desk; each module registers its routes on the one blueprint when imported."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from tenon.actors import Actor
from tenon.desk import labels
from tenon.desk.views import firms, mapping, noting, searching, sections, tasking, today
from tenon.desk.views.blueprint import desk
from tenon.web.access import Access, declare
from tenon.web.navigation import Entry, add_entries
from tenon.web.page_words import add_page_words

__all__ = ["firms", "install", "mapping", "noting", "searching", "tasking", "today"]

_ROUTES = (
    "today",
    "needs",
    "expiring",
    "search",
    "firm",
    "portfolio",
    "map_cell",
    "tasks",
    "set_task",
    "task",
    "change_task",
    "task_done",
    "tasks_done",
    "reopen_task",
    "postpone_task",
    "notes",
    "note",
    "change_note",
    "remove_note",
    "of_thing",
    "write_note",
)


def has_desk(actor: Actor) -> bool:
    """Whether a page shows the way to the desk."""
    return actor.broker or actor.operator


def install(app: Flask) -> None:
    """Register the pages, the menu's first entries, and what hangs on other rooms' pages."""
    app.register_blueprint(desk)
    declare(app, {f"desk.{name}": Access.BROKER for name in _ROUTES})
    declare(app, {"desk.start": Access.SIGNED_IN})
    add_entries(
        app,
        [
            Entry("desk.today", _l("My day"), "desk", 1),
            Entry("desk.search", _l("Search the desk"), "desk", 2),
            Entry("desk.tasks", _l("Tasks and notes"), "desk", 4),
            Entry("desk.portfolio", _l("Portfolio map"), "desk", 5),
        ],
    )
    add_page_words(app, desk_said=labels.said, has_desk=has_desk)
    sections.install(app)
