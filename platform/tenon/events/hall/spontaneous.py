"""Meetings agreed on the spot: two people by code or name, the first place that suits both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.events.hall.arriving import plain
from tenon.events.models import Event, EventSlot, EventTable, Meeting, Registration
from tenon.events.permissions import may_run
from tenon.events.timetables import services as timetables

TRIES = 3
"""How often the next place is tried where somebody takes the one found meanwhile."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A meeting that was agreed on, with its slot and table."""

    meeting: Meeting
    slot: EventSlot
    table: EventTable | None


def whom(session: Session, event: Event, said: str, field: str) -> Registration:
    """Return who is meant by a code or a name.

    A part of a name is enough where it fits one person. Raises Invalid at ``field``: ``required``,
    ``nobody``, ``several``.
    """
    words = said.strip()
    if not words:
        raise Invalid({field: "required"})
    confirmed = sa.and_(Registration.event_id == event.id, Registration.state == "confirmed")
    by_code = session.scalars(
        sa.select(Registration).where(
            confirmed, sa.func.lower(Registration.code) == plain(words)[:40]
        )
    ).first()
    if by_code is not None:
        return by_code
    named = session.execute(
        sa.select(Registration, User.name)
        .join(User, User.id == Registration.user_id)
        .where(confirmed)
    ).all()
    wanted = words.casefold()
    exact = [part for part, name in named if name.casefold() == wanted]
    found = exact or [part for part, name in named if wanted in name.casefold()]
    if len(found) != 1:
        raise Invalid({field: "several" if found else "nobody"})
    return found[0]


def place(
    session: Session,
    event: Event,
    first: Registration,
    second: Registration,
    *,
    by: Actor,
    now: datetime,
) -> Placed:
    """Let two meet at the first place that suits both; both are told.

    Raises:
        Forbidden: the actor does not organise the event.
        Invalid: ``second``: ``same_person``; it is one and the same.
        Conflict: ``pair_twice``, they have a meeting already; ``no_place``, nothing is free for
            both today or later.
        Blocked: they could meet, but for conflicts that the event does not let pass.
    """
    if not may_run(by, event):
        raise Forbidden("not_allowed")
    if first.id == second.id:
        raise Invalid({"second": "same_person"})
    for _ in range(TRIES):
        found = timetables.offers(session, event, first, second, now=now)
        if not found:
            _say_why(session, event, first, second, now)
        slot, table = found[0]
        try:
            made, _others = timetables.place_ad_hoc(
                session, event, first, second, timetables.Where(slot, table), by=by, now=now
            )
        except Conflict as error:
            if error.code != "slot_taken":
                raise
            continue
        return _placed(session, made)
    raise Conflict("no_place", kind="event_meeting")


def _say_why(
    session: Session, event: Event, first: Registration, second: Registration, now: datetime
) -> NoReturn:
    """Raise why nothing was offered: a meeting that they have, a rule, or no place left."""
    a, b = sorted((first.id, second.id))
    live = sa.select(Meeting.id).where(
        Meeting.event_id == event.id,
        Meeting.a_id == a,
        Meeting.b_id == b,
        Meeting.live_pair.is_not(None),
    )
    if session.scalar(live) is not None:
        raise Conflict("pair_twice", kind="event_meeting")
    found = timetables.kept_apart(session, event, first, second, now=now)
    if found:
        raise timetables.Blocked(found)
    raise Conflict("no_place", kind="event_meeting")


def _placed(session: Session, meeting: Meeting) -> Placed:
    row = session.execute(
        sa.select(EventSlot, EventTable)
        .join(Meeting, Meeting.slot_id == EventSlot.id)
        .outerjoin(EventTable, EventTable.id == Meeting.table_id)
        .where(Meeting.id == meeting.id)
        .options(joinedload(EventTable.room))
    ).one()
    return Placed(meeting, row[0], row[1])
