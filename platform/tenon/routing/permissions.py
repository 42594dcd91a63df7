"""Who may know of a case or a visit; the same as SQL for lists, a test holds the two together.

Who may give a case to whom depends on the tree and is asked by the services.
"""

from __future__ import annotations

import sqlalchemy as sa

from tenon.actors import Actor
from tenon.listings.models import Listing
from tenon.listings.permissions import writes_up
from tenon.listings.queries.visibility import written_up_by
from tenon.routing.models import NeedCase, Visit


def may_see_case(actor: Actor, case: NeedCase) -> bool:
    """Whether a broker may know of a case: theirs, or one that came in or lies in their sight."""
    return (
        actor.operator
        or (actor.broker and case.broker_id is not None and case.broker_id == actor.user_id)
        or (actor.broker and actor.covers(case.station_id, case.entry_station_id))
    )


def cases_in_sight(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition on ``NeedCase`` that agrees with ``may_see_case``."""
    if actor.operator:
        return sa.true()
    if not actor.broker or actor.user_id is None:
        return sa.false()
    places = sorted(actor.stations)
    return sa.or_(
        NeedCase.broker_id == actor.user_id,
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


def may_read_reply(actor: Actor, case: NeedCase) -> bool:
    """Whether the actor reads what a firm was answered: its people, and who sees the case."""
    return case.listing.organisation_id in actor.memberships or may_see_case(actor, case)
