"""Notes, tasks and visits that a search finds."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.desk.models import DeskNote, DeskTask
from tenon.desk.queries.sight import notes_for, tasks_for
from tenon.desk.search.hits import Hit, Query, of_two, says
from tenon.routing.models import Visit
from tenon.routing.permissions import visits_in_sight

BEGINNING = 80


def notes(session: Session, query: Query) -> list[Hit]:
    """Return notes that the reader may read by a part of their text; one statement."""
    # In this order: to look through everybody's words takes longer than to see whose they are.
    found = sa.case((notes_for(query.by), says(query, DeskNote.text)), else_=sa.false())
    rows = session.execute(
        sa.select(DeskNote.public_id, DeskNote.text)
        .where(found)
        .order_by(DeskNote.created_at.desc(), DeskNote.id.desc())
        .limit(query.limit + 1)
    )
    return [Hit(_beginning(row.text), f"/desk/notes/{row.public_id}") for row in rows]


def tasks(session: Session, query: Query) -> list[Hit]:
    """Return the reader's tasks by a part of their words; one statement."""
    state = sa.case((DeskTask.done_at.is_(None), "open"), else_="done")
    rows = session.execute(
        sa.select(DeskTask.public_id, DeskTask.title, state.label("state"))
        .where(tasks_for(query.by), says(query, DeskTask.title, DeskTask.detail))
        .order_by(DeskTask.due_on.desc(), DeskTask.id.desc())
        .limit(query.limit + 1)
    )
    return [Hit(row.title, f"/desk/tasks/{row.public_id}", state=row.state) for row in rows]


def visits(session: Session, query: Query) -> list[Hit]:
    """Return visits that the reader may read by the firm's words or its name; one statement."""
    rows = session.execute(
        sa.select(Visit.public_id, Visit.words, Organisation.name_zh, Organisation.name_en)
        .join(Organisation, Organisation.id == Visit.organisation_id)
        .where(
            visits_in_sight(query.by),
            says(query, Visit.words, Organisation.name_zh, Organisation.name_en),
        )
        .order_by(Visit.visited_on.desc(), Visit.id.desc())
        .limit(query.limit + 1)
    )
    return [
        Hit(
            of_two(row.name_zh, row.name_en, query.language),
            f"/routing/visits/{row.public_id}",
            more=_beginning(row.words),
        )
        for row in rows
    ]


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= BEGINNING else f"{line[:BEGINNING]}…"
