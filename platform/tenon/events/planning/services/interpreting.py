"""Interpreters of an event: who, between which languages, in which slots they are not there."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import Invalid
from tenon.events.models import (
    DraftMeeting,
    Event,
    EventInterpreter,
    EventSlot,
    Meeting,
    Registration,
    TimetableDraft,
)
from tenon.events.models.taking_part import LANGUAGES
from tenon.events.planning.services.changing import begin, note
from tenon.events.queries import interpreters_of, slots_of
from tenon.events.states import LIVE_MEETINGS

MOST_INTERPRETERS = 60
NAME_LIMIT = 80
MOST_NAMED = 5
"""So many meetings that are in the way are named; the others are counted."""
_DASH = re.compile(r"\s*[-–—~～至]\s*")
_SPAN = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4}))?")


@dataclass(frozen=True, slots=True)
class InterpreterRow:
    """An interpreter as they are typed.

    Attributes:
        key: of one there is; None for a new one.
        name: as it is shown with their meetings.
        languages: codes between which they interpret.
        closed: numbers of slots without them as people count them, from 1, such as ``1-4, 9``.
        gone: whether this one is taken out.
    """

    key: int | None
    name: str
    languages: Sequence[str] = ()
    closed: str = ""
    gone: bool = False


def change_interpreters(
    session: Session,
    event: Event,
    rows: Sequence[InterpreterRow],
    *,
    version: int,
    by: Actor,
    now: datetime,
) -> None:
    """Set interpreters to what the rows say; one there is that no row names stays as it is.

    Raises Forbidden, Conflict, Invalid at ``interpreters-<row>-<part>``: ``interprets_then`` where
    one who would go, or would be away, has live meetings (``names`` in the facts), ``being_made``
    where one would go while a timetable is made.
    """
    begin(session, event, version=version, by=by)
    slots = slots_of(session, event)
    known = {each.id: each for each in interpreters_of(session, event)}
    faults, closed = _faults(rows, known, len(slots))
    if faults:
        raise Invalid(faults)
    _require_free(session, event, rows, known, closed, slots)
    gone = [row.key for row in rows if row.gone and row.key in known]
    for row, away in zip(rows, closed, strict=True):
        if row.gone:
            continue
        one = known.get(row.key or 0)
        if one is None:
            one = EventInterpreter(event_id=event.id)
            session.add(one)
        one.name, one.closed = row.name, sorted(away)
        one.languages = [code for code in LANGUAGES if code in row.languages]
    _take_out(session, gone)
    facts = {"interpreters": sum(not row.gone for row in rows), "removed": len(gone)}
    note(session, event, "change_interpreters", by=by, now=now, facts=facts)


def _faults(
    rows: Sequence[InterpreterRow], known: Collection[int], slots: int
) -> tuple[dict[str, str], list[frozenset[int]]]:
    """Return what is wrong at which field, and the slots of each row without them."""
    faults: dict[str, str] = {}
    closed = []
    for place, row in enumerate(rows):
        where = f"interpreters-{place}"
        away = _numbers(row.closed, slots)
        closed.append(away or frozenset())
        if row.gone:
            continue
        if not row.name:
            faults[f"{where}-name"] = "required"
        elif len(row.name) > NAME_LIMIT:
            faults[f"{where}-name"] = "too_long"
        elif row.key is not None and row.key not in known:
            faults[f"{where}-name"] = "gone_meanwhile"
        if not set(row.languages) <= set(LANGUAGES):
            faults[f"{where}-languages"] = "unknown_code"
        elif len(set(row.languages)) < 2:
            faults[f"{where}-languages"] = "two_languages"
        if away is None:
            faults[f"{where}-closed"] = "not_slots"
    if len(rows) > MOST_INTERPRETERS:
        faults["interpreters"] = "too_many"
    return faults, closed


def _numbers(text: str, slots: int) -> frozenset[int] | None:
    """Return slots such as ``1-4, 9`` by their numbers from 0; None where there are no such."""
    found: set[int] = set()
    for part in re.split(r"[,，;；、\s]+", _DASH.sub("-", text)):
        if not part:
            continue
        match = _SPAN.fullmatch(part)
        if match is None:
            return None
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= slots:
            return None
        found |= set(range(first - 1, last))
    return frozenset(found)


def _require_free(
    session: Session,
    event: Event,
    rows: Sequence[InterpreterRow],
    known: Mapping[int, EventInterpreter],
    closed: Sequence[Collection[int]],
    slots: Sequence[EventSlot],
) -> None:
    """Refuse to take somebody out of, or away from, meetings in which they interpret."""
    planned = _planned(session, known, {slot.id: slot.number for slot in slots})
    faults: dict[str, str] = {}
    names: list[str] = []
    for place, (row, away) in enumerate(zip(rows, closed, strict=True)):
        theirs = planned.get(row.key or 0, [])
        held = [words for number, words in theirs if row.gone or number in away]
        if held:
            part = "name" if row.gone else "closed"
            faults[f"interpreters-{place}-{part}"] = "interprets_then"
            names.append(_in_the_way(known[row.key or 0].name, held))
        elif row.gone and row.key in known and _is_made(session, event):
            faults[f"interpreters-{place}-name"] = "being_made"
    if faults:
        raise Invalid(faults, names="; ".join(names))


def _in_the_way(name: str, held: Sequence[str]) -> str:
    """Return an interpreter with the meetings that need them."""
    more = f" +{len(held) - MOST_NAMED}" if len(held) > MOST_NAMED else ""
    return f"{name}: {', '.join(held[:MOST_NAMED])}{more}"


def _planned(
    session: Session, keys: Collection[int], numbers: Mapping[int, int]
) -> Mapping[int, Sequence[tuple[int, str]]]:
    """Return interpreter -> their live meetings as (slot's number from 0, who meets whom)."""
    people = [
        joinedload(side)
        .joinedload(Registration.user)
        .options(lazyload(User.roles), lazyload(User.memberships))
        for side in (Meeting.a, Meeting.b)
    ]
    wanted = (
        sa.select(Meeting)
        .where(Meeting.interpreter_id.in_(list(keys)), Meeting.state.in_(LIVE_MEETINGS))
        .options(*people)
        .order_by(Meeting.slot_id)
    )
    found: dict[int, list[tuple[int, str]]] = {}
    for each in session.scalars(wanted):
        number = numbers[each.slot_id]
        words = f"{number + 1} ({_named(each.a)} / {_named(each.b)})"
        found.setdefault(each.interpreter_id or 0, []).append((number, words))
    return found


def _named(part: Registration) -> str:
    return part.user.name if part.user is not None and part.user.name else part.code


def _is_made(session: Session, event: Event) -> bool:
    """Whether a timetable is being made, which knows the interpreters as they were."""
    making = sa.select(TimetableDraft.id).where(
        TimetableDraft.event_id == event.id, TimetableDraft.state.in_(("queued", "running"))
    )
    return session.scalar(making.limit(1)) is not None


def _take_out(session: Session, keys: Sequence[int | None]) -> None:
    """Delete interpreters; drafts and meetings that were called off do without them."""
    if not keys:
        return
    session.flush()
    for model in (DraftMeeting, Meeting):
        session.execute(
            sa.update(model)
            .where(model.interpreter_id.in_(keys))
            .values(interpreter_id=None)
            .execution_options(synchronize_session=False)
        )
    session.execute(
        sa.delete(EventInterpreter)
        .where(EventInterpreter.id.in_(keys))
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
