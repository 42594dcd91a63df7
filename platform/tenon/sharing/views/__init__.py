"""Pages of the room; each module registers its routes on the one blueprint when imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.deals.views.tabs import Tab, add_tab
from tenon.sharing import labels, permissions, queries
from tenon.sharing.views import answering, mine, showing, working
from tenon.sharing.views.blueprint import sharing
from tenon.web.access import Access, declare
from tenon.web.navigation import Entry, add_entries
from tenon.web.sections import Section, add_section

__all__ = ["answering", "install", "mine", "showing", "working"]

_ROUTES = (
    "of_deal",
    "open_one",
    "show",
    "cover",
    "add_cost",
    "drop_cost",
    "receipt",
    "add_contributor",
    "drop_contributor",
    "set_percentages",
    "step",
    "pay",
    "confirm",
    "dispute",
    "confirm_by_paper",
    "paper",
    "object_to",
    "answer_objection",
    "mine",
    "statement",
    "statement_pdf",
)


def install(app: Flask) -> None:
    """Register the room's pages, its menu entry, its tab and its part of a deal's page."""
    app.register_blueprint(sharing)
    declare(app, {f"sharing.{name}": Access.SIGNED_IN for name in _ROUTES})
    entry = Entry("sharing.mine", _l("My income shares"), "account", 40, count=mine.waiting)
    add_entries(app, [entry])
    tab = Tab(
        "sharing.of_deal",
        _l("Income sharing"),
        order=65,
        shown=lambda actor, deal: permissions.may_see_totals(actor, deal) and _signed(deal),
    )
    add_tab(app, tab)
    add_section(app, "deal", Section("sharing/_deal_section.html", _load, order=60))


def _signed(deal: Deal) -> bool:
    return deal.signed_on is not None


def _load(session: Session, deal: Deal, actor: Actor) -> Mapping[str, Any] | None:
    """Return what a deal's page shows: incomes and the distributions, to who may see totals."""
    if not permissions.may_see_totals(actor, deal) or not _signed(deal):
        return None
    incomes = queries.incomes(session, deal)
    rows = queries.of_deal(session, deal)
    if not incomes and not rows:
        return None
    return {
        "deal": deal,
        "incomes": incomes,
        "rows": rows[:5],
        "states": labels.STATES,
        "nav": ("sharing", _l("Income sharing")),
    }
