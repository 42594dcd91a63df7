"""Let agreed meetings follow who attends online: with a table, without one, and both told.

A meeting stays in its slot. Two online give their table back; who is on site gets one if one is
free in that slot, and the organiser sees the meetings that have none. Never commits.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import SYSTEM
from tenon.events.models import Event, Meeting, Registration
from tenon.events.timetables import seating
from tenon.events.timetables.permitting import lock
from tenon.events.timetables.reading import picture_of
from tenon.events.timetables.services import holding
from tenon.events.timetables.services.releasing import placed_of_row
from tenon.events.timetables.telling import tell_attending


def follow(session: Session, event: Event, people: Collection[int], *, now: datetime) -> int:
    """Fit the planned meetings of some people to how they attend now; return how many.

    Each counts one up for calendars, since place or link are others. The other side is told.
    """
    lock(session, event)
    picture = picture_of(session, event, now=now)
    live = holding.live_rows(session, event)
    placed = {pair: placed_of_row(picture, row) for pair, row in live.items()}
    moves = []
    for pair, row in live.items():
        if (
            row.state != "planned"
            or placed[pair].slot in picture.begun
            or not set(pair) & {*people}
        ):
            continue
        others = [each for key, each in placed.items() if key != pair]
        placed[pair] = seating.seated(picture, others, placed[pair])
        moves.append((row, placed[pair]))
    holding.put(session, picture, moves, now=now)
    for row, one in moves:
        _record(session, row, now=now)
        tell_attending(session, event, picture, one, people, now=now)
    return len(moves)


def online_in(session: Session, event: Event) -> list[int]:
    """Return those who said that they attend online, whether or not it counts at the event."""
    return list(
        session.scalars(
            sa.select(Registration.id).where(
                Registration.event_id == event.id, Registration.attends == "online"
            )
        )
    )


def _record(session: Session, meeting: Meeting, *, now: datetime) -> None:
    history.record(
        session,
        chain=("event_meeting", meeting.public_id),
        kind="attending",
        by=SYSTEM,
        now=now,
        facts={"slot": meeting.slot_id, "table": meeting.table_id},
    )
