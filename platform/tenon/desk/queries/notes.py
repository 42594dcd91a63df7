"""Notes about a thing, one by its public id, as the reader may have them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload
from sqlalchemy.orm.interfaces import ORMOption

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.desk.models import DeskNote
from tenon.desk.queries.sight import notes_for
from tenon.errors import NotFound


def with_author() -> ORMOption:
    """Return the option that loads a note's author and nothing more of them."""
    return joinedload(DeskNote.author).options(lazyload(User.roles), lazyload(User.memberships))


def find_note(session: Session, public_id: str, *, by: Actor) -> DeskNote:
    """Return a note that the actor may read; raises NotFound for all others."""
    found = session.scalars(
        sa.select(DeskNote)
        .where(DeskNote.public_id == public_id, notes_for(by))
        .options(with_author())
    ).first()
    if found is None:
        raise NotFound(kind="note")
    return found


def notes_about(
    session: Session, kind: str, key: int, *, by: Actor, limit: int = 50
) -> Sequence[DeskNote]:
    """Return the notes about a thing that the actor may read, newest first; one statement."""
    return session.scalars(
        sa.select(DeskNote)
        .where(DeskNote.about_kind == kind, DeskNote.about_id == key, notes_for(by))
        .options(with_author())
        .order_by(DeskNote.created_at.desc(), DeskNote.id.desc())
        .limit(limit)
    ).all()


def notes_of(
    session: Session, *, by: Actor, mine: bool = False, limit: int = 20, offset: int = 0
) -> tuple[Sequence[DeskNote], int]:
    """Return a page of the notes that the actor may read, newest first, and how many there are."""
    conditions = [notes_for(by)]
    if mine:
        conditions.append(DeskNote.author_id == by.user_id)
    total = session.scalar(sa.select(sa.func.count(DeskNote.id)).where(*conditions)) or 0
    rows = session.scalars(
        sa.select(DeskNote)
        .where(*conditions)
        .options(with_author())
        .order_by(DeskNote.created_at.desc(), DeskNote.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return rows.all(), total
