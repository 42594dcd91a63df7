"""Groups that people take part as, and which of them may meet which."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.db import new_public_id
from tenon.errors import Invalid
from tenon.events.models import Event, EventGroup, EventMay, Registration
from tenon.events.planning.services.changing import begin, note

MOST_GROUPS = 12
NAME_LIMIT = 80


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group as it is typed; ``key`` is that of one there is."""

    key: int | None
    name_zh: str
    name_en: str


def change_groups(
    session: Session,
    event: Event,
    rows: Sequence[GroupRow],
    *,
    may: Collection[tuple[int, int]],
    version: int,
    by: Actor,
    now: datetime,
) -> None:
    """Set the groups to these, and who may meet whom to these pairs of places in ``rows``.

    A group may be paired with itself. Raises Forbidden, Conflict, Invalid at ``groups`` or
    ``groups-<row>-name_zh`` (required, too_long), ``in_use`` where somebody takes part as a group
    that would go (``names`` in the facts).
    """
    begin(session, event, version=version, by=by)
    faults = _faults(rows)
    if faults:
        raise Invalid(faults)
    known = {group.id: group for group in event.groups}
    gone = known.keys() - {row.key for row in rows}
    _require_unused(session, [known[key] for key in sorted(gone)])
    session.execute(sa.delete(EventMay).where(EventMay.event_id == event.id))
    for key in gone:
        event.groups.remove(known[key])
    made = []
    for place, row in enumerate(rows):
        group = known.get(row.key) if row.key is not None else None
        if group is None:
            group = EventGroup(code=_code())
            event.groups.append(group)
        group.position = place
        group.name_zh, group.name_en = row.name_zh or row.name_en, row.name_en or row.name_zh
        made.append(group)
    session.flush()
    pairs = {
        tuple(sorted((made[first].id, made[second].id)))
        for first, second in may
        if 0 <= first < len(made) and 0 <= second < len(made)
    }
    for first, second in sorted(pairs):
        session.add(EventMay(event_id=event.id, a_id=first, b_id=second))
    session.expire(event, ["groups"])
    facts = {"groups": len(made), "pairs": len(pairs), "removed": len(gone)}
    note(session, event, "change_groups", by=by, now=now, facts=facts)


def _code() -> str:
    """Return a code of its own for a group that the organiser adds."""
    return f"g-{new_public_id()[:10]}"


def _faults(rows: Sequence[GroupRow]) -> dict[str, str]:
    if len(rows) > MOST_GROUPS:
        return {"groups": "too_many"}
    faults = {}
    for place, row in enumerate(rows):
        if not row.name_zh and not row.name_en:
            faults[f"groups-{place}-name_zh"] = "required"
        if max(len(row.name_zh), len(row.name_en)) > NAME_LIMIT:
            faults[f"groups-{place}-name_zh"] = "too_long"
    return faults


def _require_unused(session: Session, gone: Sequence[EventGroup]) -> None:
    keys = {group.id: group.name_zh for group in gone}
    if not keys:
        return
    used = session.scalars(
        sa.select(Registration.group_id).where(Registration.group_id.in_(keys)).distinct()
    ).all()
    if used:
        names = sorted(keys[key] for key in used)
        raise Invalid({"groups": "in_use"}, names=", ".join(names))
