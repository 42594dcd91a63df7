"""Pages of the room: the simulator for a deal or a listing, and the settings that were kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.permissions import may_read
from tenon.deals.views.tabs import Tab, add_tab
from tenon.listings.models import Listing
from tenon.simulations.mapping import mapping
from tenon.simulations.views import keeping, showing
from tenon.simulations.views.blueprint import simulations
from tenon.web.access import Access, declare
from tenon.web.sections import Section, add_section

__all__ = ["install", "keeping", "showing"]

_ROUTES = ("of_deal", "of_listing", "mine", "keep_deal", "keep_listing", "take", "drop")


def install(app: Flask) -> None:
    """Register the room's pages, its tab on deals and its button on results."""
    mapping()  # a term that a form no longer has must show when the site starts
    app.register_blueprint(simulations)
    declare(app, {f"simulations.{name}": Access.SIGNED_IN for name in _ROUTES})
    add_tab(app, Tab("simulations.of_deal", _l("Simulator"), order=45, shown=may_read))
    add_section(app, "listing.actions", Section("simulations/_button.html", _load, order=45))


def _load(session: Session, listing: Listing, actor: Actor) -> Mapping[str, Any] | None:  # noqa: ARG001  # the register's form
    """Return what a result's page shows: a button to the simulator, for who is signed in."""
    if not actor.signed_in or listing.side != "achievement":
        return None
    return {"listing": listing}
