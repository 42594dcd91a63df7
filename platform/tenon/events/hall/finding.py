"""Parts in an event and meetings by public id, with all that the day's pages show of them.

Whoever may not know of one gets NotFound. One statement each.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.events.models import CheckIn, Event, EventTable, Meeting, Registration
from tenon.events.permissions import may_act_for, may_see_meeting


def _with_names() -> Sequence[_AbstractLoad]:
    """Return what a part is loaded with: person, organisation, group, in the same statement."""
    return (
        joinedload(Registration.user).options(lazyload(User.roles), lazyload(User.memberships)),
        joinedload(Registration.organisation),
        joinedload(Registration.group),
    )


def own_part(
    session: Session, event: Event, user_id: int | None
) -> tuple[Registration | None, CheckIn | None]:
    """Return a person's live part in an event and their check-in; either may be None."""
    row = session.execute(
        sa.select(Registration, CheckIn)
        .outerjoin(CheckIn, CheckIn.registration_id == Registration.id)
        .where(
            Registration.event_id == event.id,
            Registration.user_id == user_id,
            Registration.live_key.is_not(None),
        )
        .options(joinedload(Registration.organisation), joinedload(Registration.group))
    ).first()
    return (None, None) if row is None else (row[0], row[1])


def takes_part(session: Session, event: Event, user_id: int | None) -> bool:
    """Whether a person has a live part in an event."""
    if user_id is None:
        return False
    live = sa.exists().where(
        Registration.event_id == event.id,
        Registration.user_id == user_id,
        Registration.live_key.is_not(None),
    )
    return bool(session.scalar(sa.select(live)))


def part(session: Session, public_id: str, *, by: Actor) -> tuple[Registration, CheckIn | None]:
    """Return a part in an event, with its check-in, to whoever may act for it."""
    row = session.execute(
        sa.select(Registration, CheckIn)
        .outerjoin(CheckIn, CheckIn.registration_id == Registration.id)
        .where(Registration.public_id == public_id)
        .options(
            joinedload(Registration.event).joinedload(Event.organisation),
            *_with_names(),
        )
    ).first()
    if row is None or not may_act_for(by, row[0]):
        raise NotFound(kind="event_registration")
    return row[0], row[1]


def meeting(session: Session, public_id: str, *, by: Actor) -> Meeting:
    """Return a meeting with both who meet to whoever may know of it."""
    found = session.scalars(
        sa.select(Meeting)
        .where(Meeting.public_id == public_id)
        .options(
            joinedload(Meeting.event).joinedload(Event.organisation),
            joinedload(Meeting.slot),
            joinedload(Meeting.table).joinedload(EventTable.room),
            joinedload(Meeting.interpreter),
            joinedload(Meeting.a).options(*_with_names()),
            joinedload(Meeting.b).options(*_with_names()),
        )
    ).first()
    if found is None or not may_see_meeting(by, found):
        raise NotFound(kind="event_meeting")
    return found
