"""Marking meetings as they happen: held, or who did not come; and taking a mark back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.events.models import Meeting
from tenon.events.permissions import may_run
from tenon.events.states import MEETING

MARKS = ("held", "a", "b", "both", "undo")
"""Held; the first, the second or neither of the two came; back to planned."""


def mark(
    session: Session,
    meeting: Meeting,
    what: str,
    *,
    version: int | None,
    by: Actor,
    now: datetime,
) -> None:
    """Mark a meeting; the same mark again changes nothing.

    ``version`` is the one that the marker saw. Raises Forbidden unless the actor organises the
    event, Invalid for an unknown mark, Conflict where somebody marked or moved it otherwise
    meanwhile, IllegalTransition for one that was called off.
    """
    if not may_run(by, meeting.event):
        raise Forbidden("not_allowed")
    if what not in MARKS:
        raise Invalid({"what": "unknown_code"})
    missed = what if what in ("a", "b", "both") else None
    target = {"held": "held", "undo": "planned"}.get(what, "no_show")
    if (meeting.state, meeting.missed_by) == (target, missed):
        return
    if version is not None and version != meeting.version:
        raise Conflict("changed_meanwhile", kind="event_meeting")
    if meeting.state == "no_show" and target == "no_show":
        # Who it was is mended: by way of planned, so that the history says both.
        _move(meeting, "unmark", None, by=by, now=now)
    _move(meeting, _step(target), missed, by=by, now=now)
    session.flush()


def _step(target: str) -> str:
    return {"held": "hold", "planned": "unmark"}.get(target, "miss")


def _move(meeting: Meeting, step: str, missed: str | None, *, by: Actor, now: datetime) -> None:
    MEETING.move(
        meeting,
        step,
        by=by,
        now=now,
        facts={"missed_by": missed},
        along={"missed_by": missed, "changed_at": now},
    )
