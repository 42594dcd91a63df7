"""Rooms, tables, closures, the map, groups; what is in use stays."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tenon.errors import Invalid
from tenon.events.models import Event
from tenon.events.planning import queries, services
from tenon.events.planning.services import GroupRow, RoomRow
from tenon.events.queries import slots_of, tables_of
from tests.events.planning.scenes import PNG, Cast, announced, begun, broker, meeting_in
from tests.factories.events import make_registration


def _rooms(session: Session, event: Event, cast: Cast, now: datetime, *rows: RoomRow) -> None:
    services.change_rooms(session, event, rows, version=event.version, by=broker(cast), now=now)


def test_tables_move_between_rooms_and_stay_themselves(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = begun(session, cast, now)
    keys = {table.name: table.id for table in tables_of(session, event)}
    old = event.rooms[0].id
    _rooms(
        session,
        event,
        cast,
        now,
        RoomRow(None, "东厅", "East hall", "", "1-3, A1-A2"),
        RoomRow(old, "西厅", "", "", "4-12"),
    )
    found = {table.name: table for table in tables_of(session, event)}
    assert {name: found[name].id for name in keys} == keys
    assert found["2"].room.name_zh == "东厅"
    assert found["4"].room_id == old
    assert [room.name("en") for room in event.rooms] == ["East hall", "西厅"]


def test_a_room_that_goes_takes_its_tables(session: Session, cast: Cast, now: datetime) -> None:
    event = begun(session, cast, now)
    _rooms(session, event, cast, now, RoomRow(None, "新厅", "", "", "A1-A4"))
    assert [table.name for table in tables_of(session, event)] == ["A1", "A2", "A3", "A4"]
    assert [room.name_zh for room in event.rooms] == ["新厅"]


def test_a_table_with_a_meeting_stays(session: Session, cast: Cast, now: datetime) -> None:
    event = announced(session, cast, now)
    table = tables_of(session, event)[11]
    meeting_in(session, event, slots_of(session, event)[0], table=table)
    with pytest.raises(Invalid) as refused:
        _rooms(session, event, cast, now, RoomRow(event.rooms[0].id, "厅", "", "", "1-11"))
    assert refused.value.fields == {"rooms-0-tables": "in_use"}
    assert refused.value.facts["names"] == "12"


@pytest.mark.parametrize(
    ("rows", "field", "code"),
    [
        ([RoomRow(None, "", "", "", "1-2")], "rooms-0-name_zh", "required"),
        ([RoomRow(None, "a", "", "ftp://x", "1")], "rooms-0-online_url", "not_a_web_address"),
        ([RoomRow(None, "a", "", "", "1-501")], "rooms-0-tables", "too_many"),
        (
            [RoomRow(None, "a", "", "", "1-3"), RoomRow(None, "b", "", "", "3")],
            "rooms-1-tables",
            "table_twice",
        ),
    ],
)
def test_rooms_that_cannot_be_are_refused_where_they_stand(
    session: Session, cast: Cast, now: datetime, rows: list[RoomRow], field: str, code: str
) -> None:
    event = begun(session, cast, now)
    with pytest.raises(Invalid) as refused:
        _rooms(session, event, cast, now, *rows)
    assert refused.value.fields == {field: code}


def _close(session: Session, event: Event, cast: Cast, now: datetime, **what: Any) -> int:
    values: dict[str, Any] = {"tables": "1-3", "first": 2, "last": 4, "closed": True} | what
    return services.change_closures(
        session, event, version=event.version, by=broker(cast), now=now, **values
    )


def test_tables_close_and_open_again(session: Session, cast: Cast, now: datetime) -> None:
    event = begun(session, cast, now)
    assert _close(session, event, cast, now) == 3
    assert [table.closed for table in tables_of(session, event)][:4] == [[2, 3, 4]] * 3 + [[]]
    _close(session, event, cast, now, tables="2", first=3, last=3, closed=False)
    assert tables_of(session, event)[1].closed == [2, 4]


def test_a_table_does_not_close_under_a_meeting(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = announced(session, cast, now)
    table = tables_of(session, event)[0]
    meeting_in(session, event, slots_of(session, event)[2], table=table)
    with pytest.raises(Invalid) as refused:
        _close(session, event, cast, now)
    assert refused.value.fields == {"tables": "in_use"}


@pytest.mark.parametrize(
    ("what", "field"),
    [
        ({"tables": ""}, "tables"),
        ({"tables": "99"}, "tables"),
        ({"first": 4, "last": 2}, "last"),
        ({"last": 999}, "last"),
    ],
)
def test_closures_that_cannot_be_are_refused(
    session: Session, cast: Cast, now: datetime, what: dict[str, Any], field: str
) -> None:
    event = begun(session, cast, now)
    with pytest.raises(Invalid) as refused:
        _close(session, event, cast, now, **what)
    assert field in refused.value.fields


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "required"),
        (b"%PDF-1.7", "wrong_type"),
        (b"<svg onload='x'>", "wrong_type"),
        (PNG + b"0" * (5 * 1024 * 1024), "too_large"),
    ],
)
def test_only_pictures_of_a_fair_size_are_maps(
    session: Session, cast: Cast, now: datetime, tmp_path: Path, content: bytes, code: str
) -> None:
    event = begun(session, cast, now)
    with pytest.raises(Invalid) as refused:
        services.keep_map(
            session,
            event,
            content=content,
            folder=tmp_path,
            version=event.version,
            by=broker(cast),
            now=now,
        )
    assert refused.value.fields == {"file": code}


def test_groups_and_their_square(session: Session, cast: Cast, now: datetime) -> None:
    event = begun(session, cast, now)
    first, second = event.groups
    rows = [
        GroupRow(second.id, "企业", "Companies"),
        GroupRow(first.id, "高校", "Universities"),
        GroupRow(None, "投资机构", ""),
    ]
    services.change_groups(
        session,
        event,
        rows,
        may=[(0, 1), (2, 0), (0, 0)],
        version=event.version,
        by=broker(cast),
        now=now,
    )
    assert [(g.id, g.name("en")) for g in event.groups][:2] == [
        (second.id, "Companies"),
        (first.id, "Universities"),
    ]
    third = event.groups[2]
    assert third.name("en") == "投资机构"
    assert queries.pairs(session, event) == {
        tuple(sorted((second.id, first.id))),
        (second.id, second.id),
        tuple(sorted((second.id, third.id))),
    }


def test_a_group_that_somebody_takes_part_as_stays(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = announced(session, cast, now)
    make_registration(session, event, group="company")
    rows = [GroupRow(event.groups[0].id, "高校", "")]
    with pytest.raises(Invalid) as refused:
        services.change_groups(
            session, event, rows, may=[], version=event.version, by=broker(cast), now=now
        )
    assert refused.value.fields == {"groups": "in_use"}
    assert refused.value.facts["names"] == "企业"
