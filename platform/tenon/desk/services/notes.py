"""Write, change and take back a note; history keeps that it was, never what it said."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.desk import permissions
from tenon.desk.about import About
from tenon.desk.models import AUDIENCES, LONGEST_NOTE, DeskNote
from tenon.desk.queries.sight import own_place
from tenon.errors import Conflict, Forbidden, Invalid


def write_note(
    session: Session, *, about: About, text: str, audience: str, by: Actor, now: datetime
) -> DeskNote:
    """Write a note about a thing that the actor may know of (``about.find_thing``).

    Raises Forbidden to who has no desk or belongs to a firm concerned; Invalid for a text that is
    missing or too long, and for an audience that needs a place where the author has none.
    """
    if not permissions.works_here(by) or set(about.houses) & set(by.memberships):
        raise Forbidden(action="note")
    place = own_place(session, by)
    _check(text, audience, place)
    houses = (*about.houses, None, None)
    note = DeskNote(
        about_kind=about.kind,
        about_id=about.key,
        organisation_id=houses[0],
        other_organisation_id=houses[1],
        author_id=by.user_id,
        station_id=place,
        audience=audience,
        text=text.strip(),
        created_at=now,
        changed_at=now,
    )
    session.add(note)
    session.flush()
    _record(session, note, "written", by, now)
    return note


def change_note(
    session: Session,
    note: DeskNote,
    *,
    text: str,
    audience: str,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Change one's own note. Raises Forbidden, Invalid, Conflict where it was changed meanwhile."""
    _require(note, by)
    _check(text, audience, note.station_id)
    values = {"text": text.strip(), "audience": audience, "changed_at": now}
    _swap(session, note, expected_version, values)
    _record(session, note, "changed", by, now)


def remove_note(session: Session, note: DeskNote, *, by: Actor, now: datetime) -> None:
    """Take one's own note back: its words go, that it was there stays. Raises Forbidden."""
    _require(note, by)
    _swap(session, note, None, {"text": "", "removed_at": now, "changed_at": now})
    _record(session, note, "removed", by, now)


def _require(note: DeskNote, by: Actor) -> None:
    if not permissions.may_change_note(by, note):
        raise Forbidden(action="note")


def _check(text: str, audience: str, place: int | None) -> None:
    problems = {}
    if not text.strip():
        problems["text"] = "required"
    elif len(text.strip()) > LONGEST_NOTE:
        problems["text"] = "too_long"
    if audience not in AUDIENCES:
        problems["audience"] = "unknown_code"
    elif audience != "me" and place is None:
        problems["audience"] = "no_place"
    if problems:
        raise Invalid(problems)


def _swap(
    session: Session, note: DeskNote, expected: int | None, values: dict[str, object]
) -> None:
    version = note.version if expected is None else expected
    done = session.execute(
        sa.update(DeskNote)
        .where(DeskNote.id == note.id, DeskNote.version == version)
        .values(version=version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict
    session.refresh(note)


def _record(session: Session, note: DeskNote, kind: str, by: Actor, now: datetime) -> None:
    facts = {"about": note.about_kind, "audience": note.audience, "version": note.version}
    history.record(
        session, chain=("desk_note", note.public_id), kind=kind, by=by, now=now, facts=facts
    )
