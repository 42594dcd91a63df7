"""Pages of the room; each module registers its routes on the one blueprint when imported."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from tenon.actors import Actor
from tenon.deals import forms, permissions
from tenon.deals.models import Deal
from tenon.deals.views.tabs import Tab, add_tab
from tenon.equity.views import agreements, company, deal, display, recording, steps, trying
from tenon.equity.views.blueprint import equity
from tenon.web.access import Access, declare
from tenon.web.navigation import Entry, add_entries

__all__ = ["agreements", "company", "deal", "install", "recording", "steps", "trying"]

_ROUTES = {
    Access.SIGNED_IN: (
        "of_deal",
        "open_table",
        "record_appraisal",
        "ask_holders",
        "answer_first_call",
        "answer_own",
        "show",
        "event",
        "record",
        "save_event",
        "strike",
        "articles",
        "what_if",
        "agreement",
        "exercise",
        "end_grant",
        "confirm",
        "withdraw",
    ),
    Access.EDITOR: ("mine",),
}


def install(app: Flask) -> None:
    """Register the room's pages, its menu entry, its tab and section on a deal's pages."""
    app.register_blueprint(equity)
    declare(app, {f"equity.{name}": access for access, names in _ROUTES.items() for name in names})
    add_entries(app, [Entry("equity.mine", _l("Our equity"), "desk", 60)])
    add_tab(app, Tab("equity.of_deal", _l("Equity"), 60, shown=_has_equity))
    display.install(app)
    deal.install(app)


def _has_equity(actor: Actor, deal: Deal) -> bool:
    return permissions.may_read(actor, deal) and forms.get(deal.form).equity is not None
