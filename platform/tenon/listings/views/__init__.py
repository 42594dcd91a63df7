"""Pages of the room; each module registers its routes on the one blueprint when imported."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from tenon.listings import labels, permissions
from tenon.listings.views import (
    disclosing,
    experts,
    files,
    fragments,
    organisation,
    own_remarks,
    reading,
    reviewing,
    steps,
    writing,
)
from tenon.listings.views.blueprint import listings
from tenon.listings.views.display import install as install_display
from tenon.web.access import Access, declare
from tenon.web.navigation import Entry, add_entries
from tenon.web.page_words import add_page_words
from tenon.web.sections import Section, add_section

__all__ = [
    "disclosing",
    "experts",
    "files",
    "fragments",
    "install",
    "organisation",
    "own_remarks",
    "reading",
    "reviewing",
    "steps",
    "writing",
]

_ROUTES = {
    Access.PUBLIC: ("show", "ip_right", "expert", "start", "file"),
    Access.SIGNED_IN: (
        "detail",
        "edit",
        "save",
        "step",
        "renewal",
        "renew",
        "history",
        "versions",
        "files",
        "add_file",
        "remove_file",
        "access",
        "grant",
        "end_grant",
        "my_page",
        "save_my_page",
        "edit_expert",
        "save_expert",
        "claim",
        "save_claim",
        "claims",
        "decide_claim",
        "requirements_preview",
        "similar",
    ),
    Access.MEMBER: ("mine",),
    Access.EDITOR: ("new", "create"),
    Access.BROKER: (
        "review_queue",
        "review",
        "judge",
        "take",
        "own_remarks",
        "keep_remark",
        "change_remark",
    ),
}


def install(app: Flask) -> None:
    """Register the room's pages, menu entries and what its templates ask."""
    app.register_blueprint(listings)
    declare(
        app,
        {f"listings.{name}": access for access, names in _ROUTES.items() for name in names},
    )
    add_entries(
        app,
        [
            Entry("listings.mine", _l("My listings"), "desk", 10),
            Entry("listings.review_queue", _l("Review queue"), "desk", 20),
            Entry("listings.my_page", _l("My expert page"), "account", 30),
        ],
    )
    add_section(
        app, "organisation", Section("listings/of_organisation.html", organisation.load, order=20)
    )
    add_page_words(
        app,
        label=labels.label,
        listing_labels=labels,
        listing_permissions=permissions,
        kept_text=writing.kept_text,
    )
    install_display(app)
