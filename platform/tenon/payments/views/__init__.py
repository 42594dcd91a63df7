"""Pages of the room; each module registers its routes on the one blueprint when imported."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.deals.views.tabs import Tab, add_tab
from tenon.payments import permissions
from tenon.payments.views import display, mine, obligation, of_deal, payment
from tenon.payments.views.blueprint import payments
from tenon.web.access import Access, declare
from tenon.web.navigation import Entry, add_entries

__all__ = ["install", "mine", "obligation", "of_deal", "payment"]

_ROUTES = {
    Access.SIGNED_IN: (
        "of_deal",
        "new",
        "save",
        "show",
        "confirm",
        "refuse",
        "take_back",
        "refund",
        "owed",
        "waive",
        "credit",
        "charge_interest",
        "issue_invoice",
        "invoice_pdf",
    ),
    Access.MEMBER: ("mine", "export"),
    Access.OPERATOR: ("totals",),
}
_WITHIN = ("payments.new", "payments.save", "payments.show", "payments.owed")


def install(app: Flask) -> None:
    """Register the room's pages, its tab and section on a deal's page, its menu entries."""
    app.register_blueprint(payments)
    declare(
        app, {f"payments.{name}": access for access, names in _ROUTES.items() for name in names}
    )
    tab = Tab("payments.of_deal", _l("Payments"), 50, shown=_has_money, within=_WITHIN)
    add_tab(app, tab)
    add_entries(
        app,
        [
            Entry("payments.mine", _l("Receivables and payables"), "desk", 19),
            Entry("payments.totals", _l("Payments in figures"), "desk", 78),
        ],
    )
    display.install(app)


def _has_money(actor: Actor, deal: Deal) -> bool:
    return deal.signed_on is not None and permissions.may_read_states(actor, deal)
