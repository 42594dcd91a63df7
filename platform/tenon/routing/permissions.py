"""Who may know of a case or a visit; the same as SQL for lists, a test holds the two together.

Who may give a case to whom depends on the tree and is asked by the services.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import object_session

from tenon.actors import Actor
from tenon.listings.models import Listing
from tenon.listings.permissions import writes_up
from tenon.listings.queries.visibility import written_up_by
from tenon.network.queries.people import stands_in_for, stood_in_for
from tenon.routing.models import NeedCase, Visit


def may_see_case(actor: Actor, case: NeedCase, *, today: date) -> bool:
    """Whether a broker may know of a case.

    Theirs, one that came in or lies in their sight, one of somebody for whom they stand in today.
    """
    return (
        actor.operator
        or (actor.broker and case.broker_id is not None and case.broker_id == actor.user_id)
        or (actor.broker and actor.covers(case.station_id, case.entry_station_id))
        or stands_in(actor, case, today=today)
    )


def stands_in(actor: Actor, case: NeedCase, *, today: date) -> bool:
    """Whether the actor stands in today for the broker who looks after a case."""
    session = object_session(case)
    if session is None or not actor.broker or actor.user_id is None or case.broker_id is None:
        return False
    return case.broker_id in stands_in_for(session, actor.user_id, today)


def cases_in_sight(actor: Actor, *, today: date) -> sa.ColumnElement[bool]:
    """Return the condition on ``NeedCase`` that agrees with ``may_see_case``."""
    if actor.operator:
        return sa.true()
    if not actor.broker or actor.user_id is None:
        return sa.false()
    places = sorted(actor.stations)
    return sa.or_(
        NeedCase.broker_id == actor.user_id,
        NeedCase.broker_id.in_(stood_in_for(actor.user_id, today)),
        NeedCase.station_id.in_(places),
        NeedCase.entry_station_id.in_(places),
    )


def may_see_visit(actor: Actor, visit: Visit) -> bool:
    """Whether a broker may read a visit.

    Who made it, those above the place it belongs to, and who writes its need up for the firm.
    """
    return (
        actor.operator
        or (actor.broker and visit.broker_id is not None and visit.broker_id == actor.user_id)
        or (actor.broker and visit.station_id is not None and visit.station_id in actor.stations)
        or (visit.listing is not None and writes_up(actor, visit.listing))
    )


def visits_in_sight(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition on ``Visit`` that agrees with ``may_see_visit``."""
    if actor.operator:
        return sa.true()
    if not actor.broker or actor.user_id is None:
        return sa.false()
    written_up = sa.select(Listing.id).where(written_up_by(actor))
    return sa.or_(
        Visit.broker_id == actor.user_id,
        Visit.station_id.in_(sorted(actor.stations)),
        Visit.listing_id.in_(written_up),
    )
