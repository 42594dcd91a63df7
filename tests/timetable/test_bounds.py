"""Bounds hold for any prices, for any graph of wishes, and are reached where they should be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenon.timetable import (
    Costs,
    Participant,
    Problem,
    Slot,
    Table,
    Wish,
    bound,
    greedy,
    instance,
    optimise,
)
from tenon.timetable import bounds as proving
from tenon.timetable.bounds import prove_quickly, whole
from tenon.timetable.grid import read
from tenon.timetable.program import certify, raised
from tenon.timetable.window import program
from tests.timetable.problems import small_problems
from tests.timetable.reference import best_worth


@settings(max_examples=40, deadline=None)
@given(small_problems(), st.integers(0, 2**32 - 1), st.sampled_from([0.1, 1.0, 30.0]))
def test_any_prices_prove_a_bound(problem: Problem, seed: int, size: float) -> None:
    best = best_worth(problem)
    assert best is not None
    window = whole(read(problem))
    built = program(window).built()
    price = np.random.default_rng(seed).normal(0, size, built.matrix.shape[0])
    proved = certify(built, price)
    assert proved >= best.total
    assert best.total <= certify(built, raised(built, price, window.wish))


@settings(max_examples=40, deadline=None)
@given(small_problems())
def test_the_quick_bound_holds_and_the_full_one_is_no_worse(problem: Problem) -> None:
    best = best_worth(problem)
    assert best is not None
    grid, floor = read(problem), greedy(problem).worth.floor
    quick = prove_quickly(grid, floor, 10).bound
    full = bound(problem, floor=floor)
    assert best.floor <= full.floor
    assert full.total <= quick.total
    if best.floor >= floor:
        assert best.total <= full.total


def test_without_availability_rules_the_quick_bound_is_reached() -> None:
    everyone = instance(5, sides=(8, 8), wishes=40, slots=4, tables=8, blocked=(0.0, 0.0))
    tables = tuple(Table(one.key, 0, frozenset(range(4))) for one in everyone.tables)
    problem = Problem(everyone.slots, tables, everyone.participants, everyone.wishes)
    made = optimise(problem, 20)
    assert made.ended == "optimal"
    assert made.bound is not None
    assert made.bound.exact
    assert made.worth.total == prove_quickly(read(problem), made.worth.floor, 10).bound.total


def test_a_bound_without_a_solver_is_the_sum_of_all_wishes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = instance(5, sides=9, wishes=20, slots=3, tables=2)
    monkeypatch.setattr(proving, "prices", lambda *_: None)
    found = bound(problem)
    assert found.name == "all wishes"
    assert found.total <= sum(one.value for one in problem.wishes)
    assert found.total >= greedy(problem).worth.total


def test_a_triangle_in_one_slot_is_bounded_from_above() -> None:
    free = frozenset({0})
    people = tuple(Participant(key, free, 1) for key in range(3))
    wishes = (Wish(0, 1, 10), Wish(1, 2, 10), Wish(0, 2, 10))
    tables = (Table(0, 0, free), Table(1, 0, free))
    problem = Problem((Slot(0, 20, 0),), tables, people, wishes, costs=Costs(shortfall=1))
    best, proved = best_worth(problem), bound(problem)
    assert best is not None
    assert (best.floor, best.total) == (2, 9)
    assert proved.total >= best.total
    assert proved.floor >= best.floor
