"""Sessions of the programme with their speakers; one for all takes its time from the slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.db import new_public_id
from tenon.errors import Invalid
from tenon.events.models import Event, EventSession, EventSpeaker, Registration
from tenon.events.models.event import SESSION_KINDS
from tenon.events.planning.services.changing import begin, note
from tenon.events.planning.services.timing import rebuild, set_span

MOST_SESSIONS = 200
MOST_SPEAKERS = 20
TITLE_LIMIT = 200
TEXT_LIMIT = 5000
NAME_LIMIT = 120
ABOUT_LIMIT = 200
_LONGEST = timedelta(hours=24)
_FURTHEST = timedelta(days=20)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody registered, by key, or a name with a few words."""

    name: str = ""
    about: str = ""
    registration_id: int | None = None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as it is typed."""

    kind: str
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    starts_at: datetime
    ends_at: datetime
    room_id: int | None
    for_all: bool
    speakers: tuple[Speaker, ...] = ()


def add_session(
    session: Session, event: Event, row: SessionRow, *, version: int, by: Actor, now: datetime
) -> EventSession:
    """Add a session; raises Forbidden, Conflict, Invalid at the fields, or ``slots_in_use``."""
    begin(session, event, version=version, by=by)
    if len(event.sessions) >= MOST_SESSIONS:
        raise Invalid({"": "too_many"})
    _require(session, event, row)
    made = EventSession(public_id=new_public_id(), event_id=event.id)
    _put(made, row)
    event.sessions.append(made)
    _settle(session, event, slots=row.for_all)
    facts = {"session": made.public_id}
    note(session, event, "add_session", by=by, now=now, facts=facts)
    return made


def change_session(
    session: Session,
    event: Event,
    talk: EventSession,
    row: SessionRow,
    *,
    version: int,
    by: Actor,
    now: datetime,
) -> None:
    """Change a session; raises as ``add_session`` does."""
    begin(session, event, version=version, by=by)
    _require(session, event, row)
    slots = talk.for_all or row.for_all
    _put(talk, row)
    _settle(session, event, slots=slots)
    facts = {"session": talk.public_id}
    note(session, event, "change_session", by=by, now=now, facts=facts)


def drop_session(
    session: Session, event: Event, talk: EventSession, *, version: int, by: Actor, now: datetime
) -> None:
    """Take a session out of the programme; raises Forbidden, Conflict, Invalid."""
    begin(session, event, version=version, by=by)
    slots, public_id = talk.for_all, talk.public_id
    event.sessions.remove(talk)
    _settle(session, event, slots=slots)
    note(session, event, "drop_session", by=by, now=now, facts={"session": public_id})


def _settle(session: Session, event: Event, *, slots: bool) -> None:
    session.flush()
    session.expire(event, ["sessions"])
    if slots:
        rebuild(session, event)
    else:
        set_span(event)


def _put(talk: EventSession, row: SessionRow) -> None:
    talk.kind, talk.for_all, talk.room_id = row.kind, row.for_all, row.room_id
    talk.title_zh, talk.title_en = row.title_zh, row.title_en
    talk.text_zh, talk.text_en = row.text_zh, row.text_en
    talk.starts_at, talk.ends_at = row.starts_at, row.ends_at
    talk.speakers = [
        EventSpeaker(
            position=place,
            name=each.name,
            about=each.about,
            registration_id=each.registration_id,
        )
        for place, each in enumerate(row.speakers)
    ]


def _require(session: Session, event: Event, row: SessionRow) -> None:
    faults: dict[str, str] = {}
    if row.kind not in SESSION_KINDS:
        faults["kind"] = "unknown_code"
    if not row.title_zh and not row.title_en:
        faults["title_zh"] = "required"
    for name, longest in (
        ("title_zh", TITLE_LIMIT),
        ("title_en", TITLE_LIMIT),
        ("text_zh", TEXT_LIMIT),
        ("text_en", TEXT_LIMIT),
    ):
        if len(getattr(row, name)) > longest:
            faults[name] = "too_long"
    if not row.starts_at < row.ends_at <= row.starts_at + _LONGEST:
        faults["ends"] = "ends_before_start"
    elif not event.starts_at - _FURTHEST < row.starts_at < event.ends_at + _FURTHEST:
        faults["day"] = "out_of_range"
    if row.room_id is not None and row.room_id not in {room.id for room in event.rooms}:
        faults["room"] = "unknown_code"
    faults |= _faults_of_speakers(session, event, row.speakers)
    if faults:
        raise Invalid(faults)


def _faults_of_speakers(
    session: Session, event: Event, speakers: Sequence[Speaker]
) -> dict[str, str]:
    if len(speakers) > MOST_SPEAKERS:
        return {"speakers": "too_many"}
    if any(len(each.name) > NAME_LIMIT or len(each.about) > ABOUT_LIMIT for each in speakers):
        return {"speakers": "too_long"}
    keys = {each.registration_id for each in speakers if each.registration_id is not None}
    there = session.scalar(
        sa.select(sa.func.count()).where(
            Registration.id.in_(keys), Registration.event_id == event.id
        )
    )
    return {} if there == len(keys) else {"people": "unknown_code"}
