"""Meetings by public id, one's own at an event, a deal's, and whose outcome is still missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from tenon.actors import Actor
from tenon.deals.models import Deal, DealListing
from tenon.errors import NotFound
from tenon.events.models import Event, EventSlot, Meeting, Outcome, Registration
from tenon.events.permissions import may_see_meeting
from tenon.events.results.permissions import other_of, sides
from tenon.events.states import LIVE_MEETINGS
from tenon.introductions.models import Introduction

REMIND_AFTER = (1, 3, 7, 14)
"""Days after a meeting on which those who have said nothing are reminded."""

BOTH = 2
MADE_UP_WITHIN = timedelta(days=2)

TOOK_PLACE = ("planned", "held")
"""States in which an outcome is expected once the slot is over: nobody was marked as absent."""


@dataclass(frozen=True, slots=True)
class Own:
    """One meeting as the person sees it: with whom, and what they said came of it."""

    meeting: Meeting
    registration: Registration
    other: Registration
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Missing:
    """A side of a meeting that has not said what came of it."""

    meeting: Meeting
    registration: Registration
    other: Registration

    @property
    def key(self) -> str:
        """The name of this one in a form: meeting and side."""
        return f"{self.meeting.public_id}:{self.registration.public_id}"


def loaded() -> list[Any]:
    """Return what a page of a meeting needs beside it, as options of a select."""
    return [
        joinedload(Meeting.event),
        joinedload(Meeting.slot),
        joinedload(Meeting.table),
        *(
            joinedload(side).joinedload(part)
            for side in (Meeting.a, Meeting.b)
            for part in (Registration.user, Registration.organisation, Registration.group)
        ),
    ]


def find_meeting(session: Session, public_id: str, *, by: Actor) -> Meeting:
    """Return a meeting to who acts for one of the two or organises; raises NotFound for others."""
    found = session.scalars(
        sa.select(Meeting).where(Meeting.public_id == public_id).options(*loaded())
    ).first()
    if found is None or not may_see_meeting(by, found):
        raise NotFound(kind="event_meeting")
    return found


def meetings_of_deal(session: Session, deal: Deal) -> Sequence[Meeting]:
    """Return the meetings of a deal, called-off ones left out: loaded for a page, the first first.

    Those that it came of, also by way of an introduction, and every other one of the two houses
    about a listing of the deal.
    """
    about = sa.select(DealListing.listing_id).where(DealListing.deal_id == deal.id)
    one, other = aliased(Registration), aliased(Registration)
    seller, buyer = deal.seller_organisation_id, deal.buyer_organisation_id
    of_the_two = sa.or_(
        sa.and_(one.organisation_id == seller, other.organisation_id == buyer),
        sa.and_(one.organisation_id == buyer, other.organisation_id == seller),
    )
    ways = [
        Meeting.deal_id == deal.id,
        sa.and_(of_the_two, sa.or_(Meeting.need_id.in_(about), Meeting.achievement_id.in_(about))),
    ]
    if deal.origin_kind == "meeting":
        ways.append(Meeting.id == deal.origin_id)
    elif deal.origin_kind == "introduction":
        ways.append(Meeting.introduction_id == deal.origin_id)
        ways.append(Meeting.id.in_(_began_with(deal.origin_id)))
    return session.scalars(
        sa.select(Meeting)
        .join(one, one.id == Meeting.a_id)
        .join(other, other.id == Meeting.b_id)
        .join(EventSlot, EventSlot.id == Meeting.slot_id)
        .where(Meeting.state.in_(LIVE_MEETINGS), sa.or_(*ways))
        .order_by(EventSlot.starts_at, Meeting.id)
        .options(*loaded())
    ).all()


def _began_with(introduction_id: int | None) -> sa.Select[int | None]:
    return sa.select(Introduction.origin_id).where(
        Introduction.id == introduction_id, Introduction.origin_kind == "meeting"
    )


def outcomes_of(
    session: Session, meeting_ids: Collection[int]
) -> Mapping[tuple[int, int], Outcome]:
    """Return (meeting, registration) -> what that side said, of several meetings."""
    keys = list(meeting_ids)
    found: dict[tuple[int, int], Outcome] = {}
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        rows = session.scalars(sa.select(Outcome).where(Outcome.meeting_id.in_(part)))
        found |= {(each.meeting_id, each.registration_id): each for each in rows}
    return found


def own_meetings(
    session: Session, event: Event, *, user_id: int | None, now: datetime
) -> Sequence[Own]:
    """Return a person's meetings at an event that have begun, in order, with their own words."""
    mine = sa.select(Registration.id).where(
        Registration.event_id == event.id, Registration.user_id == user_id
    )
    rows = session.scalars(
        sa.select(Meeting)
        .join(EventSlot, EventSlot.id == Meeting.slot_id)
        .where(
            Meeting.event_id == event.id,
            Meeting.state.in_(LIVE_MEETINGS),
            EventSlot.starts_at <= now,
            sa.or_(Meeting.a_id.in_(mine), Meeting.b_id.in_(mine)),
        )
        .options(*loaded())
        .order_by(EventSlot.starts_at, Meeting.id)
    ).all()
    said = outcomes_of(session, [each.id for each in rows])
    found = []
    for each in rows:
        own = next(side for side in sides(each) if side.user_id == user_id)
        found.append(Own(each, own, other_of(each, own), said.get((each.id, own.id))))
    return found


def due_by(meeting: Meeting) -> datetime:
    """Return until when an outcome is waited for; afterwards it is overdue."""
    last = meeting.slot.ends_at + timedelta(days=REMIND_AFTER[-1])
    return meeting.event.follow_up_until or last


def round_due(meeting: Meeting, now: datetime) -> int | None:
    """Return the number (from 1) of the reminder that is due now; None where none is.

    None after the follow-up has ended, and where the round's day passed more than two days ago:
    a site that was down makes up for nothing.
    """
    until = meeting.event.follow_up_until
    passed = rounds_passed(meeting, now)
    if passed <= meeting.reminded:
        return None
    moment = meeting.slot.ends_at + timedelta(days=REMIND_AFTER[passed - 1])
    too_late = now - moment > MADE_UP_WITHIN or (until is not None and moment > until)
    return None if too_late else passed


def rounds_passed(meeting: Meeting, now: datetime) -> int:
    """Return how many of a meeting's days of reminding have come."""
    ended = meeting.slot.ends_at
    return sum(ended + timedelta(days=days) <= now for days in REMIND_AFTER)


def unanswered() -> sa.ColumnElement[bool]:
    """Return the condition that not both sides of a meeting have said what came of it."""
    said = (
        sa.select(sa.func.count(Outcome.id))
        .where(Outcome.meeting_id == Meeting.id)
        .correlate(Meeting)
        .scalar_subquery()
    )
    return said < BOTH


def missing_of(session: Session, meetings: Iterable[Meeting]) -> list[Missing]:
    """Return the sides of these meetings that have said nothing, both of one where both have."""
    rows = list(meetings)
    said = outcomes_of(session, [each.id for each in rows])
    return [
        Missing(each, side, other_of(each, side))
        for each in rows
        for side in sides(each)
        if (each.id, side.id) not in said
    ]


def overdue(session: Session, event: Event, *, now: datetime) -> list[Missing]:
    """Return the sides whose outcome was waited for long enough, by time of the meeting."""
    rows = session.scalars(
        sa.select(Meeting)
        .join(EventSlot, EventSlot.id == Meeting.slot_id)
        .where(
            Meeting.event_id == event.id,
            Meeting.state.in_(TOOK_PLACE),
            EventSlot.ends_at <= now,
            unanswered(),
        )
        .options(*loaded())
        .order_by(EventSlot.starts_at, Meeting.id)
    )
    return missing_of(session, [each for each in rows if due_by(each) <= now])
