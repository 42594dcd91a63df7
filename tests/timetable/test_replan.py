"""A new plan after no-shows: rules kept, little moved, little lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenon.timetable import (
    Costs,
    Fixed,
    Meeting,
    Problem,
    check,
    greedy,
    instance,
    moved,
    optimise,
    replan,
    worth_of,
)
from tests.timetable.problems import small_problems


def without(problem: Problem, gone: frozenset[int]) -> Problem:
    """Return the problem in which some are not free any more."""
    return replace(
        problem,
        participants=tuple(
            replace(one, free=frozenset()) if one.key in gone else one
            for one in problem.participants
        ),
    )


@pytest.mark.parametrize("costs", [Costs(), Costs(20, 5, 3, 2, 2)])
def test_no_shows(costs: Costs) -> None:
    drawn = instance(7, sides=(40, 40), wishes=400, slots=10, tables=14, rooms=2, costs=costs)
    before = optimise(drawn, 0.7).meetings
    gone = frozenset({1, 17, 33, 44, 60})
    after = without(drawn, gone)
    made = replan(after, before, 1.5)
    assert check(after, made.meetings) == []
    untouched = [one for one in before if not {one.a, one.b} & gone]
    assert len(moved(untouched, made.meetings)) < 0.05 * len(untouched)
    assert made.worth > worth_of(after, untouched)
    assert made.worth.total >= 0.95 * greedy(after).worth.total


def test_when_nothing_has_changed_next_to_nothing_moves() -> None:
    drawn = instance(7, sides=(12, 12), wishes=50, slots=6, tables=12)
    before = optimise(drawn, 60.0).meetings
    assert moved(before, replan(drawn, before, 2.0).meetings) == ()


@settings(max_examples=20, deadline=None)
@given(small_problems(), st.sets(st.integers(100, 104), max_size=2))
def test_nothing_moves_where_nothing_may(problem: Problem, gone: set[int]) -> None:
    before = optimise(problem, 0.1).meetings
    try:
        after = without(problem, frozenset(gone))
    except ValueError:  # one of the fixed meetings was theirs
        return
    made = replan(after, before, 0.1, most_moved=0.0)
    assert check(after, made.meetings) == []
    untouched = [one for one in before if not {one.a, one.b} & gone]
    assert moved(untouched, made.meetings) == ()


def test_a_meeting_that_was_held_stays_when_it_is_fixed() -> None:
    drawn = instance(7, sides=(12, 12), wishes=50, slots=6, tables=6)
    before = optimise(drawn, 1.0).meetings
    held = [one for one in before if one.slot < 2]
    fixed = tuple(Fixed(one.a, one.b, one.slot, one.table) for one in held)
    now = replace(drawn, fixed=fixed)
    made = replan(now, before, 1.0)
    assert set(held) <= set(made.meetings)


def test_moved_tells_slot_table_and_dropped() -> None:
    before = [Meeting(1, 2, 0, 5), Meeting(3, 4, 0, 6), Meeting(5, 6, 1, 5), Meeting(7, 8, 2, 5)]
    after = [Meeting(2, 1, 0, 5), Meeting(3, 4, 0, 7), Meeting(5, 6, 2, 5), Meeting(9, 8, 2, 6)]
    assert moved(before, after) == tuple(before[1:])
