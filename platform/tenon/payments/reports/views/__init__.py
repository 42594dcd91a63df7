"""Pages of use reports; each module registers its routes on the one blueprint when imported."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import object_session

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.deals.views.tabs import Tab, add_tab
from tenon.payments.reports import permissions, queries
from tenon.payments.reports.views import checking, display, entry, showing, stating, writing
from tenon.payments.reports.views.blueprint import use_reports
from tenon.web.access import Access, declare

__all__ = ["checking", "display", "entry", "install", "showing", "stating", "writing"]

_ROUTES = (
    "of_deal",
    "show",
    "edit",
    "save",
    "add_lines",
    "remove_lines",
    "lines_example",
    "submit",
    "take_back",
    "query",
    "accept",
    "statement",
    "statement_pdf",
)


def install(app: Flask) -> None:
    """Register the pages and what they add to a deal's own."""
    app.register_blueprint(use_reports)
    declare(app, {f"use_reports.{name}": Access.SIGNED_IN for name in _ROUTES})
    display.install(app)
    entry.install(app)
    pages = tuple(f"use_reports.{name}" for name in ("show", "edit", "statement"))
    add_tab(app, Tab("use_reports.of_deal", _l("Use reports"), 55, _has_reports, pages))


def _has_reports(actor: Actor, deal: Deal) -> bool:
    """Whether the deal's pages have the tab: there are reports, and the actor may know of them."""
    session = object_session(deal)
    if session is None or not permissions.may_read_states(actor, deal):
        return False
    return queries.has_reports(session, deal)
