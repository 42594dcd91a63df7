"""Every solver keeps the rules; greedy <= optimiser <= the best there is <= bound."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tenon.timetable import (
    Costs,
    Participant,
    Problem,
    Slot,
    Table,
    Wish,
    bound,
    check,
    first_come,
    greedy,
    optimise,
    replan,
    worth_of,
)
from tests.timetable.problems import small_problems
from tests.timetable.reference import best_worth


@settings(max_examples=100, deadline=None)
@given(small_problems())
def test_simple_solvers_and_bound_against_every_timetable(problem: Problem) -> None:
    best = best_worth(problem)
    assert best is not None
    for made in (first_come(problem), greedy(problem)):
        assert check(problem, made.meetings) == []
        assert made.worth == worth_of(problem, made.meetings)
        assert made.worth <= best
    proved = bound(problem)
    assert proved.floor >= best.floor
    if best.floor == proved.floor:
        assert proved.total >= best.total


@settings(max_examples=40, deadline=None)
@given(small_problems(rooms=False))
def test_optimiser_finds_the_best_of_every_timetable(problem: Problem) -> None:
    best = best_worth(problem)
    assert best is not None
    made = optimise(problem, 20)
    assert check(problem, made.meetings) == []
    assert made.worth == worth_of(problem, made.meetings)
    assert made.worth.key == best.key
    assert made.bound is not None
    assert (made.bound.floor, made.bound.total) >= best.key
    assert made.bound.exact == (made.ended == "optimal")


@settings(max_examples=12, deadline=None)
@given(small_problems())
def test_optimiser_with_rooms_lies_between_greedy_and_the_best(problem: Problem) -> None:
    best = best_worth(problem)
    assert best is not None
    made = optimise(problem, 0.2)
    assert check(problem, made.meetings) == []
    assert greedy(problem).worth <= made.worth <= best


ONE, NO = frozenset({0}), frozenset[int]()
TWO_PEOPLE = (Participant(1, ONE, 1), Participant(2, ONE, 1))
HIGH = 10**9


@pytest.mark.parametrize(
    "problem",
    [
        Problem((), (), (), ()),
        Problem((Slot(0, 1, 0),), (), (), ()),
        Problem((Slot(0, 1, 0),), (Table(1, 0, ONE),), TWO_PEOPLE, ()),
        Problem((Slot(0, 1, 0),), (), TWO_PEOPLE, (Wish(1, 2, HIGH),)),
        Problem(
            (), (Table(1, 0, NO),), (Participant(1, NO, 1), Participant(2, NO, 1)), (Wish(1, 2, 5),)
        ),
        Problem(
            (Slot(0, 1, 0),),
            (Table(1, 0, ONE), Table(2, 1, ONE)),
            TWO_PEOPLE,
            (Wish(1, 2, HIGH),),
            costs=Costs(HIGH, HIGH, HIGH, HIGH, 0),
        ),
    ],
)
def test_next_to_nothing_to_plan(problem: Problem) -> None:
    best = best_worth(problem)
    for made in (optimise(problem, 20), replan(problem, (), 20)):
        assert made.worth == best
        assert made.ended == "optimal"


def test_with_chances_for_all_the_floor_comes_before_the_total() -> None:
    people = tuple(Participant(key, ONE, 1) for key in range(4))
    wishes = (Wish(0, 1, 100), Wish(0, 2, 3), Wish(1, 3, 3))
    problem = Problem((Slot(0, 1, 0),), (Table(1, 0, ONE), Table(2, 0, ONE)), people, wishes)
    for made in (greedy(problem), optimise(problem, 20)):
        assert (made.worth.floor, made.worth.total) == (4, 6)
    assert bound(problem).floor == 4
