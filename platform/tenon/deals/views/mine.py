"""An organisation's own deals, what waits for it first."""

from __future__ import annotations

from flask import g, render_template, request

from tenon.deals import permissions
from tenon.deals.queries import inbox
from tenon.deals.views import display, outlook
from tenon.deals.views.blueprint import deals
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session

SIDES = ("", "seller", "buyer")


@deals.get("")
def mine() -> str:
    """List the deals of the organisation acted for."""
    session, actor = current_session(), current_actor()
    side = request.args.get("side") if request.args.get("side") in SIDES else None
    group = request.args.get("group") if request.args.get("group") in inbox.GROUPS else None
    counts = inbox.group_counts(session, by=actor, side=side)
    number = requested_page()
    rows = inbox.inbox(
        session,
        by=actor,
        side=side,
        group=group,
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
    )
    total = counts[group] if group else sum(counts.values())
    found = [deal for deal, _waits in rows]
    waiting = inbox.waiting_versions(session, found)
    told = []
    for deal, waits in rows:
        own = permissions.side_of(actor, deal)
        turn = outlook.short_turn(deal, waiting.get(deal.id), own if waits else None)
        told.append((deal, waits, own, display.turn_words(deal, turn, own)))
    return render_template(
        "deals/mine.html",
        page=Page(told, number, PAGE_SIZE, total),
        counts={"all": sum(counts.values()), **counts},
        group=group or "all",
        side=side or "",
    )


def waiting() -> int:
    """Return how many deals wait for the organisation acted for; for the menu."""
    if "deals_waiting" not in g:  # the menu is drawn for wide and for narrow screens
        g.deals_waiting = inbox.waiting_count(current_session(), by=current_actor())
    found: int = g.deals_waiting
    return found
