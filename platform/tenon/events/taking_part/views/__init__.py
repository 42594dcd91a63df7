"""Pages of taking part; each module registers its routes on the one blueprint when imported."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from tenon.events.taking_part import labels
from tenon.events.taking_part.views import entry, part, people, registering, rules, seating, wishes
from tenon.events.taking_part.views.blueprint import event_people
from tenon.events.views.tabs import Tab, add_tab
from tenon.web.access import Access, declare
from tenon.web.page_words import add_page_words
from tenon.web.sections import Section, add_section

__all__ = ["install", "part", "people", "registering", "rules", "seating", "wishes"]

_ROUTES = (
    "new",
    "create",
    "edit",
    "save",
    "mine",
    "show_part",
    "take",
    "cancel",
    "bring",
    "people",
    "decide",
    "set_tables",
    "enter",
    "wishes",
    "make_wish",
    "withdraw",
    "accept",
    "ask_decline",
    "decline",
    "pair_rules",
    "make_rules",
    "remove_rules",
)


def install(app: Flask) -> None:
    """Register the room's pages, its tabs on events, and what it adds to other pages."""
    app.register_blueprint(event_people)
    declare(app, {f"event_people.{name}": Access.SIGNED_IN for name in _ROUTES})
    add_page_words(app, event_people_labels=labels)
    for tab in (
        Tab(
            "event_people.mine",
            _l("My part"),
            order=10,
            shown=entry.takes_part,
            within=("event_people.show_part", "event_people.edit", "event_people.save"),
        ),
        Tab(
            "event_people.wishes",
            _l("Whom to meet"),
            order=12,
            shown=entry.is_confirmed,
            within=("event_people.ask_decline", "event_people.decline"),
        ),
        Tab(
            "event_people.people",
            _l("Who comes"),
            order=14,
            shown=entry.sees_people,
            within=("event_people.decide", "event_people.set_tables", "event_people.enter"),
        ),
        Tab(
            "event_people.pair_rules",
            _l("Pairs"),
            order=40,
            within=("event_people.make_rules",),
        ),
    ):
        add_tab(app, tab)
    add_section(app, "event", Section("events/taking_part/_section.html", entry.on_event, order=5))
    on_listing = Section("events/taking_part/_on_listing.html", entry.on_listing, order=8)
    add_section(app, "listing", on_listing)
