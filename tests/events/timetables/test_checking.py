"""Conflicts: each kind where it is, none where it is not, and what an event makes of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tenon.events.timetables import checking, defaults, labels, seating
from tenon.events.timetables.picture import Helper, Picture, Place, Placed, Ruled, Span
from tests.events.timetables.pictures import people, picture, spans

ASKED = [(r, c, "would") for r in (1, 2) for c in (11, 12)]


def codes(shown: Picture, *placed: Placed) -> list[str]:
    found = checking.conflicts(replace(shown, levels=LOOKS_AT_ALL), placed)
    return sorted({one.code for one in found} - {"below_minimum"})


LOOKS_AT_ALL = {"nobody_asked": "warn"}
SPEAKS_ZH = replace(people()[1], languages=frozenset({"zh"}))
SPEAKS_EN = replace(people()[11], languages=frozenset({"en"}))


def shown(**columns: object) -> Picture:
    return picture(ASKED, **columns)  # type: ignore[arg-type]  # columns of a picture


def test_a_timetable_without_fault_has_no_conflict() -> None:
    assert codes(shown(), Placed(1, 11, 0, 21), Placed(2, 12, 0, 22), Placed(1, 12, 1, 21)) == []


@pytest.mark.parametrize(
    ("made", "placed", "code"),
    [
        (shown(), [Placed(1, 11, 0, 21), Placed(1, 12, 0, 22)], "double_booking"),
        (shown(), [Placed(1, 11, 0, 21), Placed(2, 12, 0, 21)], "table_taken"),
        (shown(), [Placed(1, 11, 0, 21), Placed(1, 11, 1, 21)], "pair_twice"),
        (shown(begun=frozenset({0})), [Placed(1, 11, 0, 21)], "slot_passed"),
        (shown(ruled=(Ruled(1, 11, "forbid"),)), [Placed(1, 11, 0, 21)], "forbidden"),
        (picture([*ASKED, (11, 1, "rather_not")]), [Placed(1, 11, 0, 21)], "rather_not"),
        (picture([(2, 12, "would")]), [Placed(1, 11, 0, 21)], "nobody_asked"),
        (
            replace(shown(), tables=(Place(21, 7, frozenset({0})),)),
            [Placed(1, 11, 0, 21)],
            "table_closed",
        ),
        (
            shown(those=people() | {1: replace(people()[1], absent=frozenset({0}))}),
            [Placed(1, 11, 0, 21)],
            "absent",
        ),
        (
            shown(those=people() | {11: replace(people()[11], in_session=frozenset({0}))}),
            [Placed(1, 11, 0, 21)],
            "in_session",
        ),
        (
            shown(those=people() | {1: replace(people()[1], table=22)}),
            [Placed(1, 11, 0, 21)],
            "own_table",
        ),
        (
            shown(those=people() | {1: replace(people()[1], most=1)}),
            [Placed(1, 11, 0, 21), Placed(1, 12, 1, 21)],
            "over_maximum",
        ),
        (
            shown(those=people() | {1: SPEAKS_ZH, 11: SPEAKS_EN}),
            [Placed(1, 11, 0, 21)],
            "no_common_language",
        ),
    ],
)
def test_each_conflict_is_found(made: Picture, placed: list[Placed], code: str) -> None:
    assert codes(made, *placed) == [code]


def test_groups_that_do_not_meet_and_colleagues() -> None:
    made = picture([(1, 2, "would")])
    assert codes(made, Placed(1, 2, 0, 21)) == ["may_not_meet"]
    those = people()
    those[1], those[11] = replace(those[1], house=4), replace(those[11], house=4)
    assert codes(shown(those=those), Placed(1, 11, 0, 21)) == ["same_house"]


def test_who_takes_part_no_more_is_named() -> None:
    (found,) = checking.blocking(
        checking.conflicts(shown(), [Placed(1, 99, 0, 21)]), "block_scheduling"
    )
    assert (found.code, found.people) == ("not_taking_part", (99,))


def test_an_interpreter_helps_one_meeting_at_a_time() -> None:
    those = people() | {1: SPEAKS_ZH, 11: SPEAKS_EN}
    those |= {2: replace(SPEAKS_ZH, id=2), 12: replace(SPEAKS_EN, id=12)}
    made = shown(those=those, helpers=(Helper(41, frozenset({"zh", "en"})),))
    one, other = Placed(1, 11, 0, 21, 41), Placed(2, 12, 0, 22, 41)
    assert codes(made, one) == []
    assert codes(made, one, other) == ["interpreter_taken"]
    assert seating.helped(made, [one], other).interpreter is None
    assert seating.helped(made, [one], replace(other, slot=1)).interpreter == 41


def test_a_change_of_room_needs_its_walk() -> None:
    tables = (Place(21, 7), Place(22, 8))
    tight = replace(shown(), slots=spans(every=22), tables=tables)
    assert codes(tight, Placed(1, 11, 0, 21), Placed(1, 12, 1, 22)) == ["room_change_tight"]
    assert codes(tight, Placed(1, 11, 0, 21), Placed(1, 12, 1, 21)) == []
    assert codes(tight, Placed(1, 11, 0, 21), Placed(1, 12, 2, 22)) == []
    roomy = replace(tight, slots=spans(every=25))
    assert codes(roomy, Placed(1, 11, 0, 21), Placed(1, 12, 1, 22)) == []


def test_many_meetings_in_a_row_want_a_pause_and_a_break_is_one() -> None:
    most = defaults.in_a_row()
    those = people(1, most + 2)
    asked = [(1, key, "would") for key in range(11, 13 + most)]
    made = picture(asked, those=those, slots=most + 2)
    row = [Placed(1, 11 + place, place, 21) for place in range(most + 1)]
    assert codes(made, *row) == ["no_pause"]
    assert codes(made, *row[:-1]) == []
    assert codes(made, *row[:2], *(replace(one, slot=one.slot + 1) for one in row[2:])) == []
    late = made.slots[3:]
    shifted = tuple(
        Span(one.id, one.starts_at.replace(hour=5), one.ends_at.replace(hour=5), 0) for one in late
    )
    assert codes(replace(made, slots=made.slots[:3] + shifted), *row) == []


def test_who_has_too_few_is_said_only_of_those_with_wishes() -> None:
    found = checking.conflicts(picture([(1, 11, "would")]), [])
    assert [(one.code, one.people) for one in found] == [
        ("below_minimum", (1,)),
        ("below_minimum", (11,)),
    ]


def test_what_one_more_meeting_breaks_and_nothing_else() -> None:
    placed = [Placed(1, 11, 0, 21), Placed(2, 12, 0, 21)]
    found = checking.conflicts_of(shown(), placed, Placed(1, 12, 1, 21))
    assert found == []
    found = checking.conflicts_of(shown(), placed[:1], Placed(1, 12, 0, 22))
    assert [(one.code, one.people, one.slot) for one in found] == [("double_booking", (1,), 0)]


def test_an_events_levels_decide_but_not_of_what_is_settled() -> None:
    absent = shown(those=people() | {1: replace(people()[1], absent=frozenset({0}))})
    placed = [Placed(1, 11, 0, 21), Placed(1, 12, 0, 21)]
    levels = {"absent": "warn", "double_booking": "ignore", "table_taken": "nonsense"}
    found = checking.conflicts(replace(absent, levels=levels), placed)
    by_code = {one.code: one.level for one in found}
    assert by_code["absent"] == "warn"
    assert by_code["double_booking"] == by_code["table_taken"] == "block_scheduling"
    ignoring = replace(absent, levels={"absent": "ignore"})
    assert "absent" not in {one.code for one in checking.conflicts(ignoring, placed)}


def test_every_code_has_a_known_level_and_words() -> None:
    assert set(labels.CONFLICTS) == set(defaults.known())
    assert set(labels.LEVELS) == set(defaults.LEVELS)
    assert set(labels.COSTS) == set(defaults.COSTS)


def test_offers_are_the_first_places_where_nothing_forbids_a_meeting() -> None:
    placed = [Placed(1, 12, 0, 21), Placed(2, 12, 1, 21), Placed(2, 11, 2, 21)]
    found = seating.offers(shown(), placed, 1, 11)
    assert [(one.slot, one.table) for one in found] == [(1, 22), (3, 21)]
    full = replace(shown(), tables=(Place(21, 7),))
    assert [one.slot for one in seating.offers(full, placed, 1, 11)] == [3]
    assert seating.offers(shown(), placed, 1, 99) == []
