"""``may_know_name`` and ``may_know_listing`` in SQL: no filter finds what its reader may not know.

Must not know lanes or pages. A test holds the two together.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tenon.actors import Actor
from tenon.listings.models import Listing


def named_to(actor: Actor, row: Any, side: str) -> sa.ColumnElement[bool]:
    """Return the condition that the actor may learn which organisation stands on ``side``.

    ``row`` is Introduction or what has its columns.
    """
    if actor.operator:
        return sa.true()
    listing_id = row.own_listing_id if side == "from" else row.listing_id
    hidden = _anonymous(listing_id)
    kept_back = sa.or_(row.unnamed.is_(True), hidden) if side == "from" else hidden
    known = [sa.not_(kept_back), _concerned_and_open(actor, row)]
    if actor.memberships:
        house = row.from_organisation_id if side == "from" else row.to_organisation_id
        known.append(house.in_(sorted(actor.memberships)))
    if actor.broker:
        known.append(_of_listing(Listing.broker_id, listing_id) == actor.user_id)
    return sa.or_(*known)


def own_title_open(actor: Actor, row: Any) -> sa.ColumnElement[bool]:
    """Return the condition that the interested side's listing may be shown to the actor.

    A side that keeps its name back beside a listing that carries it would be named by the title.
    """
    return sa.or_(_anonymous(row.own_listing_id), named_to(actor, row, "from"))


def _anonymous(listing_id: Any) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(_of_listing(Listing.anonymous, listing_id), sa.false())


def _of_listing(column: Any, listing_id: Any) -> sa.ScalarSelect[Any]:
    """Return one column of a row's listing: looked up row by row.

    An EXISTS would be read by PostgreSQL as a set of all listings that fit, for a few rows.
    """
    return sa.select(column).where(Listing.id == listing_id).scalar_subquery()


def _concerned_and_open(actor: Actor, row: Any) -> sa.ColumnElement[bool]:
    concerned = []
    if actor.broker or actor.operator:
        concerned += [row.broker_id == actor.user_id, row.proposer_id == actor.user_id]
    if actor.memberships:
        houses = sorted(actor.memberships)
        concerned += [row.from_organisation_id.in_(houses), row.to_organisation_id.in_(houses)]
    if not concerned:
        return sa.false()
    return sa.and_(row.opened_at.is_not(None), sa.or_(*concerned))
