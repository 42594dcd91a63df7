"""An event that is over, two who met at it, their organiser, and strangers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import VISITOR, Actor
from tenon.events.models import CheckIn, Event, Meeting, Outcome, Registration
from tenon.listings.models import Listing
from tests.conftest import NOW
from tests.factories import events
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.listings import make_achievement, make_need

START = NOW - timedelta(days=2)
"""When the event began; its first slot lasts twenty minutes from then."""


@dataclass
class Cast:
    """Who is there.

    ``people``: researcher and company met; rival took part too; colleague is another editor of
    the company; broker organises; host edits for the hosting house; operator, stranger, visitor.
    """

    event: Event
    people: dict[str, User]
    houses: dict[str, Organisation]
    here: Registration
    there: Registration
    rival: Registration
    meeting: Meeting
    result: Listing
    need: Listing

    def actor(self, role: str) -> Actor:
        """The actor that a role is."""
        return VISITOR if role == "visitor" else actor_for(self.people[role])


def make_cast(session: Session, *, start: datetime = START, **columns: Any) -> Cast:
    """Make them; flushed. ``columns`` are the event's."""
    houses = {
        name: make_organisation(session, kind=kind, name_en=english)
        for name, kind, english in (
            ("host", "university", "Host Park"),
            ("university", "university", "Sample University"),
            ("firm", "enterprise", "Sample Works"),
            ("rival", "enterprise", "Rival Works"),
        )
    }
    people = {
        name: make_user(session, name=name.title())
        for name in ("researcher", "company", "colleague", "rival", "host", "stranger")
    }
    people["broker"] = grant_role(session, make_user(session, name="Broker"), "broker")
    people["operator"] = grant_role(session, make_user(session, name="Operator"), "operator")
    for name, house in (
        ("researcher", "university"),
        ("company", "firm"),
        ("colleague", "firm"),
        ("rival", "rival"),
        ("host", "host"),
    ):
        make_membership(session, people[name], houses[house], "editor")
    values: dict[str, Any] = {"state": "over", "mode": "on_site"} | columns
    event = events.make_event(
        session, organisation=houses["host"], owner=people["broker"], starts_at=start, **values
    )
    result = make_achievement(session, organisation=houses["university"], state="published")
    need = make_need(session, organisation=houses["firm"], state="published")
    here, there, rival = (
        events.make_registration(
            session, event, group=group, user=people[who], organisation=houses[house], listings=own
        )
        for who, house, group, own in (
            ("researcher", "university", "researcher", [result]),
            ("company", "firm", "company", [need]),
            ("rival", "rival", "company", []),
        )
    )
    meeting = events.make_meeting(
        session,
        here,
        there,
        events.slots(session, event)[0],
        table=event.rooms[0].tables[0],
        need_id=need.id,
        achievement_id=result.id,
    )
    return Cast(event, people, houses, here, there, rival, meeting, result, need)


def check_in(session: Session, registration: Registration) -> CheckIn:
    """Somebody arrived when the event began; flushed."""
    begun = registration.event.starts_at
    made = CheckIn(
        event_id=registration.event_id,
        registration_id=registration.id,
        way="list",
        at=begun,
        received_at=begun,
    )
    session.add(made)
    session.flush()
    return made


def say(
    session: Session,
    meeting: Meeting,
    registration: Registration,
    outcome: str = "follow_up",
    rating: int = 4,
    **columns: Any,
) -> Outcome:
    """What a side said, past the services; flushed."""
    made = Outcome(
        meeting_id=meeting.id,
        registration_id=registration.id,
        outcome=outcome,
        rating=rating,
        at=NOW,
        changed_at=NOW,
        **columns,
    )
    session.add(made)
    session.flush()
    return made
