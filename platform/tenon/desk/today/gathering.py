"""The whole day: every source's part that holds something, the most urgent first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.desk.today.answers import answers
from tenon.desk.today.cases import cases
from tenon.desk.today.certificates import certificates
from tenon.desk.today.commissions import commissions
from tenon.desk.today.deadlines import deadlines
from tenon.desk.today.expiring import expiring
from tenon.desk.today.follow_ups import follow_ups
from tenon.desk.today.needs import needs
from tenon.desk.today.own_tasks import own_tasks
from tenon.desk.today.parts import Part, Source
from tenon.desk.today.reviews import reviews
from tenon.desk.today.timetables import timetables

SOURCES: tuple[Source, ...] = (
    answers,
    cases,
    own_tasks,
    reviews,
    needs,
    timetables,
    follow_ups,
    deadlines,
    commissions,
    expiring,
    certificates,
)


def day_of(session: Session, *, by: Actor, now: datetime, language: str) -> Sequence[Part]:
    """Return the parts with something in them: what is late first, then by the next day due."""
    found = [source(session, by=by, now=now, language=language) for source in SOURCES]
    return sorted((each for each in found if each.number), key=lambda each: each.order)
