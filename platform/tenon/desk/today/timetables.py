"""Timetables of the broker's own events that are to be released soon, or should have been."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.desk.days import today_of
from tenon.desk.today.parts import COUNTED, Part, Row, Step, part
from tenon.events.timetables.deadline import unreleased
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

PATH = "/events/mine"


def timetables(session: Session, *, by: Actor, now: datetime, language: str) -> Part:
    """Return own events without an agreed timetable that is due; one statement."""
    rows = []
    for event in unreleased(session, by.user_id, now=now, limit=COUNTED):
        until = event.schedule_until
        late = until is not None and until <= now
        path = f"/events/{event.public_id}/timetables"
        rows.append(
            Row(
                title=event.title(language),
                path=path,
                why=N_("Its timetable should have been released; participants wait for it.")
                if late
                else N_("Requests have closed: its timetable is to be released."),
                due=None if until is None else today_of(until),
                late=late,
                steps=(Step(N_("Make a timetable"), path),),
            )
        )
    return part("timetables", rows, PATH)
