"""An event with its organiser, people, wishes and drafts, for the room's tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.events.models import (
    DraftMeeting,
    Event,
    EventSlot,
    EventTable,
    Meeting,
    Registration,
    Seat,
    TimetableDraft,
)
from tests.factories import events
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)

NOW = events.START.replace(month=6, day=28)
"""Three days before the event."""


@dataclass
class Cast:
    """An event and those around it."""

    event: Event
    people: dict[str, User]
    researchers: list[Registration] = field(default_factory=list)
    companies: list[Registration] = field(default_factory=list)
    actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, role: str) -> Actor:
        """A role as an actor: broker, editor, researcher, company, stranger, operator."""
        return self.actors[role]

    def slots(self, session: Session) -> Sequence[EventSlot]:
        """The event's slots in order."""
        return events.slots(session, self.event)

    def tables(self) -> list[EventTable]:
        """The event's tables in order."""
        return self.event.rooms[0].tables


def make_cast(
    session: Session, *, each: int = 4, slots: int = 4, tables: int = 3, **columns: Any
) -> Cast:
    """An open event of some researchers and as many companies; the first two wish to meet all."""
    house = make_organisation(session, name_en="Host Institute")
    broker = grant_role(session, make_user(session, name="Broker"), "broker")
    editor, stranger = make_user(session, name="Editor"), make_user(session, name="Stranger")
    make_membership(session, editor, house, "editor")
    other = make_organisation(session)
    make_membership(session, stranger, other, "administrator")
    event = events.make_event(
        session, organisation=house, owner=broker, slots=slots, tables=tables, **columns
    )
    made = Cast(
        event,
        {
            "broker": broker,
            "editor": editor,
            "stranger": stranger,
            "operator": grant_role(session, make_user(session), "operator"),
        },
    )
    for number in range(each):
        for group, kept in (("researcher", made.researchers), ("company", made.companies)):
            firm = make_organisation(session, name_en=f"{group.title()} {number + 1}")
            kept.append(events.make_registration(session, event, group=group, organisation=firm))
    made.people["researcher"] = made.researchers[0].user  # type: ignore[assignment]  # the factory gives everybody a person
    made.people["company"] = made.companies[0].user  # type: ignore[assignment]  # the factory gives everybody a person
    for one in made.researchers[:2]:
        for other_one in made.companies:
            events.make_wish(session, one, other_one)
    session.flush()
    session.refresh(event)
    made.actors = {role: actor_for(user) for role, user in made.people.items()}
    return made


Placing = tuple[Registration, Registration, int, int | None]
"""Two who meet, the slot's and the table's place in order."""


def make_draft(
    session: Session,
    cast: Cast,
    placed: Iterable[Placing] = (),
    *,
    state: str = "ready",
    pinned: bool = False,
    **columns: Any,
) -> TimetableDraft:
    """A draft with meetings; flushed."""
    last = session.scalar(
        sa.select(sa.func.max(TimetableDraft.number)).where(
            TimetableDraft.event_id == cast.event.id
        )
    )
    values: dict[str, Any] = {"created_at": NOW, "value": 100, "bound": 110, "floor": 2} | columns
    draft = TimetableDraft(event_id=cast.event.id, number=(last or 0) + 1, state=state, **values)
    session.add(draft)
    session.flush()
    slots, tables = cast.slots(session), cast.tables()
    for first, second, slot, table in placed:
        a, b = sorted((first.id, second.id))
        session.add(
            DraftMeeting(
                timetable_id=draft.id,
                slot_id=slots[slot].id,
                table_id=None if table is None else tables[table].id,
                a_id=a,
                b_id=b,
                pinned=pinned,
                value=40,
            )
        )
    session.flush()
    return draft


def meetings(session: Session, cast: Cast) -> list[Meeting]:
    """All meetings of the event, the oldest first."""
    return list(
        session.scalars(
            sa.select(Meeting).where(Meeting.event_id == cast.event.id).order_by(Meeting.id)
        )
    )


def seats(session: Session) -> set[tuple[int, int, int]]:
    """(slot, person, meeting) of all seats."""
    return {
        (row.slot_id, row.registration_id, row.meeting_id)
        for row in session.scalars(sa.select(Seat))
    }


def whole(session: Session, cast: Cast) -> None:
    """Assert that seats say exactly where live meetings are, and nobody is twice anywhere."""
    live = [one for one in meetings(session, cast) if one.state != "called_off"]
    expected = {(one.slot_id, key, one.id) for one in live for key in (one.a_id, one.b_id)}
    assert seats(session) == expected
    places = [(slot, key) for slot, key, _ in expected]
    assert len(places) == len(set(places))
    at = [(one.slot_id, one.table_id) for one in live if one.table_id is not None]
    assert len(at) == len(set(at))
