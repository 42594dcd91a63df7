"""The days of the demo's events: timetables agreed, people checked in, meetings held, words after.

Through the services of the rooms of events; knows nothing of the file that says which events.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.errors import DomainError
from tenon.events.hall.arriving import Seen, check_in
from tenon.events.hall.marking import mark
from tenon.events.models import DraftMeeting, Event, Meeting, Registration
from tenon.events.results.services.following_up import begin_introduction
from tenon.events.results.services.recording import Said, record_outcome
from tenon.events.timetables import mapping, reading, running
from tenon.events.timetables.services import order, release
from tenon.timetable import first_come, greedy, optimise

SECONDS = 1.0
"""For the search: a first start waits for it."""

LATELY = timedelta(days=30)
COME = 0.93
SAY = 0.75
OUTCOMES = (
    ("nothing", 2),
    ("follow_up", 4),
    ("follow_up", 5),
    ("nothing", 3),
    ("sample_or_trial", 5),
    ("nda", 4),
    ("follow_up", 4),
    ("letter_of_intent", 5),
)


def agree(session: Session, event: Event, *, seconds: float, by: Actor, now: datetime) -> None:
    """Make the event's timetable in so many seconds and release it, as its organiser does."""
    draft = order(session, event, seconds=10, by=by, now=now)
    picture = reading.picture_of(session, event, now=now)
    problem = mapping.problem_of(picture).problem
    found = optimise(problem, seconds)
    placed = mapping.placed_of(picture, found)
    session.execute(
        sa.insert(DraftMeeting), [running.row_of(draft, picture, each) for each in placed]
    )
    draft.first_come_value = first_come(problem).worth.total
    draft.greedy_value = greedy(problem).worth.total
    draft.value, draft.penalties = found.worth.total, found.worth.penalties
    draft.floor, draft.progress = found.worth.floor, [[found.seconds, found.worth.total]]
    if found.bound is not None:
        draft.bound, draft.bound_floor = found.bound.total, found.bound.floor
        draft.bound_name = found.bound.name
    draft.state, draft.ended = "ready", found.ended
    draft.started_at = draft.finished_at = now
    session.flush()
    release(session, draft, version=None, mark=None, by=by, now=now)


def pass_until(
    session: Session,
    event: Event,
    parts: Sequence[Registration],
    chance: random.Random,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Let the day pass until ``now``: arrivals, meetings, and what people say of them."""
    for place, part in enumerate(parts):
        at = event.starts_at + timedelta(minutes=(place * 7) % 40 - 25)
        comes = part.state == "confirmed" and at <= now and chance.random() < COME
        if comes and not part.online:
            check_in(session, event, Seen(part.code, "scanner", at), by=by, now=at)
    passed = [each for each in _meetings(session, event) if each.slot.ends_at <= now]
    for place, meeting in enumerate(passed):
        after = meeting.slot.ends_at
        held = place % 11 != 5
        mark(session, meeting, "held" if held else "b", version=None, by=by, now=after)
        if held:
            _say(session, meeting, place, chance, after)
    if now - event.ends_at < LATELY:  # what nobody answered of older ones has lapsed long ago
        _follow_up(session, passed, now)


def _meetings(session: Session, event: Event) -> Sequence[Meeting]:
    return session.scalars(
        sa.select(Meeting)
        .where(Meeting.event_id == event.id, Meeting.state == "planned")
        .order_by(Meeting.slot_id, Meeting.id)
    ).all()


def _say(
    session: Session, meeting: Meeting, place: int, chance: random.Random, now: datetime
) -> None:
    """Let each side say what came of it; some never do."""
    outcome, rating = OUTCOMES[place % len(OUTCOMES)]
    for part in (meeting.a, meeting.b):
        if chance.random() < SAY:
            said = Said(outcome=outcome, rating=max(1, rating - chance.randrange(2)))
            by = actor_of(_user(part))
            record_outcome(session, meeting, said, by=by, now=now + timedelta(minutes=3))


def _follow_up(session: Session, meetings: Sequence[Meeting], now: datetime) -> None:
    """Let the first few that someone wants to go on with become introductions."""
    begun = 0
    for meeting in meetings[1::8]:
        asking = meeting.b
        try:
            with session.begin_nested():
                begin_introduction(
                    session, meeting, language="zh", by=actor_of(_user(asking)), now=now
                )
        except DomainError:
            continue  # nothing of theirs that fits: they have met, and that is all
        begun += 1
        if begun == 3:
            return


def _user(part: Registration) -> User:
    assert part.user is not None  # noqa: S101  # nobody of the demo is erased
    return part.user
