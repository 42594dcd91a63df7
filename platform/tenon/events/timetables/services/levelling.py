"""Set what each conflict does in one event.

Never commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Conflict, Invalid
from tenon.events.models import Event
from tenon.events.timetables import defaults
from tenon.events.timetables.permitting import require_run


def set_rules(
    session: Session,
    event: Event,
    *,
    levels: Mapping[str, str],
    costs: Mapping[str, int],
    version: int | None,
    by: Actor,
    now: datetime,
) -> None:
    """Set levels of conflict by code and costs by name; what is the default is not kept.

    Raises Invalid by field (``level.<code>``, ``cost.<name>``), Conflict where the event was
    changed meanwhile.
    """
    require_run(by, event)
    errors = _wrong(levels, costs)
    if errors:
        raise Invalid(errors)
    usual = defaults.costs({})
    kept = {
        "levels": {
            code: level for code, level in levels.items() if level != defaults.known()[code].level
        },
        "costs": {name: cost for name, cost in costs.items() if cost != getattr(usual, name)},
    }
    seen = event.version if version is None else version
    result = session.execute(
        sa.update(Event)
        .where(Event.id == event.id, Event.version == seen)
        .values(**kept, version=seen + 1)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind="event")
    session.refresh(event)
    history.record(
        session,
        chain=("event", event.public_id),
        kind="set_timetable_rules",
        by=by,
        now=now,
        facts=kept,
    )


def _wrong(levels: Mapping[str, str], costs: Mapping[str, int]) -> dict[str, str]:
    known = defaults.known()
    errors = {
        f"level.{code}": "unknown_code"
        for code, level in levels.items()
        if code not in known or known[code].settled or level not in defaults.LEVELS
    }
    errors |= {
        f"cost.{name}": "out_of_range"
        for name, cost in costs.items()
        if name not in defaults.COSTS or not 0 <= cost <= defaults.HIGHEST_COST
    }
    return errors
