"""Pages of the room: owners, standing, licences, grants to contributors, open licences."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from tenon.actors import Actor
from tenon.rights import labels, permissions, queries
from tenon.rights.views import display, granting, keeping, offering, owning, publicity
from tenon.rights.views.blueprint import owner_name, rights
from tenon.rights.views.sections import load_of_listing, load_open
from tenon.web.access import Access, declare
from tenon.web.navigation import Entry, add_entries
from tenon.web.page_words import add_page_words
from tenon.web.requests import current_session
from tenon.web.sections import Section, add_section

__all__ = ["granting", "install", "keeping", "offering", "owning", "publicity"]

_ROUTES = {
    Access.PUBLIC: ("publicities", "published", "open_licences", "open_licence"),
    Access.SIGNED_IN: (
        "of_listing",
        "of_right",
        "owners_of_listing",
        "save_owners_of_listing",
        "owners_of_right",
        "save_owners_of_right",
        "add_annuity",
        "add_pledge",
        "add_condition",
        "add_licence",
        "end_pledge",
        "consent",
        "end_condition",
        "end_licence",
        "grants",
        "grant",
        "apply",
        "send_application",
        "step",
        "object_to",
        "answer",
        "declare",
        "save_declaration",
        "withdraw_declaration",
    ),
}


def install(app: Flask) -> None:
    """Register the pages, the menu's entries, what templates ask, and the listing's part."""
    app.register_blueprint(rights)
    declare(app, {f"rights.{name}": access for access, names in _ROUTES.items() for name in names})
    add_entries(
        app,
        [
            Entry("rights.open_licences", _l("Open licences"), "main", 45),
            Entry("rights.grants", _l("Rights for contributors"), "desk", 62, when=_has_grants),
        ],
    )
    add_section(app, "listing", Section("rights/_open_on_listing.html", load_open, order=5))
    add_section(app, "listing", Section("rights/_of_listing.html", load_of_listing, order=70))
    add_page_words(
        app,
        rights_labels=labels,
        rights_permissions=permissions,
        right_owner_name=owner_name,
        rights_words=display.point_words,
        places_words=display.places,
        fields_words=display.fields,
        share_words=display.share,
    )


def _has_grants(actor: Actor) -> bool:
    administers = any(actor.at_least("administrator", house) for house in actor.memberships)
    return administers or (
        actor.user_id is not None and queries.has_grants(current_session(), actor.user_id)
    )
