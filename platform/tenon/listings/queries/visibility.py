"""Which listings and experts an actor may know of, as SQL; the same as ``permissions.may_see``.

Reads nothing by itself: other queries, here and in later rooms, add these conditions.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from tenon.actors import Actor
from tenon.listings.models import Expert, Listing
from tenon.listings.permissions import UNSUBMITTED_STATES
from tenon.listings.states import PUBLIC_STATES
from tenon.network.models import PortfolioFirm
from tenon.network.queries.portfolio import LIVE


def is_public(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that anybody may read a listing at ``now``."""
    return sa.and_(
        Listing.state.in_(PUBLIC_STATES),
        sa.or_(Listing.expires_at.is_(None), Listing.expires_at > now),
    )


def visible_to(actor: Actor, *, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that the actor may know of a listing.

    Everybody: what is public and not expired. Members: all of their organisations' own. Brokers:
    also whatever was handed in for review once, is no draft now and lies where they see it, and
    what they write up for a firm. Operators: everything.
    """
    if actor.operator:
        return sa.true()
    conditions = [is_public(now)]
    if actor.memberships:
        conditions.append(Listing.organisation_id.in_(sorted(actor.memberships)))
    if actor.broker:
        conditions += [on_desk(actor), written_up_by(actor)]
    return sa.or_(*conditions)


def written_up_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that agrees with ``permissions.writes_up``, for who is no member."""
    kept = sa.select(PortfolioFirm.organisation_id).where(
        PortfolioFirm.broker_id == actor.user_id, LIVE
    )
    return sa.and_(
        Listing.collected,
        sa.or_(Listing.broker_id == actor.user_id, Listing.organisation_id.in_(kept)),
    )


def on_desk(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that a listing was handed in to brokers and lies where this one sees."""
    handed_in = sa.or_(Listing.submitted_at.is_not(None), Listing.published_at.is_not(None))
    return sa.and_(Listing.state.not_in(UNSUBMITTED_STATES), handed_in, in_sight(actor))


def in_sight(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that a listing lies where a broker sees it; as in ``permissions``."""
    places = sorted(actor.stations)
    return sa.or_(
        sa.and_(Listing.station_id.is_(None), Listing.handling_station_id.is_(None)),
        Listing.station_id.in_(places),
        Listing.handling_station_id.in_(places),
        Listing.broker_id == actor.user_id,
        Listing.author_id == actor.user_id,
    )


def experts_visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that the actor may read an expert's page."""
    if actor.operator:
        return sa.true()
    conditions: list[sa.ColumnElement[bool]] = [Expert.published.is_(True)]
    if actor.user_id is not None:
        conditions.append(Expert.user_id == actor.user_id)
    administered = sorted(o for o in actor.memberships if actor.at_least("administrator", o))
    if administered:
        conditions.append(Expert.organisation_id.in_(administered))
    return sa.or_(*conditions)
