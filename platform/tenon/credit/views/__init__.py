"""Pages of the room: one's own ledger, a thing's ledger, disputes."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from tenon.credit import labels, permissions
from tenon.credit.views import disputes, ledger, sections
from tenon.credit.views.blueprint import credit
from tenon.web.access import Access, declare
from tenon.web.navigation import Entry, add_entries
from tenon.web.page_words import add_page_words

__all__ = ["disputes", "install", "ledger"]

_ROUTES = {
    Access.SIGNED_IN: (
        "ledger",
        "export",
        "thing",
        "dispute",
        "save_dispute",
        "show_dispute",
        "withdraw",
    ),
    Access.OPERATOR: ("disputes", "settle"),
}


def install(app: Flask) -> None:
    """Register the pages, the menu's entries, and what templates ask."""
    app.register_blueprint(credit)
    declare(app, {f"credit.{name}": access for access, names in _ROUTES.items() for name in names})
    add_entries(
        app,
        [
            Entry("credit.ledger", _l("Credit"), "desk", 70, when=ledger.has_ledger),
            Entry("credit.disputes", _l("Disputes over credit"), "desk", 75),
        ],
    )
    sections.install(app)
    add_page_words(
        app, credit_labels=labels, credit_permissions=permissions, credit_title=ledger.title_of
    )
