"""An event on its day: two researchers, two companies, four meetings, an organiser, strangers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.events.models import Event, EventSession, EventSlot, Meeting, Registration
from tenon.listings.models import Listing
from tests.factories import events, listings
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
    sign_in,
)


@dataclass
class Cast:
    """People by role, their parts, the meetings in order of slots.

    Attributes:
        event: runs while the tests do, from an hour ago.
        people: ``boss`` organises; ``lan`` and ``wu`` research, ``chen`` and ``zhao`` are of
            companies; ``colleague`` edits for lan's university; ``stranger`` takes no part.
        parts: of the four who take part.
        meetings: lan with chen now, wu with zhao now, lan with zhao next, wu with chen next.
    """

    event: Event
    people: dict[str, User]
    parts: dict[str, Registration]
    meetings: list[Meeting]
    slots: list[EventSlot]
    actors: dict[str, Actor]

    def actor(self, role: str) -> Actor:
        """Return the actor of a role."""
        return self.actors[role]


def make_cast(session: Session, now: datetime) -> Cast:
    """Make the event; flushed. The third slot runs at ``now``."""
    house, uni = make_organisation(session, name_en="Exchange"), make_organisation(session)
    firm = make_organisation(session, kind="enterprise")
    people = {
        name: make_user(session, name=name.title(), email=f"{name}@example.org")
        for name in ("boss", "lan", "wu", "chen", "zhao", "colleague", "stranger")
    }
    grant_role(session, people["boss"], "broker")
    make_membership(session, people["colleague"], uni, role="editor")
    make_membership(session, people["stranger"], make_organisation(session))
    event = events.make_event(
        session,
        organisation=house,
        owner=people["boss"],
        starts_at=now - timedelta(minutes=60),
        zone=events.zone_by_day(now, "UTC", "Asia/Shanghai"),
    )
    need = listings.make_need(session, organisation=firm, state="published")
    result = listings.make_achievement(session, organisation=uni, state="published")
    parts = {
        "lan": _part(session, event, people["lan"], "researcher", uni, [result]),
        "wu": _part(session, event, people["wu"], "researcher", uni, []),
        "chen": _part(session, event, people["chen"], "company", firm, [need], shows_contact=True),
        "zhao": _part(session, event, people["zhao"], "company", firm, []),
    }
    slots, tables = list(events.slots(session, event)), event.rooms[0].tables
    pairs = (
        ("lan", "chen", 2, 0),
        ("wu", "zhao", 2, 1),
        ("lan", "zhao", 3, 0),
        ("wu", "chen", 3, 1),
    )
    meetings = [
        events.make_meeting(session, parts[a], parts[b], slots[slot], table=tables[table])
        for a, b, slot, table in pairs
    ]
    session.add(
        EventSession(
            event_id=event.id,
            title_zh="开幕",
            title_en="Opening",
            starts_at=event.starts_at - timedelta(minutes=30),
            ends_at=event.starts_at,
        )
    )
    session.flush()
    actors = {name: actor_for(user) for name, user in people.items()}
    return Cast(event, people, parts, meetings, slots, actors)


def _part(
    session: Session,
    event: Event,
    user: User,
    group: str,
    house: Organisation,
    brought: list[Listing],
    *,
    shows_contact: bool = False,
) -> Registration:
    return events.make_registration(
        session,
        event,
        user=user,
        group=group,
        organisation=house,
        listings=brought,
        shows_contact=shows_contact,
    )


def browser(app: Flask, cast: Cast, role: str, language: str = "en") -> FlaskClient:
    """A browser signed in as a role; ``visitor`` is nobody."""
    client = app.test_client()
    if role != "visitor":
        sign_in(client, cast.people[role])
    with client.session_transaction() as cookie:
        cookie["language"] = language
    return client
