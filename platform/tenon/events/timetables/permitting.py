"""What every verb of the room asks first: who may, whether the event still stands, who was first.

Knows no page.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, IllegalTransition
from tenon.events.models import Event, TimetableDraft
from tenon.events.permissions import may_run
from tenon.events.timetables.checking import Found
from tenon.history.services import lock as lock_chain

EDITABLE = ("ready", "stopped")
"""Drafts that may be changed by hand and released."""


class Blocked(Conflict):
    """A meeting or a release that conflicts forbid.

    Attributes:
        found: those that do.
    """

    code = "blocked_by_conflicts"

    def __init__(self, found: Sequence[Found]) -> None:
        self.found = list(found)
        super().__init__(None, codes=sorted({one.code for one in found}))


def require_run(by: Actor, event: Event) -> None:
    """Raise Forbidden unless the actor organises the event, IllegalTransition when it is over."""
    if not may_run(by, event):
        raise Forbidden("not_allowed")
    if event.state not in ("draft", "open"):
        raise IllegalTransition(step="timetable", state=event.state, kind="event")


def lock(session: Session, event: Event) -> None:
    """Make others who change this event's timetable wait until this transaction ends.

    The constraints hold without it; with it the second finds what the first did, and is told.
    """
    lock_chain(session, ("event_timetable", event.public_id))


def claim(session: Session, draft: TimetableDraft, *, version: int | None) -> None:
    """Take a draft that may be changed, by the version that the actor saw; None: as it is now.

    Raises Conflict where somebody else changed it meanwhile, or where it is not to be changed.
    """
    session.flush()
    seen = draft.version if version is None else version
    result = session.execute(
        sa.update(TimetableDraft)
        .where(
            TimetableDraft.id == draft.id,
            TimetableDraft.version == seen,
            TimetableDraft.state.in_(EDITABLE),
        )
        .values(version=seen + 1)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind="event_timetable")
    session.refresh(draft)
