"""Who may say what came of a meeting, read what was said, and take it further."""

from __future__ import annotations

from collections.abc import Sequence

from tenon.actors import Actor
from tenon.events.models import Meeting, Registration
from tenon.events.permissions import is_self, may_run


def sides(meeting: Meeting) -> tuple[Registration, Registration]:
    """Return the two who meet."""
    return meeting.a, meeting.b


def other_of(meeting: Meeting, registration: Registration) -> Registration:
    """Return the one whom ``registration`` meets."""
    return meeting.b if registration.id == meeting.a_id else meeting.a


def speaks_for(actor: Actor, registration: Registration) -> bool:
    """Whether the actor may say what came of a meeting for this side.

    The person alone: a rating is theirs. Where the account is gone, their house's editors.
    """
    if registration.user_id is not None:
        return is_self(actor, registration)
    return actor.at_least("editor", registration.organisation_id)


def own_side(actor: Actor, meeting: Meeting) -> Registration | None:
    """Return the side that the actor speaks for; None for the organiser and for strangers."""
    return next((each for each in sides(meeting) if speaks_for(actor, each)), None)


def readable(actor: Actor, meeting: Meeting) -> Sequence[Registration]:
    """Return the sides whose outcome the actor may read: both for the organiser, else the own."""
    if may_run(actor, meeting.event):
        return sides(meeting)
    own = own_side(actor, meeting)
    return () if own is None else (own,)


def acting_side(actor: Actor, meeting: Meeting) -> Registration | None:
    """Return the side for whose organisation the actor may begin something, if any.

    The own part comes first, then that of a house whose editor the actor is.
    """
    found = [each for each in sides(meeting) if actor.at_least("editor", each.organisation_id)]
    return next((each for each in found if is_self(actor, each)), found[0] if found else None)
