"""Ask for a timetable, and stop its making.

Never commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid
from tenon.events.models import Event, TimetableDraft
from tenon.events.permissions import may_run
from tenon.events.timetables import valuing
from tenon.events.timetables.permitting import require_run
from tenon.events.timetables.picture import Picture
from tenon.events.timetables.reading import picture_of
from tenon.outbox import emit

ORDERED = "event.timetable_ordered"
SECONDS = (10, 20, 60, 300)
GOING_ON = ("queued", "running")


def order(
    session: Session,
    event: Event,
    *,
    seconds: int,
    by: Actor,
    now: datetime,
    kind: str = "full",
    base: TimetableDraft | None = None,
) -> TimetableDraft:
    """Queue the making of a timetable.

    Args:
        session: the caller's.
        event: that it is for.
        seconds: for the search; the draft improves meanwhile.
        by: who organises the event.
        now: the moment.
        kind: ``full``, or ``replan``: from the agreed timetable, moving few meetings.
        base: a draft whose pinned meetings are kept.

    Raises:
        Invalid: nothing to plan with: no slots, no wishes; or seconds that are not offered.
        Conflict: one is being made already.
    """
    require_run(by, event)
    if seconds not in SECONDS:
        raise Invalid({"seconds": "unknown_code"})
    missing = lacks(picture_of(session, event, now=now))
    if missing is not None:
        raise Invalid({"": missing})
    made = _queue(
        session,
        TimetableDraft(
            event_id=event.id,
            kind=kind,
            seconds_allowed=seconds,
            settings={"base": None if base is None else base.id, "starts": 0},
            ordered_by=by.user_id,
            created_at=now,
        ),
    )
    facts: Mapping[str, Any] = {"number": made.number, "kind": kind, "seconds": seconds}
    history.record(
        session,
        chain=("event_timetable", made.public_id),
        kind="ordered",
        by=by,
        now=now,
        facts=facts,
    )
    emit(session, ORDERED, {"id": made.id}, now=now)
    return made


def lacks(picture: Picture) -> str | None:
    """Return what a timetable cannot be made without and the event has not; None if all is there.

    ``no_slots``, ``no_tables`` (tables, but all of them closed), ``no_wishes``.
    """
    if not picture.slots:
        return "no_slots"
    if len(picture.begun) == len(picture.slots):
        return "no_slots_left"
    if not valuing.pairs(picture):
        return "no_wishes"
    return None


def stop(session: Session, draft: TimetableDraft, *, by: Actor, now: datetime) -> None:
    """Ask for the end of a search with the best found so far; one not begun ends at once.

    Raises IllegalTransition where the search is over.
    """
    if not may_run(by, draft.event):
        raise Forbidden("not_allowed")
    if draft.state not in GOING_ON:
        raise IllegalTransition(step="stop", state=draft.state, kind="event_timetable")
    draft.wanted_stop = True
    session.flush()
    # One that nobody has begun has no result to stop with.
    session.execute(
        sa.update(TimetableDraft)
        .where(TimetableDraft.id == draft.id, TimetableDraft.state == "queued")
        .values(
            state="failed",
            ended="stopped",
            finished_at=now,
            version=TimetableDraft.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    session.refresh(draft)
    history.record(session, chain=("event_timetable", draft.public_id), kind="stop", by=by, now=now)


def _queue(session: Session, draft: TimetableDraft) -> TimetableDraft:
    last = sa.select(sa.func.max(TimetableDraft.number)).where(
        TimetableDraft.event_id == draft.event_id
    )
    draft.number = (session.scalar(last) or 0) + 1
    try:
        with session.begin_nested():
            session.add(draft)
    except IntegrityError as error:  # one is going on, or was ordered in the same moment
        raise Conflict("being_made", kind="event_timetable") from error
    return draft
