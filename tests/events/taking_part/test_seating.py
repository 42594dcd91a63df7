"""Tables of somebody's own: given singly and to several, taken back, shown, gone with the part."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.errors import Conflict, Forbidden, Invalid
from tenon.events.models import Registration
from tenon.events.planning import services as planning
from tenon.events.planning.services import RoomRow
from tenon.events.queries import tables_of
from tenon.events.taking_part import services
from tenon.events.taking_part.services.seating import Choice
from tenon.events.timetables.mapping import problem_of
from tenon.events.timetables.reading import picture_of
from tenon.history.models import HistoryEntry
from tests.events.taking_part.cast import Cast, browser, read_anew, words
from tests.factories.accounts import post
from tests.factories.events import make_registration


def _choice(*parts: Registration) -> Choice:
    return [(each.public_id, each.version) for each in parts]


def _own(session: Session, cast: Cast, *parts: Registration) -> list[str | None]:
    names = {table.id: table.name for table in tables_of(session, cast.event)}
    return [None if each.table_id is None else names[each.table_id] for each in parts]


def test_each_gets_one_or_all_share_one(session: Session, cast: Cast, now: datetime) -> None:
    first, second = (make_registration(session, cast.event) for _ in range(2))
    by = cast.actor("broker")
    both = _choice(first, second)
    done = services.give_tables(session, cast.event, both, tables="2-3", by=by, now=now)
    assert [each.code for each in done] == ["", ""]
    assert _own(session, cast, first, second) == ["2", "3"]
    both = _choice(first, second)
    services.give_tables(session, cast.event, both, tables="3", by=by, now=now)
    assert _own(session, cast, first, second) == ["3", "3"]
    assert (first.version, second.version) == (3, 2)
    services.free_tables(session, cast.event, _choice(first), by=by, now=now)
    assert _own(session, cast, first, second) == [None, "3"]
    entries = session.scalars(
        sa.select(HistoryEntry).filter_by(chain_id=first.public_id).order_by(HistoryEntry.id)
    )
    assert [(each.kind, each.facts["table"]) for each in entries] == [
        ("set_table", "2"),
        ("set_table", "3"),
        ("set_table", None),
    ]


def test_the_optimiser_takes_a_table_that_two_share(
    session: Session, cast: Cast, now: datetime
) -> None:
    first, second = (make_registration(session, cast.event) for _ in range(2))
    make_registration(session, cast.event, group="company")
    services.give_tables(
        session, cast.event, _choice(first, second), tables="1", by=cast.actor("broker"), now=now
    )
    session.flush()
    problem = problem_of(picture_of(session, cast.event, now=now)).problem
    table = tables_of(session, cast.event)[0].id
    own = {each.key: each.table for each in problem.participants}
    assert (own[first.id], own[second.id]) == (table, table)
    assert sorted(map(str, own.values())) == sorted([str(table), str(table), "None"])


@pytest.mark.parametrize(
    ("tables", "code"),
    [
        ("", "required"),
        ("1, 99", "no_such_table"),
        ("1-3", "tables_do_not_go_round"),
        ("x" * 21, "too_long"),
    ],
)
def test_tables_that_cannot_be_given_are_refused(
    session: Session, cast: Cast, now: datetime, tables: str, code: str
) -> None:
    parts = [make_registration(session, cast.event) for _ in range(2)]
    with pytest.raises(Invalid) as refused:
        services.give_tables(
            session, cast.event, _choice(*parts), tables=tables, by=cast.actor("broker"), now=now
        )
    assert refused.value.fields == {"tables": code}
    assert _own(session, cast, *parts) == [None, None]


def test_nobody_chosen_is_nobody_and_others_may_not(
    session: Session, cast: Cast, now: datetime
) -> None:
    part = make_registration(session, cast.event, user=cast.people["buyer"])
    with pytest.raises(Invalid) as refused:
        services.give_tables(session, cast.event, [], tables="1", by=cast.actor("broker"), now=now)
    assert refused.value.fields == {"chosen": "nothing_chosen"}
    for name in ("buyer", "stranger"):
        with pytest.raises(Forbidden):
            services.free_tables(session, cast.event, _choice(part), by=cast.actor(name), now=now)
    cast.event.state = "over"
    with pytest.raises(Conflict, match="event_over"):
        services.free_tables(session, cast.event, _choice(part), by=cast.actor("broker"), now=now)


def test_a_row_that_changed_meanwhile_or_is_of_elsewhere_stays(
    session: Session, cast: Cast, now: datetime
) -> None:
    part = make_registration(session, cast.event)
    ended = make_registration(session, cast.event, state="cancelled")
    rows = [(part.public_id, part.version + 1), (ended.public_id, None), ("nowhere", None)]
    done = services.give_tables(
        session, cast.event, rows, tables="1", by=cast.actor("broker"), now=now
    )
    assert [each.code for each in done] == ["changed_meanwhile", "part_over", "not_found"]
    assert _own(session, cast, part, ended) == [None, None]


def test_a_part_that_ends_lets_its_table_go(session: Session, cast: Cast, now: datetime) -> None:
    part = make_registration(session, cast.event, user=cast.people["buyer"])
    by = cast.actor("broker")
    services.give_tables(session, cast.event, _choice(part), tables="4", by=by, now=now)
    rows = [RoomRow(cast.event.rooms[0].id, "一号厅", "", "", "1-3")]
    version = cast.event.version
    with pytest.raises(Invalid) as refused:
        planning.change_rooms(session, cast.event, rows, version=version, by=by, now=now)
    assert refused.value.facts["names"] == "4"
    services.cancel(session, part, by=cast.actor("buyer"), now=now)
    assert part.table_id is None
    version = cast.event.version
    planning.change_rooms(session, cast.event, rows, version=version, by=by, now=now)
    assert [table.name for table in tables_of(session, cast.event)] == ["1", "2", "3"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_organiser_gives_them_in_the_list_and_people_read_theirs(
    app: Flask, settled: Cast, committed: Session, parts: dict[str, Registration], language: str
) -> None:
    client = browser(app, settled.people["broker"], language)
    place = f"/events/{settled.event.public_id}/people"
    chosen = [f"{each.public_id}:{each.version}" for each in parts.values()]
    assert f'formaction="{place}/tables"' in client.get(place).text
    sent = {"chosen": chosen, "state": "confirmed", "seating": "give", "tables": "7-9"}
    wrong = post(client, f"{place}/tables", **sent)
    assert wrong.status_code == 422
    assert 'id="tables-error"' in wrong.text
    assert 'value="7-9"' in wrong.text
    assert wrong.text.count(" checked") >= 2
    assert post(client, f"{place}/tables", **sent | {"tables": "1-2"}).status_code == 303
    shown = words(client.get(place))
    assert ("Own table 1" if language == "en" else "固定桌位 1") in shown
    person = browser(app, settled.people["buyer"], language)
    own = words(person.get(f"/events/{settled.event.public_id}/my-part"))
    assert ("Hall 1" if language == "en" else "一号厅") in own
    part = read_anew(committed, sa.select(Registration).filter_by(id=parts["buyer"].id))
    assert part.table_id is not None
    again = {"chosen": f"{part.public_id}:{part.version}", "seating": "free", "tables": "3"}
    assert post(client, f"{place}/tables", **again).status_code == 303
    part = read_anew(committed, sa.select(Registration).filter_by(id=parts["buyer"].id))
    assert part.table_id is None


def test_the_pages_are_the_organisers_alone(
    app: Flask, settled: Cast, committed: Session, parts: dict[str, Registration]
) -> None:
    part, place = parts["buyer"], f"/events/{settled.event.public_id}/people"
    for name in ("buyer", "colleague", "stranger"):
        client = browser(app, settled.people[name])
        sent = {"chosen": part.public_id, "seating": "give", "tables": "1"}
        assert post(client, f"{place}/tables", **sent).status_code == 403
        who = {"email": settled.people["nobody"].email, "group": "company"}
        assert post(client, f"{place}/enter", **who).status_code == 403
    visitor = browser(app, None)
    assert "sign-in" in post(visitor, f"{place}/tables", tables="1").location
    found = read_anew(committed, sa.select(Registration).filter_by(id=part.id))
    assert found.table_id is None
