"""Pages of the room: what holds and where it stands, for all; the table, for operators."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from tenon.rules import labels
from tenon.rules.views import keeping, reading
from tenon.rules.views.blueprint import rules
from tenon.web.access import Access, declare
from tenon.web.navigation import Entry, add_entries
from tenon.web.page_words import add_page_words

__all__ = ["install", "keeping", "reading"]

_ROUTES = {
    Access.SIGNED_IN: ("index", "explain"),
    Access.OPERATOR: ("table", "new", "add", "edit", "save", "end", "end_now", "story"),
}


def install(app: Flask) -> None:
    """Register the pages, the menu's entries, and what templates ask."""
    app.register_blueprint(rules)
    declare(app, {f"rules.{name}": access for access, names in _ROUTES.items() for name in names})
    add_entries(
        app,
        [
            Entry("rules.index", _l("Rules and their sources"), "account", 60),
            Entry("rules.table", _l("Table of rules"), "desk", 88),
        ],
    )
    add_page_words(app, rule_labels=labels)
