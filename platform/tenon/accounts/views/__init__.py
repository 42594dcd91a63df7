"""Pages of the room: account, organisations, members, and the operators' lists."""

from __future__ import annotations

from flask import Flask, g
from flask_babel import lazy_gettext as _l

from tenon.accounts import labels, own_data, permissions, queries
from tenon.accounts.views import account, members, operators, organisations
from tenon.accounts.views.blueprint import accounts
from tenon.actors import Actor
from tenon.taxonomy.catalogue import path_label
from tenon.web.access import Access, declare
from tenon.web.languages import language
from tenon.web.navigation import Entry, add_entries
from tenon.web.page_words import add_page_words
from tenon.web.requests import current_actor, current_session

__all__ = ["account", "install", "members", "operators", "organisations", "own_data"]

ROUTES = {
    "accounts.account": Access.SIGNED_IN,
    "accounts.change_account": Access.SIGNED_IN,
    "accounts.act_for": Access.SIGNED_IN,
    "accounts.my_data": Access.SIGNED_IN,
    "accounts.erase": Access.SIGNED_IN,
    "accounts.erase_now": Access.SIGNED_IN,
    "accounts.terms": Access.PUBLIC,
    "accounts.directory": Access.PUBLIC,
    "accounts.organisation": Access.PUBLIC,
    "accounts.new_organisation": Access.SIGNED_IN,
    "accounts.create_organisation": Access.SIGNED_IN,
    "accounts.edit_organisation": Access.SIGNED_IN,
    "accounts.save_organisation": Access.SIGNED_IN,
    "accounts.apply_again": Access.SIGNED_IN,
    "accounts.join": Access.SIGNED_IN,
    "accounts.members": Access.SIGNED_IN,
    "accounts.decide_request": Access.SIGNED_IN,
    "accounts.change_role": Access.SIGNED_IN,
    "accounts.end_membership": Access.SIGNED_IN,
    "accounts.admin_organisations": Access.OPERATOR,
    "accounts.decide_organisation": Access.OPERATOR,
    "accounts.admin_people": Access.OPERATOR,
    "accounts.grant_role": Access.OPERATOR,
    "accounts.revoke_role": Access.OPERATOR,
    "accounts.set_active": Access.OPERATOR,
    "accounts.erase_person": Access.OPERATOR,
    "accounts.erase_person_now": Access.OPERATOR,
}


def install(app: Flask) -> None:
    """Register the pages, their access, the menus and what templates ask."""
    app.register_blueprint(accounts)
    declare(app, ROUTES)
    add_entries(
        app,
        [
            Entry("accounts.directory", _l("Organisations"), "main", 60),
            Entry("accounts.admin_organisations", _l("Organisations to approve"), "desk", 80),
            Entry("accounts.admin_people", _l("People"), "desk", 85),
            Entry("accounts.account", _l("My account"), "account", 10),
        ],
    )
    add_page_words(
        app,
        account_labels=labels,
        account_permissions=permissions,
        own_organisations=own_organisations,
        place=place,
    )


def own_organisations() -> list[tuple[int, str, bool]]:
    """Return (key, name, whether acted for) of the actor's organisations, for the switcher."""
    actor = current_actor()
    if not actor.memberships:
        return []
    if "own_organisations" not in g:
        g.own_organisations = _load_own(actor)
    found: list[tuple[int, str, bool]] = g.own_organisations
    return found


def _load_own(actor: Actor) -> list[tuple[int, str, bool]]:
    return [
        (each.organisation_id, each.organisation.name(language()), acting)
        for each in queries.memberships_of(current_session(), actor.user_id or 0)
        if each.state == "active"
        for acting in [each.organisation_id == actor.organisation_id]
    ]


def place(region: str | None) -> str:
    """Return a region with what it lies in, in the page's language; empty for none."""
    return path_label("region", region, language())
