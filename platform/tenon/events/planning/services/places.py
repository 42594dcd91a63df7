"""Rooms, tables, when tables are closed, and the map of the venue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.documents import keeping
from tenon.errors import Invalid
from tenon.events.models import (
    DraftMeeting,
    Event,
    EventRoom,
    EventTable,
    Meeting,
    PairRule,
    Registration,
)
from tenon.events.planning.naming import MOST, read_names
from tenon.events.planning.services.basics import is_web_address
from tenon.events.planning.services.changing import begin, note
from tenon.events.queries import slots_of, tables_of
from tenon.events.states import LIVE_MEETINGS
from tenon.listings.media import sniff

MOST_ROOMS = 40
ROOM_LIMIT = 80
URL_LIMIT = 500
MAP_TYPES = ("image/png", "image/jpeg", "image/webp")
MAP_LIMIT = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A room as it is typed; ``key`` is that of one there is, ``tables`` such as A1-A20."""

    key: int | None
    name_zh: str
    name_en: str
    online_url: str
    tables: str


def change_rooms(
    session: Session,
    event: Event,
    rows: Sequence[RoomRow],
    *,
    version: int,
    by: Actor,
    now: datetime,
) -> None:
    """Set rooms and tables to these; a table that keeps its name stays the same one.

    Raises Forbidden, Conflict, Invalid at ``rooms-<row>-<part>``: ``in_use`` at the tables where
    one that would go has meetings, fixed pairs or somebody's own place (``names`` in the facts).
    """
    begin(session, event, version=version, by=by)
    names, faults = _read(rows)
    if faults:
        raise Invalid(faults)
    known = {room.id: room for room in event.rooms}
    tables = {table.name: table for table in tables_of(session, event)}
    wanted = {name for each in names for name in each}
    gone = [table for name, table in tables.items() if name not in wanted]
    _require_unused(session, gone, _place_of(rows, known, gone))
    rooms = _put_rooms(session, event, rows, known)
    for room, these in zip(rooms, names, strict=True):
        for position, name in enumerate(these):
            table = tables.get(name)
            if table is None:
                session.add(
                    EventTable(event_id=event.id, room_id=room.id, position=position, name=name)
                )
            else:
                table.room_id, table.position = room.id, position
    _drop_drafted(session, gone)
    session.flush()
    for table in gone:
        session.execute(sa.delete(EventTable).where(EventTable.id == table.id))
    session.expire(event, ["rooms"])
    for room in rooms:
        session.expire(room, ["tables"])
    kept = {room.id for room in rooms}
    for key in known.keys() - kept:
        session.execute(sa.delete(EventRoom).where(EventRoom.id == key))
    facts = {"rooms": len(rooms), "tables": len(wanted), "removed": len(gone)}
    note(session, event, "change_rooms", by=by, now=now, facts=facts)


def _read(rows: Sequence[RoomRow]) -> tuple[list[list[str]], dict[str, str]]:
    """Return each room's table names, and what is wrong at which field."""
    names: list[list[str]] = []
    seen: set[str] = set()
    faults: dict[str, str] = {}
    for place, row in enumerate(rows):
        where = f"rooms-{place}"
        if not row.name_zh and not row.name_en:
            faults[f"{where}-name_zh"] = "required"
        if max(len(row.name_zh), len(row.name_en)) > ROOM_LIMIT:
            faults[f"{where}-name_zh"] = "too_long"
        if row.online_url and (
            len(row.online_url) > URL_LIMIT or not is_web_address(row.online_url)
        ):
            faults[f"{where}-online_url"] = "not_a_web_address"
        try:
            these = read_names(row.tables)
        except ValueError as error:
            these, faults[f"{where}-tables"] = [], str(error)
        if seen & set(these):
            faults[f"{where}-tables"] = "table_twice"
        seen |= set(these)
        names.append(these)
    if len(rows) > MOST_ROOMS:
        faults["rooms"] = "too_many"
    if len(seen) > MOST:
        faults["rooms"] = "too_many"
    return names, faults


def _place_of(
    rows: Sequence[RoomRow], known: Mapping[int, EventRoom], gone: Sequence[EventTable]
) -> Mapping[str, str]:
    """Return table's name -> the field at which it was taken out."""
    fields = {row.key: f"rooms-{place}-tables" for place, row in enumerate(rows)}
    return {
        table.name: fields.get(table.room_id if table.room_id in known else None, "rooms")
        for table in gone
    }


def _require_unused(
    session: Session, gone: Sequence[EventTable], fields: Mapping[str, str]
) -> None:
    keys = {table.id: table.name for table in gone}
    if not keys:
        return
    used: set[int] = set()
    for column in (Meeting.table_id, PairRule.table_id, Registration.table_id):
        found = session.scalars(sa.select(column).where(column.in_(keys)).distinct())
        used |= {key for key in found if key is not None}
    if used:
        names = sorted(keys[key] for key in used)
        raise Invalid({fields[name]: "in_use" for name in names}, names=", ".join(names))


def _drop_drafted(session: Session, gone: Sequence[EventTable]) -> None:
    """Take tables that go out of drafts: there a meeting may do without a table."""
    keys = [table.id for table in gone]
    if keys:
        session.execute(
            sa.update(DraftMeeting)
            .where(DraftMeeting.table_id.in_(keys))
            .values(table_id=None)
            .execution_options(synchronize_session=False)
        )


def _put_rooms(
    session: Session, event: Event, rows: Sequence[RoomRow], known: Mapping[int, EventRoom]
) -> list[EventRoom]:
    """Set the rows of rooms in order; positions are first moved out of each other's way."""
    for place, room in enumerate(known.values()):
        room.position = -1 - place
    session.flush()
    rooms = []
    for place, row in enumerate(rows):
        room = known.get(row.key or 0) or EventRoom(event_id=event.id, name_zh="")
        session.add(room)
        room.position = place
        room.name_zh, room.name_en = row.name_zh or row.name_en, row.name_en
        room.online_url = row.online_url or None
        rooms.append(room)
    session.flush()
    return rooms


def change_closures(
    session: Session,
    event: Event,
    *,
    tables: str,
    first: int,
    last: int,
    closed: bool,
    version: int,
    by: Actor,
    now: datetime,
) -> int:
    """Close tables from one slot to another, or open them again; return how many tables.

    ``tables`` are names such as A1-A5; slots are numbers. Raises Forbidden, Conflict, Invalid at
    ``tables`` (required, no_such_table, in_use where meetings sit there then) or ``last``.
    """
    begin(session, event, version=version, by=by)
    there = {table.name: table for table in tables_of(session, event)}
    try:
        names = read_names(tables)
    except ValueError as error:
        raise Invalid({"tables": str(error)}) from None
    slots = {slot.number: slot.id for slot in slots_of(session, event)}
    faults = {} if names else {"tables": "required"}
    unknown = [name for name in names if name not in there]
    if unknown:
        faults["tables"] = "no_such_table"
    if first not in slots or last not in slots or last < first:
        faults["last"] = "ends_before_start"
    if faults:
        raise Invalid(faults, names=", ".join(unknown))
    numbers = set(range(first, last + 1))
    rows = [there[name] for name in names]
    if closed:
        _require_free(session, rows, [slots[number] for number in numbers])
    for table in rows:
        had = set(table.closed)
        table.closed = sorted(had | numbers if closed else had - numbers)
    facts = {"tables": len(rows), "first": first, "last": last, "closed": closed}
    note(session, event, "change_closures", by=by, now=now, facts=facts)
    return len(rows)


def _require_free(session: Session, tables: Sequence[EventTable], slots: Sequence[int]) -> None:
    wanted = sa.select(sa.func.count()).where(
        Meeting.table_id.in_([table.id for table in tables]),
        Meeting.slot_id.in_(slots),
        Meeting.state.in_(LIVE_MEETINGS),
    )
    if session.scalar(wanted):
        raise Invalid({"tables": "in_use"})


def keep_map(
    session: Session,
    event: Event,
    *,
    content: bytes,
    folder: Path,
    version: int,
    by: Actor,
    now: datetime,
) -> None:
    """Keep a picture as the map of the venue; its kind is told by its bytes.

    Raises Forbidden, Conflict, Invalid at ``file`` (required, too_large, wrong_type).
    """
    begin(session, event, version=version, by=by)
    kind = sniff(content) if content else None
    fault = None
    if not content:
        fault = "required"
    elif len(content) > MAP_LIMIT:
        fault = "too_large"
    elif kind not in MAP_TYPES:
        fault = "wrong_type"
    if fault:
        raise Invalid({"file": fault})
    event.map_sha256, event.map_type = keeping.keep(folder, content), kind
    facts = {"sha256": event.map_sha256}
    note(session, event, "keep_map", by=by, now=now, facts=facts)


def drop_map(session: Session, event: Event, *, version: int, by: Actor, now: datetime) -> None:
    """Show no map; the file stays, since copies of the event may show it."""
    begin(session, event, version=version, by=by)
    event.map_sha256 = event.map_type = None
    note(session, event, "drop_map", by=by, now=now)
