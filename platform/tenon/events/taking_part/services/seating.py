"""The organiser gives people a table of their own: others come to it, whenever they meet.

Several people may share one: the timetable then holds one of their meetings at a time there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Forbidden, Invalid
from tenon.events.models import Event, EventTable, Registration
from tenon.events.permissions import may_run
from tenon.events.planning.naming import read_names
from tenon.events.queries import tables_of
from tenon.events.states import REGISTRATION
from tenon.events.taking_part.phases import require_alive
from tenon.events.taking_part.services import places
from tenon.events.taking_part.services.deciding import AT_ONCE, Outcome

Choice = Sequence[tuple[str, int | None]]
"""Public ids of parts, with the versions that the actor looked at (None: whatever it is)."""


def give_tables(
    session: Session, event: Event, choice: Choice, *, tables: str, by: Actor, now: datetime
) -> list[Outcome]:
    """Give people tables: the one named to all, or as many as there are people, in their order.

    ``tables`` are names such as A1-A5. Returns each row's outcome, in the order of the choice.
    Raises Forbidden, Conflict (the event's state), Invalid at ``chosen`` or ``tables``: required,
    ``no_such_table`` (``names`` in the facts), ``tables_do_not_go_round``.
    """
    event = _begin(session, event, choice, by=by, now=now)
    there = {table.name: table for table in tables_of(session, event)}
    try:
        names = read_names(tables)
    except ValueError as error:
        raise Invalid({"tables": str(error)}) from None
    unknown = [name for name in names if name not in there]
    if not names or unknown:
        code = "no_such_table" if unknown else "required"
        raise Invalid({"tables": code}, names=", ".join(unknown))
    if len(names) not in (1, len(choice)):
        raise Invalid({"tables": "tables_do_not_go_round"})
    each = names if len(names) > 1 else names * len(choice)
    return _set(session, event, choice, [there[name] for name in each], by=by, now=now)


def free_tables(
    session: Session, event: Event, choice: Choice, *, by: Actor, now: datetime
) -> list[Outcome]:
    """Let people sit at no fixed table. Raises and returns as ``give_tables``."""
    event = _begin(session, event, choice, by=by, now=now)
    return _set(session, event, choice, [None] * len(choice), by=by, now=now)


def _begin(session: Session, event: Event, choice: Choice, *, by: Actor, now: datetime) -> Event:
    """Lock the event, so that no table goes meanwhile, and return it."""
    if not may_run(by, event):
        raise Forbidden("not_allowed")
    if not choice or len(choice) > AT_ONCE:
        raise Invalid({"chosen": "too_many_at_once" if choice else "nothing_chosen"})
    event = places.lock(session, event)
    require_alive(event, now)
    return event


def _set(
    session: Session,
    event: Event,
    choice: Choice,
    tables: Sequence[EventTable | None],
    *,
    by: Actor,
    now: datetime,
) -> list[Outcome]:
    rows = session.scalars(
        sa.select(Registration)
        .where(
            Registration.event_id == event.id,
            Registration.public_id.in_([key for key, _version in choice]),
        )
        .execution_options(populate_existing=True)
    )
    found = {each.public_id: each for each in rows}
    outcomes = []
    for (key, version), table in zip(choice, tables, strict=True):
        part = found.get(key)
        code = _refusal(part, version)
        if part is not None and part.online and table is not None:
            code = code or "attends_online"
        if part is not None and not code:
            _put(session, part, table, by=by, now=now)
        outcomes.append(Outcome(key, code, part))
    return outcomes


def _refusal(part: Registration | None, version: int | None) -> str:
    """Return why somebody's table cannot be changed, as a code; empty where it can."""
    if part is None:
        return "not_found"
    if part.live_key is None:
        return "part_over"
    return "changed_meanwhile" if version not in (None, part.version) else ""


def _put(
    session: Session, part: Registration, table: EventTable | None, *, by: Actor, now: datetime
) -> None:
    if part.table_id == (None if table is None else table.id):
        return
    part.table_id = None if table is None else table.id
    part.version += 1
    session.flush()
    facts = {"event": part.event.public_id, "table": None if table is None else table.name}
    chain = (REGISTRATION.kind, part.public_id)
    history.record(session, chain=chain, kind="set_table", by=by, now=now, facts=facts)
