"""The deal's first page: what it is, what comes next, and the parts that later rooms add."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import render_template

from tenon.accounts.models import User
from tenon.deals import permissions, timeline
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms, proposed_terms
from tenon.deals.views import display, outlook
from tenon.deals.views.blueprint import deals, seen_deal
from tenon.web.requests import current_actor, current_session
from tenon.web.sections import sections

LATEST = 5


@deals.get("/<public_id>")
def show(public_id: str) -> str:
    """Show a deal; who may know of it only sees its figures, no terms."""
    return page_of(seen_deal(public_id))


def page_of(deal: Deal, **more: Any) -> str:
    """Return the deal's first page; ``more`` goes to its template."""
    session, actor = current_session(), current_actor()
    readable = permissions.may_read(actor, deal)
    ahead = outlook.ahead(session, deal, actor) if readable else []
    turn = outlook.with_what_is_ready(outlook.turn_of(session, deal), ahead)
    side = permissions.side_of(actor, deal)
    parts = sections("deal", session, deal, actor)
    contents = [shown["nav"] for _template, shown in parts if "nav" in shown]
    return render_template(
        "deals/show.html",
        deal=deal,
        turn=turn,
        turn_words=display.turn_words(deal, turn, side),
        awaited=side in turn.sides,
        ahead=ahead,
        others=outlook.others(deal, actor),
        agreed=accepted_terms(session, deal) if readable else None,
        proposed=proposed_terms(session, deal) if readable else None,
        people=people_of(deal) if readable else {},
        latest=timeline.line(session, deal, actor)[:LATEST],
        sections=parts,
        contents=contents,
        **more,
    )


def people_of(deal: Deal) -> Mapping[str, User]:
    """Return seller, buyer, broker -> the person, where one is named and still there."""
    wanted = {
        "seller": deal.seller_user_id,
        "buyer": deal.buyer_user_id,
        "broker": deal.broker_id,
    }
    rows = current_session().scalars(
        sa.select(User)
        .where(User.id.in_(set(wanted.values()) - {None}), User.erased_at.is_(None))
        .options(sa.orm.lazyload(User.roles), sa.orm.lazyload(User.memberships))
    )
    users = {user.id: user for user in rows}
    return {role: users[key] for role, key in wanted.items() if key in users}
