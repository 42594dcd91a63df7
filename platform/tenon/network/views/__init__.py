"""Pages of the room: the directory for all, the tree for its heads, the broker's own pages."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from tenon.actors import Actor
from tenon.network import labels
from tenon.network.views import (
    brokers,
    days,
    directory,
    handing_over,
    importing,
    managing,
    members,
    portfolio,
    sections,
)
from tenon.network.views.blueprint import network
from tenon.web.access import Access, declare
from tenon.web.navigation import Entry, add_entries
from tenon.web.page_words import add_page_words
from tenon.web.sections import Section, add_section

__all__ = [
    "brokers",
    "days",
    "directory",
    "handing_over",
    "importing",
    "install",
    "managing",
    "members",
    "portfolio",
]

_ROUTES = {
    Access.PUBLIC: ("index", "place"),
    Access.BROKER: (
        "manage",
        "new",
        "add",
        "edit",
        "save",
        "move",
        "move_now",
        "close",
        "close_now",
        "reopen",
        "add_member",
        "change_member",
        "end_member",
        "profile",
        "broker",
        "edit_profile",
        "save_profile",
        "absence",
        "add_absence",
        "cancel_absence",
        "calendar",
        "portfolio",
        "firms",
        "give",
        "give_up",
        "import_firms",
        "import_firms_now",
        "hand_over",
        "hand_over_now",
    ),
    Access.SIGNED_IN: ("handed_over",),
    Access.OPERATOR: (
        "import_tree",
        "import_tree_now",
        "tree_template",
        "export_tree",
        "import_days",
        "import_days_now",
        "day_template",
        "set_day",
        "clear_day",
        "take_published",
    ),
}


def install(app: Flask) -> None:
    """Register the pages, the menu's entries, the section, and what templates ask."""
    app.register_blueprint(network)
    declare(app, {f"network.{name}": access for access, names in _ROUTES.items() for name in names})
    add_entries(
        app,
        [
            Entry("network.portfolio", _l("My firms"), "desk", 20, _is_broker),
            Entry("network.profile", _l("My profile as a broker"), "account", 40, _is_broker),
            Entry("network.absence", _l("Absence and deputies"), "desk", 75),
            Entry("network.manage", _l("Service network"), "desk", 76, _works_in_it),
            Entry("network.calendar", _l("Working days"), "desk", 77, _is_operator),
        ],
    )
    add_section(app, "organisation", Section("network/of_organisation.html", sections.load, 20))
    add_page_words(app, network_labels=labels)


def _is_broker(actor: Actor) -> bool:
    return actor.broker


def _is_operator(actor: Actor) -> bool:
    return actor.operator


def _works_in_it(actor: Actor) -> bool:
    return actor.operator or bool(actor.stations)
