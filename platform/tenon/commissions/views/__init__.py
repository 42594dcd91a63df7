"""Pages of the room; each module registers its routes on the one blueprint when imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.commissions import labels, permissions
from tenon.commissions.queries import lists
from tenon.commissions.queries.accounts import agreements, of_deal
from tenon.commissions.views import deal_page, doing, many, mine, received
from tenon.commissions.views.blueprint import commissions
from tenon.deals.models import Deal
from tenon.deals.views.tabs import Tab, add_tab
from tenon.web.access import Access, declare
from tenon.web.navigation import Entry, add_entries
from tenon.web.page_words import add_page_words
from tenon.web.requests import READS_ON_POST, current_session
from tenon.web.sections import Section, add_section

__all__ = ["deal_page", "doing", "install", "many", "mine", "received"]

_ROUTES = (
    "of_deal",
    "deal_csv",
    "propose",
    "agree",
    "decline",
    "end",
    "withdraw",
    "propose_shares",
    "share",
    "confirm_share",
    "dispute_share",
    "pay",
    "receive",
    "contest",
    "take_back",
    "to_pay",
    "preview",
    "pay_many",
    "received",
    "mine",
    "mine_csv",
    "of_year",
    "issue",
)


def install(app: Flask) -> None:
    """Register the room's pages, its menu entry, its tab and its part of a deal's page."""
    # Making a file or a preview must not hold a writer's place.
    READS_ON_POST.update({"commissions.issue", "commissions.preview"})
    app.register_blueprint(commissions)
    declare(app, {f"commissions.{name}": Access.SIGNED_IN for name in _ROUTES})
    entry = Entry(
        "commissions.mine", _l("Commission"), "desk", 68, when=mine.has_any, count=mine.waiting
    )
    add_entries(app, [entry])
    add_tab(app, Tab("commissions.of_deal", _l("Commission"), order=67, shown=_shown))
    add_section(app, "deal", Section("commissions/_deal_section.html", _load, order=62))
    add_page_words(app, commission_labels=labels)


def _shown(actor: Actor, deal: Deal) -> bool:
    if permissions.sees_whole(actor, deal):
        return True
    return lists.concerns(current_session(), deal, actor)


def _load(session: Session, deal: Deal, actor: Actor) -> Mapping[str, Any] | None:
    """Return what a deal's page shows: the agreements that the actor may read, what is open."""
    whole = permissions.sees_whole(actor, deal)
    found = [
        each
        for each in agreements(session, deal)
        if each.state in ("proposed", "agreed") and permissions.may_see_agreement(actor, each)
    ]
    if not found and not whole:
        return None
    sides = permissions.sides_of(actor, deal)
    open_: dict[str, int] = {}
    for account in of_deal(session, deal):
        if whole or account.side in sides:
            open_[account.currency] = open_.get(account.currency, 0) + account.open
    return {
        "deal": deal,
        "agreements": found,
        "open": {currency: minor for currency, minor in sorted(open_.items()) if minor},
        "nav": ("commission", _l("Commission")),
    }
