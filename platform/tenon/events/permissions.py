"""Who may see and do what at an event; every room of events asks here.

``queries.visible_to`` says the same as ``may_see`` in SQL; a test holds them together.
"""

from __future__ import annotations

from tenon.actors import Actor
from tenon.events.models import Event, Meeting, Registration


def may_run(actor: Actor, event: Event) -> bool:
    """Whether the actor organises the event: its broker, editors of the host, operators."""
    return (
        actor.operator
        or actor.system
        or (actor.broker and actor.user_id == event.owner_id)
        or actor.at_least("editor", event.organisation_id)
    )


def may_set_up(actor: Actor) -> bool:
    """Whether the actor may set up events at all: brokers and operators acting for a body."""
    return (actor.broker or actor.operator) and actor.signed_in


def may_see(actor: Actor, event: Event) -> bool:
    """Whether the actor may know of the event: everybody once it is public."""
    return event.state != "draft" or may_run(actor, event)


def is_self(actor: Actor, registration: Registration) -> bool:
    """Whether the registration is the actor's own."""
    return actor.user_id is not None and registration.user_id == actor.user_id


def may_act_for(actor: Actor, registration: Registration) -> bool:
    """Whether the actor may answer for somebody: self, their house's editors, the organiser."""
    return (
        is_self(actor, registration)
        or actor.at_least("editor", registration.organisation_id)
        or may_run(actor, registration.event)
    )


def takes_part_in(actor: Actor, meeting: Meeting) -> bool:
    """Whether the actor is one of the two who meet."""
    return is_self(actor, meeting.a) or is_self(actor, meeting.b)


def may_see_meeting(actor: Actor, meeting: Meeting) -> bool:
    """Whether the actor may know of a meeting: who acts for one of the two, and the organiser."""
    return may_act_for(actor, meeting.a) or may_act_for(actor, meeting.b)


def may_read_contact(actor: Actor, registration: Registration, *, meets: bool) -> bool:
    """Whether the actor may read somebody's contact data.

    ``meets``: the actor has an agreed meeting with them; then it takes their consent.
    """
    return may_act_for(actor, registration) or (meets and registration.shows_contact)
