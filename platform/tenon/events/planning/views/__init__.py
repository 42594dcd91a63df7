"""Pages of the room; each module registers its routes on the one blueprint when imported."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from tenon.events.permissions import may_see
from tenon.events.planning.views import (
    beginning,
    files,
    interpreting,
    parts,
    places,
    programme,
    showing,
    stepping,
)
from tenon.events.planning.views.blueprint import events
from tenon.events.planning.views.set_up import PARTS, WITHIN, by_day
from tenon.events.views.tabs import Tab, add_tab
from tenon.web.access import Access, declare
from tenon.web.navigation import Entry, add_entries
from tenon.web.page_words import add_page_filters

__all__ = [
    "beginning",
    "files",
    "install",
    "interpreting",
    "parts",
    "places",
    "programme",
    "showing",
    "stepping",
]

_ROUTES = {
    Access.PUBLIC: (
        "index",
        "show",
        "qr",
        "calendar",
        "poster",
        "programme_pdf",
        "venue_map",
    ),
    Access.BROKER: ("new", "create", "mine"),
    Access.SIGNED_IN: (
        *PARTS,
        "save_basics",
        "save_texts",
        "save_days",
        "save_rooms",
        "save_closures",
        "save_map",
        "drop_map",
        "save_groups",
        "save_interpreters",
        "save_limits",
        "new_session",
        "create_session",
        "session",
        "save_session",
        "drop_session",
        "announce",
        "take_back",
        "close",
        "calling_off",
        "call_off",
    ),
}


def install(app: Flask) -> None:
    """Register the room's pages, its tabs on events and its entries in the menus."""
    app.register_blueprint(events)
    declare(app, {f"events.{name}": access for access, names in _ROUTES.items() for name in names})
    add_tab(app, Tab("events.show", _l("About the event"), order=0, shown=may_see))
    saves = [name for name in _ROUTES[Access.SIGNED_IN] if name not in PARTS]
    within = tuple(f"events.{name}" for name in (*PARTS, *WITHIN, *saves))
    add_tab(app, Tab("events.set_up", _l("Set-up"), order=5, within=within))
    add_page_filters(app, event_days=by_day)
    add_entries(
        app,
        [
            Entry("events.index", _l("Events"), "main", 30),
            Entry("events.mine", _l("Events I run"), "desk", 9),
        ],
    )
