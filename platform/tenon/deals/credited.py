"""Deals in the ledger of credit: the broker who closed one, and how a deal is titled there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import SYSTEM, Actor
from tenon.credit import things
from tenon.credit.services import record_act
from tenon.credit.things import Described
from tenon.deals import permissions
from tenon.deals.models import Deal
from tenon.deals.queries.deals import for_lists, visible_to
from tenon.introductions.models import Introduction


def describe(session: Session, public_ids: Sequence[str], actor: Actor) -> Mapping[str, Described]:
    """Return public id -> title and page, of those that the actor may know of."""
    rows = session.scalars(
        sa.select(Deal)
        .where(Deal.public_id.in_(public_ids), visible_to(actor))
        .options(*for_lists())
    )
    return {each.public_id: _described(each, actor) for each in rows}


def _described(deal: Deal, actor: Actor) -> Described:
    readable = permissions.may_see(actor, deal)
    path = f"/deals/{deal.public_id}" if readable else ""
    return Described(deal.title, deal.title, path, frozenset())


def credit_signed(session: Session, deal: Deal, *, now: datetime) -> None:
    """Write down that the deal's broker closed it; its introduction stands as the origin."""
    broker = None if deal.broker_id is None else session.get(User, deal.broker_id)
    if broker is None:
        return
    origin = None
    if deal.origin_kind == "introduction" and deal.origin_id is not None:
        introduction = session.get(Introduction, deal.origin_id)
        origin = None if introduction is None else ("introduction", introduction.public_id)
    record_act(
        session,
        thing=("deal", deal.public_id),
        act="closed",
        person=broker,
        concerned=[deal.seller_organisation_id, deal.buyer_organisation_id],
        by=SYSTEM,
        now=now,
        origin=origin,
    )


things.register("deal", describe)
