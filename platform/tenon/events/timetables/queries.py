"""Drafts by public id, for whoever organises the event; and what their pages show.

Knows no page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.actors import Actor
from tenon.errors import Forbidden, NotFound
from tenon.events.models import Event, EventInterpreter, EventTable, Meeting, TimetableDraft
from tenon.events.permissions import may_run, may_see
from tenon.events.queries import tables_of


def find_draft(session: Session, public_id: str, *, by: Actor) -> TimetableDraft:
    """Return a draft for who organises its event.

    Raises NotFound where the event is hidden from the actor, Forbidden for all others.
    """
    found = session.scalars(
        sa.select(TimetableDraft)
        .where(TimetableDraft.public_id == public_id)
        .options(joinedload(TimetableDraft.event).joinedload(Event.organisation))
    ).first()
    if found is None or not may_see(by, found.event):
        raise NotFound(kind="event_timetable")
    if not may_run(by, found.event):
        raise Forbidden("not_allowed")
    return found


def drafts_of(session: Session, event: Event) -> Sequence[TimetableDraft]:
    """Return an event's drafts, the newest first."""
    return session.scalars(
        sa.select(TimetableDraft)
        .where(TimetableDraft.event_id == event.id)
        .order_by(TimetableDraft.number.desc())
    ).all()


def find_meeting(session: Session, event: Event, public_id: str) -> Meeting:
    """Return one of an event's meetings; raises NotFound for any other."""
    found = session.scalars(
        sa.select(Meeting).where(Meeting.event_id == event.id, Meeting.public_id == public_id)
    ).first()
    if found is None:
        raise NotFound(kind="event_meeting")
    return found


@dataclass(frozen=True, slots=True)
class Venue:
    """Tables and interpreters with their names.

    Attributes:
        tables: in order of rooms.
        helpers: interpreter's id -> name.
    """

    tables: Sequence[EventTable]
    helpers: Mapping[int, str]

    def places(self, language: str) -> Mapping[int, tuple[str, str]]:
        """Return table's id -> (room, table)."""
        return {one.id: (one.room.name(language), one.name) for one in self.tables}


def venue_of(session: Session, event: Event) -> Venue:
    """Return an event's tables and interpreters."""
    helpers = session.execute(
        sa.select(EventInterpreter.id, EventInterpreter.name).where(
            EventInterpreter.event_id == event.id
        )
    )
    return Venue(tables_of(session, event), {row.id: row.name for row in helpers})
