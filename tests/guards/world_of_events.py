"""What the walk over all routes asks for of events, hosted by the house that owns the rest."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tenon.events.models import Device, EventSession, Mailing, PairRule, TimetableDraft
from tenon.listings.models import Listing
from tests.factories import events
from tests.guards.world import World


def make_events(session: Session, world: World, shown: Listing) -> None:
    """Make an event with two who take part, what they wish, and a meeting of theirs."""
    things, people = world.things, world.people
    event = events.make_event(session, organisation=shown.organisation)
    draft = events.make_event(session, organisation=shown.organisation, state="draft")
    here = events.make_registration(
        session, event, user=people["editor"], organisation=shown.organisation, listings=[shown]
    )
    there = events.make_registration(session, event, group="company")
    wish = events.make_wish(session, here, there)
    slot, room = events.slots(session, event)[0], event.rooms[0]
    meeting = events.make_meeting(session, here, there, slot, table=room.tables[0])
    talk = EventSession(
        event_id=event.id,
        kind="talk",
        title_zh="开场",
        title_en="Opening",
        starts_at=event.starts_at,
        ends_at=event.ends_at,
    )
    first, second = sorted((here.id, there.id))
    rule = PairRule(
        event_id=event.id, a_id=first, b_id=second, rule="forbid", made_at=event.created_at
    )
    mailing = Mailing(
        event_id=event.id,
        subject_en="Welcome",
        text_en="Doors open at nine.",
        request_key="walk",
        sent_at=event.created_at,
    )
    timetable = TimetableDraft(
        event_id=event.id,
        number=1,
        state="ready",
        value=1,
        created_at=event.created_at,
    )
    device = Device(
        event_id=event.id,
        name="Entrance",
        roster_until=event.ends_at,
        created_at=event.created_at,
    )
    session.add_all([device, talk, rule, mailing, timetable])
    session.flush()
    things.event, things.event_draft = event.public_id, draft.public_id
    things.event_registration, things.event_code = here.public_id, here.code
    things.event_device = device.public_id
    things.event_timetable = timetable.public_id
    things.event_wish, things.event_meeting = wish.public_id, meeting.public_id
    things.event_mailing = mailing.public_id
    things.event_session, things.event_pair_rule = talk.public_id, rule.public_id
