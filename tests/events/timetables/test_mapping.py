"""From a picture to the optimiser's problem: nothing is lost and nothing is made up."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tenon.events.timetables import checking, mapping
from tenon.events.timetables.defaults import costs
from tenon.events.timetables.picture import Helper, Place, Placed, Ruled
from tenon.timetable import check, greedy
from tests.events.timetables.pictures import people, picture, spans


def test_slots_keep_their_distances_and_days() -> None:
    first, second = spans(2)
    problem = mapping.problem_of(picture(slots=2)).problem
    assert [(one.start, one.end, one.day) for one in problem.slots] == [(0, 20, 0), (25, 45, 0)]
    later = replace(second, day=1)
    problem = mapping.problem_of(replace(picture(), slots=(first, later))).problem
    assert [one.day for one in problem.slots] == [0, 1]


def test_nobody_is_free_when_absent_or_in_a_session_or_when_the_slot_has_begun() -> None:
    those = people()
    those[1] = replace(those[1], absent=frozenset({1}), in_session=frozenset({2}))
    shown = picture([(1, 11, "would")], those=those, begun=frozenset({0}))
    free = {one.key: one.free for one in mapping.problem_of(shown).problem.participants}
    assert free[1] == {3}
    assert free[11] == {1, 2, 3}
    ignoring = replace(shown, levels={"absent": "ignore", "in_session": "ignore"})
    free = {one.key: one.free for one in mapping.problem_of(ignoring).problem.participants}
    assert free[1] == {1, 2, 3}


def test_tables_close_and_own_tables_are_kept() -> None:
    those = people()
    those[11] = replace(those[11], table=22)
    tables = (Place(21, 7, frozenset({0})), Place(22, 8))
    shown = replace(picture([(1, 11, "would")], those=those), tables=tables)
    problem = mapping.problem_of(shown).problem
    assert [(one.key, one.room, sorted(one.free)) for one in problem.tables] == [
        (21, 7, [1, 2, 3]),
        (22, 8, [0, 1, 2, 3]),
    ]
    assert {one.key: one.table for one in problem.participants}[11] == 22
    assert {one.table for one in greedy(problem).meetings} == {22}


def test_who_was_asked_is_the_host() -> None:
    problem = mapping.problem_of(picture([(11, 1, "would"), (2, 12, "must")])).problem
    assert [(one.a, one.b) for one in problem.wishes] == [(1, 11), (12, 2)]


def test_who_asked_and_was_asked_for_nothing_misses_nothing() -> None:
    problem = mapping.problem_of(picture([(1, 11, "would")])).problem
    assert {one.key: one.least for one in problem.participants} == {1: 1, 2: 0, 11: 1, 12: 0}


def test_languages_and_interpreters() -> None:
    those = people()
    those[1] = replace(those[1], languages=frozenset({"zh"}))
    those[11] = replace(those[11], languages=frozenset({"en"}))
    helper = Helper(41, frozenset({"zh", "en"}), frozenset({0}))
    shown = picture([(1, 11, "would")], those=those, helpers=(helper,))
    (met,) = greedy(mapping.problem_of(shown).problem).meetings
    assert (met.interpreter, met.slot > 0) == (41, True)
    without = replace(shown, helpers=())
    assert greedy(mapping.problem_of(without).problem).meetings == ()
    ignoring = replace(without, levels={"no_common_language": "ignore"})
    assert len(greedy(mapping.problem_of(ignoring).problem).meetings) == 1


def test_rules_and_pins_fix_meetings_and_one_that_cannot_be_held_is_named() -> None:
    shown = picture(
        [(1, 11, "would"), (1, 12, "would"), (2, 12, "would")],
        ruled=(Ruled(11, 1, "fix", slot=2, table=22),),
    )
    clash = Placed(1, 12, 2, None, pinned=True)
    pins = [Placed(2, 12, 1, 21, pinned=True)]
    mapped = mapping.problem_of(shown, [*mapping.fixed_of(shown, pins), clash])
    assert [(one.a, one.b, one.slot, one.table) for one in mapped.problem.fixed] == [
        (2, 12, 1, 21),
        (1, 11, 2, 22),
    ]
    assert mapped.left_out == (clash,)


def test_a_fixed_meeting_may_lie_where_somebody_is_absent_and_the_table_closed() -> None:
    those = people()
    those[1] = replace(those[1], absent=frozenset({0}), most=0, least=0)
    shown = replace(
        picture([(1, 11, "would")], those=those), tables=(Place(21, 7, frozenset({0})),)
    )
    mapped = mapping.problem_of(shown, [Placed(1, 11, 0, 21, pinned=True)])
    assert mapped.left_out == ()
    assert [one.slot for one in greedy(mapped.problem).meetings] == [0]


def test_who_left_is_left_out_of_what_was_pinned() -> None:
    gone = Placed(1, 99, 0, 21, pinned=True)
    assert mapping.problem_of(picture([(1, 11, "would")]), [gone]).left_out == (gone,)


def test_an_event_without_tables_holds_as_many_meetings_as_there_are_pairs() -> None:
    shown = picture([(1, 11, "would"), (2, 12, "would")], slots=1, tables=0)
    found = greedy(mapping.problem_of(shown).problem)
    placed = mapping.placed_of(shown, found)
    assert [(one.pair, one.table) for one in placed] == [((1, 11), None), ((2, 12), None)]
    assert mapping.reached(shown, placed).total == found.worth.total


def test_an_events_costs_go_before_the_defaults() -> None:
    problem = mapping.problem_of(picture(costs={"gap": 9, "nonsense": 3})).problem
    assert problem.costs == replace(costs({}), gap=9)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 4),
            st.integers(11, 14),
            st.sampled_from(["must", "would", "rather_not"]),
        ),
        max_size=16,
        unique_by=lambda one: one[:2],
    ),
    st.lists(st.frozensets(st.integers(0, 3)), min_size=8, max_size=8),
    st.integers(1, 3),
)
def test_what_the_optimiser_gives_breaks_no_rule_of_the_event(
    asked: list[tuple[int, int, str]], absent: list[frozenset[int]], tables: int
) -> None:
    those = people(4, 4)
    for one, slots in zip(list(those.values()), absent, strict=True):
        those[one.id] = replace(one, absent=slots)
    shown = picture(asked, those=those, tables=tables)
    mapped = mapping.problem_of(shown)
    found = greedy(mapped.problem)
    assert check(mapped.problem, found.meetings) == []
    placed = mapping.placed_of(shown, found)
    told = checking.conflicts(shown, placed)
    assert checking.blocking(told, "block_scheduling", "block_release") == []
    assert mapping.reached(shown, placed).total == found.worth.total
