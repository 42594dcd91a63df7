"""Pages of the room: kept searches, and the buttons on other pages that lead to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.listings.models import Listing
from tenon.searches.permissions import may_keep_of
from tenon.searches.queries import count_new
from tenon.searches.views import keeping, offering, showing
from tenon.searches.views.blueprint import searches
from tenon.web.access import Access, declare
from tenon.web.navigation import Entry, add_entries
from tenon.web.requests import current_actor, current_session, request_now
from tenon.web.sections import Section, add_section

__all__ = ["install", "keeping", "offering", "showing"]

_ROUTES = (
    "mine", "new", "keep", "show", "seen", "change", "change_now", "pause", "resume", "drop",
    "offer", "take_back_offer", "adopt",
)  # fmt: skip
_CARRIED = 400
"""A text of up to so many characters may stand in an address, for those who sign in first."""


def install(app: Flask) -> None:
    """Register the room's pages, its buttons and its entry in the menu."""
    app.register_blueprint(searches)
    declare(app, {f"searches.{name}": Access.SIGNED_IN for name in _ROUTES})
    add_section(app, "search", Section("searches/_of_search.html", _of_search))
    add_section(app, "box", Section("searches/_of_box.html", _of_box))
    add_section(app, "listing.matches", Section("searches/_of_listing.html", _of_listing))
    add_entries(
        app,
        [Entry("searches.mine", _l("Saved searches"), "desk", 35, count=_count)],
    )


def _count() -> int:
    user_id = current_actor().user_id
    return 0 if user_id is None else count_new(current_session(), user_id, now=request_now())


def _of_search(session: Session, asked: Any, actor: Actor) -> Mapping[str, Any] | None:  # noqa: ARG001  # the register's form
    """Return what the search page shows: a button, once something is asked."""
    if not asked.text and not asked.narrowed:
        return None
    values = dict(asked.address())
    values.pop("sort", None)
    return {"carried": values}


def _of_box(session: Session, asked: Any, actor: Actor) -> Mapping[str, Any] | None:  # noqa: ARG001  # the register's form
    """Return what the box's answer shows: a button; a long text needs somebody signed in."""
    if asked.problem or (not actor.signed_in and len(asked.text) > _CARRIED):
        return None
    return {"signed_in": actor.signed_in}


def _of_listing(session: Session, listing: Listing, actor: Actor) -> Mapping[str, Any] | None:  # noqa: ARG001  # the register's form
    """Return what the page of a listing's matches shows to those who may be told of them."""
    return {"listing": listing} if may_keep_of(actor, listing, request_now()) else None
