"""Who may see which target, and how far inside; the same as SQL where lists need it.

Operators see all. A public target is everybody's, but only its own figure: what lies below it is
for those who see inside. Brokers see targets of places in their sight, of themselves, and of those
who work at a place in their sight (the head of a station those of its brokers, siblings none);
members see those of their organisation and those it leads or is responsible for.
"""

from __future__ import annotations

import sqlalchemy as sa

from tenon.actors import Actor
from tenon.insight.models import Target, TargetOrganisation
from tenon.network.models import StationMember


def may_set_targets(actor: Actor) -> bool:
    """Whether the actor sets, changes and withdraws targets."""
    return actor.operator


def sees_inside(actor: Actor, target: Target) -> bool:
    """Whether the actor may break a target's figure down and list what is behind it.

    A lead house is told the figure, not whose work of others it is made of.
    """
    if actor.operator:
        return True
    if target.scope == "station":
        return actor.broker and target.station_id in actor.stations
    if target.scope == "broker":
        own = actor.user_id is not None and target.broker_id == actor.user_id
        return own or _over(actor, target)
    if target.scope == "institution":
        return actor.role_in(target.organisation_id) is not None
    return False


def _over(actor: Actor, target: Target) -> bool:
    """Whether the broker of a target works now where the actor sees; who works nowhere: nobody."""
    return actor.broker and any(each.station_id in actor.stations for each in target.broker_places)


def may_see(actor: Actor, target: Target) -> bool:
    """Whether the actor may know of a target and its figure."""
    if target.public or sees_inside(actor, target):
        return True
    houses = {target.lead_id, *(each.id for each in target.responsible)}
    return any(actor.role_in(house) is not None for house in houses)


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that the actor may know of a target; the same as ``may_see``."""
    if actor.operator:
        return sa.true()
    ways: list[sa.ColumnElement[bool]] = [Target.public.is_(True)]
    if actor.broker and actor.stations:
        ways.append(Target.station_id.in_(sorted(actor.stations)))
        there = sa.select(StationMember.user_id).where(
            StationMember.station_id.in_(sorted(actor.stations)), StationMember.ended_at.is_(None)
        )
        ways.append(Target.broker_id.in_(there))
    if actor.user_id is not None:
        ways.append(Target.broker_id == actor.user_id)
    own = sorted(actor.memberships)
    if own:
        row = TargetOrganisation
        answers = sa.exists().where(row.target_id == Target.id, row.organisation_id.in_(own))
        ways += [Target.organisation_id.in_(own), Target.lead_id.in_(own), answers]
    return sa.or_(*ways)


def dimensions_for(actor: Actor, target: Target) -> tuple[str, ...]:
    """Return by what the actor may break a target's figure down, as far as the measure has it.

    People stand by name in a break-down by broker: for operators and for the place's own.
    """
    if not sees_inside(actor, target):
        return ()
    if actor.operator or target.scope == "station":
        return ("region", "field", "institution", "broker", "station")
    return ("region", "field")
