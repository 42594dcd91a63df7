"""Rules of pairs: what each row becomes, and that a preview changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.errors import Forbidden, Invalid
from tenon.events.models import Absence, PairRule, Registration
from tenon.events.taking_part.services import ruling
from tenon.events.taking_part.services.ruling import Asked, read_lines
from tests.events.taking_part.cast import Cast
from tests.factories.events import make_registration, slots


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("ab12 cd34", Asked(1, "AB12", "CD34")),
        ("ab12,cd34", Asked(1, "AB12", "CD34")),
        ("AB12；CD34；3；A 7", Asked(1, "AB12", "CD34", fault="two_codes_a_line")),
        ('"AB12"\t"CD34"\t3\tA7', Asked(1, "AB12", "CD34", 3, "A7")),
        ("AB12", Asked(1, "AB12", "", fault="two_codes_a_line")),
        ("AB12 CD34 third", Asked(1, "AB12", "CD34", fault="slot_is_a_number")),
        ("AB12 CD34 ²", Asked(1, "AB12", "CD34", fault="slot_is_a_number")),
    ],
)
def test_a_line_is_read(line: str, read: Asked) -> None:
    assert read_lines(line) == [read]


@given(st.text(max_size=200))
def test_any_text_is_read_or_faulted_by_line(text: str) -> None:
    for row in read_lines(text):
        assert row.fault or (row.first and row.second)
        assert 1 <= row.line <= len(text.splitlines())


def _person(session: Session, cast: Cast, code: str, **columns: Any) -> Registration:
    made = make_registration(session, cast.event, **columns)
    made.code = code
    session.flush()
    return made


def _people(session: Session, cast: Cast, number: int) -> list[Registration]:
    return [_person(session, cast, f"CODE{place}") for place in range(number)]


def _rules(session: Session) -> list[tuple[int, int, str, int | None, int | None]]:
    session.flush()
    rows = session.scalars(sa.select(PairRule).order_by(PairRule.id))
    return [(each.a_id, each.b_id, each.rule, each.slot_id, each.table_id) for each in rows]


def test_every_row_has_its_own_answer(session: Session, cast: Cast, now: datetime) -> None:
    people = _people(session, cast, 4)
    _person(session, cast, "WAITS", state="waiting", place=1)
    text = "code0 code1\nCODE2 NOSUCH\nNOSUCH CODE2\nCODE1 CODE0\nCODE2 CODE2\nCODE2 WAITS\nCODE3"
    by = cast.actor("broker")
    wanted = [
        "new", "unknown_second", "unknown_first", "said_twice", "same_person", "not_confirmed",
        "two_codes_a_line",
    ]  # fmt: skip
    rows = read_lines(text)
    shown = ruling.judge(session, cast.event, rows, rule="forbid", by=by)
    assert [each.code for each in shown] == wanted
    assert _rules(session) == []
    done = ruling.rule_pairs(session, cast.event, rows, rule="forbid", by=by, now=now)
    assert [each.code for each in done] == wanted
    assert _rules(session) == [(people[0].id, people[1].id, "forbid", None, None)]
    again = ruling.rule_pairs(session, cast.event, rows, rule="forbid", by=by, now=now)
    assert again[0].code == "same"
    other = ruling.rule_pairs(session, cast.event, rows, rule="add", by=by, now=now)
    assert other[0].code == "changed"
    assert _rules(session) == [(people[0].id, people[1].id, "add", None, None)]


def test_fixed_meetings_do_not_collide(session: Session, cast: Cast, now: datetime) -> None:
    people = _people(session, cast, 8)
    by, all_slots = cast.actor("host_editor"), slots(session, cast.event)
    tables = cast.event.rooms[0].tables
    tables[3].closed = [0]
    session.add(Absence(registration_id=people[6].id, slot_id=all_slots[0].id))
    session.flush()
    text = (
        "CODE0 CODE1 1 1\nCODE2 CODE3 1 1\nCODE1 CODE2 1 2\nCODE4 CODE5\nCODE4 CODE5 99\n"
        "CODE4 CODE5 1 99\nCODE4 CODE5 1 4\nCODE6 CODE7 1 3\nCODE6 CODE7 2 3"
    )
    done = ruling.rule_pairs(session, cast.event, read_lines(text), rule="fix", by=by, now=now)
    assert [each.code for each in done] == [
        "new", "table_taken_then", "already_fixed_then", "slot_missing", "said_twice",
        "said_twice", "said_twice", "not_free_then", "said_twice",
    ]  # fmt: skip
    one = [
        ruling.judge(session, cast.event, read_lines(line), rule="fix", by=by)[0].code
        for line in (
            "CODE4 CODE5 99", "CODE4 CODE5 1 99", "CODE4 CODE5 1 4", "CODE6 CODE7 2 3",
            "CODE2 CODE3 1 1", "CODE0 CODE3 1 2", "CODE0 CODE1 1 1",
        )
    ]  # fmt: skip
    assert one == [
        "unknown_slot", "unknown_table", "table_closed_then", "new", "table_taken_then",
        "already_fixed_then", "same",
    ]  # fmt: skip
    for_all = ruling.judge(
        session, cast.event, read_lines("CODE4 CODE5"), rule="fix", slot=3, table="2", by=by
    )
    assert (for_all[0].code, for_all[0].slot, for_all[0].table) == ("new", all_slots[2], tables[1])


def test_rules_are_the_organisers(session: Session, cast: Cast, now: datetime) -> None:
    _people(session, cast, 2)
    rows = read_lines("CODE0 CODE1")
    for name in ("buyer", "helper", "stranger", "nobody"):
        with pytest.raises(Forbidden):
            ruling.rule_pairs(session, cast.event, rows, rule="add", by=cast.actor(name), now=now)
        with pytest.raises(Forbidden):
            ruling.forget_rules(session, cast.event, ["x"], by=cast.actor(name), now=now)
    for rule, given_rows in (("", rows), ("whim", rows), ("add", [])):
        with pytest.raises(Invalid):
            ruling.judge(session, cast.event, given_rows, rule=rule, by=cast.actor("broker"))
