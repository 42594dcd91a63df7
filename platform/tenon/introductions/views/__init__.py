"""Pages of the room; each module registers its routes on the one blueprint when imported."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from tenon.introductions.views import (
    agreement,
    answering,
    asking,
    board,
    checking,
    display,
    entry,
    many,
    proposing,
    showing,
)
from tenon.introductions.views.blueprint import introductions
from tenon.web.access import Access, declare
from tenon.web.navigation import Entry, add_entries

__all__ = [
    "agreement",
    "answering",
    "asking",
    "board",
    "checking",
    "display",
    "entry",
    "install",
    "many",
    "proposing",
    "showing",
]

_ROUTES = {
    # Asked by those whose sign-in has run out while they wrote, too: what they wrote is kept.
    Access.PUBLIC: ("create",),
    Access.SIGNED_IN: (
        "show",
        "answer",
        "save_answer",
        "message",
        "ask_back",
        "reply",
        "decline",
        "turn_down",
        "accept",
        "withdraw",
        "end",
        "agreement",
        "confirm",
        "demand",
        "agreement_text",
        "agreement_pdf",
    ),
    Access.MEMBER: ("mine",),
    Access.EDITOR: ("new",),
    Access.BROKER: (
        "board",
        "many",
        "export_board",
        "check",
        "judge",
        "propose",
        "send_proposals",
    ),
}


def install(app: Flask) -> None:
    """Register the room's pages, its menu entry, and what it adds to earlier rooms' pages."""
    app.register_blueprint(introductions)
    # An expired form must not cost anybody the three answers; the form looks for itself.
    app.extensions["csrf"].exempt(asking.create)
    declare(
        app,
        {f"introductions.{name}": access for access, names in _ROUTES.items() for name in names},
    )
    entry_of = Entry("introductions.mine", _l("Our introductions"), "desk", 15, count=entry.waiting)
    board_entry = Entry("introductions.board", _l("Introductions board"), "desk", 7)
    add_entries(app, [entry_of, board_entry])
    display.install(app)
    entry.install(app)
    checking.install(app)
    proposing.install(app)
