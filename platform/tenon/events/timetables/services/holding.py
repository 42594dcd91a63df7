"""Write agreed meetings and who sits where: the one place that touches meetings and seats.

Two constraints hold whatever is written here: one seat a person and slot, one live meeting a table
and slot. What they refuse is told as a Conflict. Never commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenon.db import new_public_id
from tenon.errors import Conflict
from tenon.events.models import Event, Meeting, Seat
from tenon.events.states import LIVE_MEETINGS
from tenon.events.timetables.picture import Picture, Placed

AT_A_TIME = 400


def live_rows(session: Session, event: Event) -> Mapping[tuple[int, int], Meeting]:
    """Return pair -> agreed meeting that holds its slot, as the database has it now."""
    rows = session.scalars(
        sa.select(Meeting)
        .where(Meeting.event_id == event.id, Meeting.state.in_(LIVE_MEETINGS))
        .execution_options(populate_existing=True)
    )
    return {(row.a_id, row.b_id): row for row in rows}


def pair_key(event: Event, pair: tuple[int, int]) -> str:
    """Return what keeps a second live meeting of two from being made."""
    return f"{event.id}:{pair[0]}:{pair[1]}"


def make(
    session: Session,
    event: Event,
    picture: Picture,
    placed: Sequence[Placed],
    *,
    origin: str,
    about: Mapping[tuple[int, int], Mapping[str, int | None]],
    now: datetime,
) -> None:
    """Enter agreed meetings with their seats.

    ``about`` gives the columns ``need_id`` and ``achievement_id`` of a pair.

    Raises Conflict where somebody, a table or an interpreter is taken, or two meet already.
    """
    rows = [
        {
            "public_id": new_public_id(),
            "event_id": event.id,
            "a_id": one.a,
            "b_id": one.b,
            "state": "planned",
            "version": 1,
            "live_pair": pair_key(event, one.pair),
            "origin": origin,
            "pinned": one.pinned,
            "value": one.value,
            "sequence": 0,
            "reminded": 0,
            "created_at": now,
            "changed_at": now,
            "need_id": about.get(one.pair, {}).get("need_id"),
            "achievement_id": about.get(one.pair, {}).get("achievement_id"),
            **_place(picture, one),
        }
        for one in placed
    ]
    if not rows:
        return
    with _guarded(session):
        session.execute(sa.insert(Meeting), rows)
        made = _ids(session, event, [one.pair for one in placed])
        _sit(session, [(picture.slots[one.slot].id, made[one.pair], one.pair) for one in placed])


def put(
    session: Session,
    picture: Picture,
    moves: Sequence[tuple[Meeting, Placed]],
    *,
    now: datetime,
) -> None:
    """Move agreed meetings, all at once: two may change places. Each counts one up for calendars.

    Raises Conflict where a place is taken, or a meeting was changed by somebody else meanwhile.
    """
    if not moves:
        return
    with _guarded(session):
        _stand_up(session, [meeting.id for meeting, _ in moves])
        for meeting, _ in moves:
            _swap(session, meeting, {"table_id": None, "interpreter_id": None}, count=True)
        for meeting, one in moves:
            values: dict[str, Any] = {
                **_place(picture, one),
                "pinned": one.pinned,
                "changed_at": now,
                "sequence": Meeting.sequence + 1,
            }
            _swap(session, meeting, values, count=False)
        _sit(
            session,
            [(picture.slots[one.slot].id, meeting.id, one.pair) for meeting, one in moves],
        )
    for meeting, _ in moves:
        session.refresh(meeting)


def clear(session: Session, meetings: Sequence[Meeting], *, reason: str, now: datetime) -> None:
    """Call meetings off and free their seats, without a word of history for each."""
    with _guarded(session):
        _stand_up(session, [meeting.id for meeting in meetings])
        for meeting in meetings:
            values = {
                "state": "called_off",
                "called_off_reason": reason,
                "live_pair": None,
                "sequence": Meeting.sequence + 1,
                "changed_at": now,
            }
            _swap(session, meeting, values, count=True)


def stand_up(session: Session, meeting: Meeting) -> None:
    """Free the seats of one meeting."""
    _stand_up(session, [meeting.id])


class _guarded:  # noqa: N801  # read as a statement
    """A savepoint whose violated constraints are told as a Conflict."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __enter__(self) -> None:
        self._nested = self._session.begin_nested()
        self._nested.__enter__()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self._nested.__exit__(kind, error, trace)
        if isinstance(error, IntegrityError):
            raise Conflict("slot_taken", kind="event_meeting") from error


def _swap(session: Session, meeting: Meeting, values: dict[str, Any], *, count: bool) -> None:
    """Change a planned meeting by the version that was read; ``count`` it up for the next."""
    result = session.execute(
        sa.update(Meeting)
        .where(
            Meeting.id == meeting.id,
            Meeting.state == "planned",
            Meeting.version == (meeting.version if count else meeting.version + 1),
        )
        .values(**values, version=meeting.version + 1)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind="event_meeting")


def _place(picture: Picture, one: Placed) -> dict[str, int | None]:
    return {
        "slot_id": picture.slots[one.slot].id,
        "table_id": one.table,
        "interpreter_id": one.interpreter,
    }


def _ids(
    session: Session, event: Event, pairs: Sequence[tuple[int, int]]
) -> Mapping[tuple[int, int], int]:
    """Return pair -> id of its live meeting."""
    found: dict[tuple[int, int], int] = {}
    for start in range(0, len(pairs), AT_A_TIME):
        keys = [pair_key(event, pair) for pair in pairs[start : start + AT_A_TIME]]
        rows = session.execute(
            sa.select(Meeting.id, Meeting.a_id, Meeting.b_id).where(Meeting.live_pair.in_(keys))
        )
        found |= {(row.a_id, row.b_id): row.id for row in rows}
    return found


def _sit(session: Session, meetings: Sequence[tuple[int, int, tuple[int, int]]]) -> None:
    """Enter both seats of each (slot's id, meeting's id, pair)."""
    session.execute(
        sa.insert(Seat),
        [
            {"slot_id": slot, "registration_id": key, "meeting_id": meeting}
            for slot, meeting, pair in meetings
            for key in pair
        ],
    )


def _stand_up(session: Session, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), AT_A_TIME):
        session.execute(
            sa.delete(Seat)
            .where(Seat.meeting_id.in_(ids[start : start + AT_A_TIME]))
            .execution_options(synchronize_session=False)
        )
