"""What no timetable can exceed, proved.

The relaxation is the program of the window of all slots without whole numbers: every timetable is
one of its points, worth there at least what it is worth (changes of room are left out). Prices of
its rows, from any solver and however rough, give a bound by weak duality in whole numbers
(``program.certify``). The wishes may be any graph. docs/decisions/0031-timetable.md has the proof.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from tenon.timetable.draft import Draft
from tenon.timetable.greedy import greedy_draft
from tenon.timetable.grid import Grid, read
from tenon.timetable.problem import Problem
from tenon.timetable.program import Floats, certify, prices, raised, reduced
from tenon.timetable.result import Bound, Worth
from tenon.timetable.window import Window, merged_program, opened, program

RELAXATION, MATCHING, EVERYTHING = "linear relaxation", "b-matching", "all wishes"
LONG = 3600.0


@dataclass(frozen=True, slots=True)
class Proof:
    """A bound, and what the prices that prove it say of each choice.

    Attributes:
        bound: proved.
        profit: wishes by slots, what a choice is worth after its prices; -inf where there is none.
            A timetable with choices of profit below 0 lies below the bound by as much. None where
            no prices were found in time.
    """

    bound: Bound
    profit: Floats | None


def bound(problem: Problem, seconds: float | None = None, *, floor: int | None = None) -> Bound:
    """Return a proved bound of the worth of any timetable.

    Args:
        problem: what is asked for.
        seconds: about how long may be taken; as long as it takes if left out.
        floor: participants with a meeting in a timetable that is known; those of the greedy one
            if left out. The bound's total holds for all timetables with this floor or a higher one.
    """
    grid = read(problem)
    if floor is None:
        floor = greedy_draft(grid).floor
    return prove(grid, floor, LONG if seconds is None else seconds).bound


def prove(grid: Grid, floor: int, seconds: float) -> Proof:
    """Return the bound for timetables whose floor is at least the one given, with its proof."""
    until = time.monotonic() + seconds
    quick = prove_quickly(grid, floor, seconds / 2)
    window = _for_floor(whole(grid), floor)
    built = program(window).built()
    price = prices(built, until - time.monotonic())
    if price is None:
        return quick
    price = raised(built, price, window.wish)
    total = certify(built, price)
    if total > quick.bound.total:
        return quick
    profit = np.full((len(grid.a), grid.slots), -np.inf)
    profit[window.wish, window.slot] = reduced(built, price)[: len(window.wish)]
    return Proof(Bound(RELAXATION, quick.bound.floor, total, exact=False), profit)


def prove_quickly(grid: Grid, floor: int, seconds: float) -> Proof:
    """Return a bound that knows how many meetings people and slots can have, not which slots.

    What is left of the program if the choices of a wish are one column, and its rows are added up
    over the slots: a b-matching with limits of places, exact where everybody is always free.
    """
    window = whole(grid)
    highest = _highest_floor(window, floor, seconds)
    window = _for_floor(window, floor)
    wish, spot = np.unique(window.wish, return_index=True)
    both = np.concatenate(window.people) * grid.slots + np.tile(window.slot, 2)
    open_slots = np.bincount(np.unique(both) // grid.slots, minlength=grid.people)
    merged = replace(window, wish=wish, slot=window.slot[spot])
    places = sum(grid.places) - int(window.stay.sum())
    built = merged_program(merged, open_slots, places).built()
    price = prices(built, seconds)
    if price is None:
        total = certify(built, np.zeros(built.matrix.shape[0]))
        return Proof(Bound(EVERYTHING, highest, total, exact=False), None)
    profit = np.full((len(grid.a), 1), -np.inf)
    profit[wish, 0] = reduced(built, price)[: len(wish)]
    found = Bound(MATCHING, highest, certify(built, price), exact=False)
    return Proof(found, np.repeat(profit, grid.slots, axis=1))


def _for_floor(window: Window, floor: int) -> Window:
    return replace(window, covered=max(0, floor - int((window.load > 0).sum())))


def whole(grid: Grid) -> Window:
    """Return the window of all slots, with only the fixed meetings outside."""
    return opened(grid, np.array(Draft(grid).slot_of, np.int64), range(grid.slots))


def _highest_floor(window: Window, floor: int, seconds: float) -> int:
    """Return a number of participants with a meeting that no timetable exceeds."""
    first, second = window.people
    people = np.union1d(np.flatnonzero(window.load), np.union1d(first, second))
    if floor >= len(people):
        return len(people)
    built = program(window, for_floor=True).built()
    price = prices(built, seconds)
    return len(people) if price is None else min(len(people), certify(built, price))


def reached(found: Bound, worth: Worth) -> Bound:
    """Return the bound, marked exact where a timetable of this worth reaches it."""
    return replace(found, exact=found.exact or worth.key == (found.floor, found.total))
