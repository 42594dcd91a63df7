"""Pages of the room: needs on their way, visits, and what it shows on other rooms' pages."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from tenon.routing import labels
from tenon.routing.views import cases, sections, visits
from tenon.routing.views.blueprint import routing
from tenon.web.access import Access, declare
from tenon.web.navigation import Entry, add_entries
from tenon.web.page_words import add_page_words

__all__ = ["cases", "install", "visits"]

_ROUTES = (
    "cases",
    "assign_many",
    "case",
    "assign",
    "take",
    "pass_on",
    "reply",
    "route",
    "automatic",
    "visits",
    "new_visit",
    "write_visit",
    "understood",
    "visit",
    "consent",
)


def install(app: Flask) -> None:
    """Register the room's pages, menu entries and parts of other rooms' pages."""
    app.register_blueprint(routing)
    declare(app, {f"routing.{name}": Access.BROKER for name in _ROUTES})
    add_page_words(app, routing_labels=labels)
    add_entries(
        app,
        [
            Entry("routing.cases", _l("Needs on their way"), "desk", 22),
            Entry("routing.visits", _l("Visits"), "desk", 24),
        ],
    )
    sections.install(app)
