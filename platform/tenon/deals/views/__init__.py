"""Pages of the room; each module registers its routes on the one blueprint when imported."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from tenon.deals.permissions import may_see
from tenon.deals.views import (
    answering,
    beginning,
    board,
    changing,
    display,
    entry,
    mine,
    papers,
    proposing,
    rights,
    showing,
    signing,
    stepping,
    taking,
    talking,
    timeline,
)
from tenon.deals.views.blueprint import deals
from tenon.deals.views.tabs import Tab, add_tab
from tenon.web.access import Access, declare
from tenon.web.navigation import Entry, add_entries

__all__ = [
    "answering",
    "beginning",
    "board",
    "changing",
    "display",
    "entry",
    "install",
    "mine",
    "papers",
    "proposing",
    "rights",
    "showing",
    "signing",
    "stepping",
    "taking",
    "talking",
    "timeline",
]

_ROUTES = {
    Access.SIGNED_IN: (
        "new",
        "create",
        "show",
        "step",
        "take_step",
        "take_open_licence",
        "terms",
        "version",
        "compare",
        "new_terms",
        "propose",
        "accept",
        "decline",
        "withdraw",
        "form",
        "change_form",
        "edit",
        "save",
        "signatures",
        "sign",
        "papers_of",
        "print_paper",
        "messages",
        "say",
        "add_file",
        "file",
        "people",
        "name_people",
        "timeline",
    ),
    Access.MEMBER: ("mine",),
    Access.BROKER: ("board", "forecast", "export_board"),
}


def install(app: Flask) -> None:
    """Register the room's pages, its menu entries, and what it adds to earlier rooms' pages."""
    app.register_blueprint(deals)
    declare(app, {f"deals.{name}": access for access, names in _ROUTES.items() for name in names})
    own = Entry("deals.mine", _l("Our deals"), "desk", 16, count=mine.waiting)
    add_entries(app, [own, Entry("deals.board", _l("Board of deals"), "desk", 8)])
    within = ("deals.version", "deals.compare", "deals.new_terms", "deals.propose", "deals.form")
    for tab in (
        Tab("deals.show", _l("Overview"), 0, shown=may_see),
        Tab("deals.terms", _l("Terms of the deal"), 10, within=within),
        Tab("deals.signatures", _l("Signatures"), 20, shown=signing.sees_signatures),
        Tab("deals.papers_of", _l("Papers"), 15, shown=signing.sees_signatures),
        Tab("deals.messages", _l("Messages and files"), 30),
        Tab("deals.timeline", _l("Timeline"), 90, shown=may_see),
    ):
        add_tab(app, tab)
    display.install(app)
    papers.install(app)
    rights.install(app)
    stepping.install(app)
    entry.install(app)
