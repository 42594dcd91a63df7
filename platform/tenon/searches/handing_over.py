"""Searches that a broker keeps for a firm go with the firm when a portfolio is handed over.

Without that they would end with the portfolio that they rest on. What somebody searches for
themselves stays theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.network.handing_over import N_, Kind, Receivers, register
from tenon.network.queries.portfolio import firms_of
from tenon.searches.models import SavedOffer, SavedSearch
from tenon.searches.permissions import may_resume
from tenon.searches.services.offering import CHAIN, free_name
from tenon.searches.services.telling import plan

LIVE = ("active", "paused")


def _for_firms(session: Session, user_id: int) -> Sequence[SavedSearch]:
    return session.scalars(
        sa.select(SavedSearch)
        .where(
            SavedSearch.user_id == user_id,
            SavedSearch.organisation_id.is_not(None),
            SavedSearch.state.in_(LIVE),
        )
        .order_by(SavedSearch.id)
    ).all()


def count(session: Session, user_id: int) -> int:
    """Return how many searches a broker keeps for firms that they look after."""
    kept = firms_of(session, user_id)
    return sum(each.organisation_id in kept for each in _for_firms(session, user_id))


def hand(session: Session, from_id: int, to: Receivers, *, by: Actor, now: datetime) -> int:
    """Give each search to who looks after its firm now, with what it found; return how many.

    Firms are given away before. One that the receiver has no right to stays, and so does not
    count: it rests on nothing any more. The limit of searches a person is for new ones.
    """
    receivers = {key: session.get_one(User, key) for key in to.keys}
    went = 0
    for search in _for_firms(session, from_id):
        receiver = receivers[to.of(search.organisation_id)]
        if may_resume(session, actor_of(receiver), search, now):
            _give(session, search, receiver, by=by, now=now)
            went += 1
    return went


def _give(
    session: Session, search: SavedSearch, receiver: User, *, by: Actor, now: datetime
) -> None:
    """Make a search somebody else's; whom its owner offered it to are offered it no more."""
    session.execute(
        sa.delete(SavedOffer)
        .where(SavedOffer.search_id == search.id)
        .execution_options(synchronize_session=False)
    )
    search.name = free_name(session, search.name, receiver.id)
    search.user = receiver
    search.version += 1
    session.flush()
    plan(session, search, now=now)
    history.record(
        session, chain=(CHAIN, search.public_id), kind="handed_over", by=by, now=now, facts={}
    )


register(Kind("saved_searches", N_("Saved searches for firms"), count, hand, order=85))
