"""Timetables without search: first come, first served, and a good greedy one.

Both are feasible within milliseconds to seconds at any size; the optimiser starts from the greedy
one and is measured against both.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from tenon.timetable.draft import Draft
from tenon.timetable.grid import NONE, Grid, read
from tenon.timetable.problem import Problem
from tenon.timetable.result import Timetable
from tenon.timetable.rules import worth_of
from tenon.timetable.seating import seat


def finished(draft: Draft, since: float, ended: str = "time") -> Timetable:
    """Return a draft, seated and valued, as a timetable; ``since`` is of ``time.monotonic``."""
    meetings = seat(draft)
    worth = worth_of(draft.grid.problem, meetings)
    return Timetable(meetings, worth, None, time.monotonic() - since, ended)


def first_come(problem: Problem, order: Sequence[int] | None = None) -> Timetable:
    """Return the timetable of wishes served in turn, each in the first slot that is left.

    Args:
        problem: what is asked for.
        order: positions in ``problem.wishes``; as they stand there if left out.
    """
    since = time.monotonic()
    draft = Draft(read(problem))
    for wish in order if order is not None else range(len(problem.wishes)):
        if draft.slot_of[wish] == NONE:
            slot = next((one for one in draft.grid.options[wish] if draft.fits(wish, one)), NONE)
            if slot != NONE:
                draft.place(wish, slot)
    return finished(draft, since)


def greedy(problem: Problem) -> Timetable:
    """Return the best of a few greedy timetables: the floor first, then the total."""
    since = time.monotonic()
    return finished(greedy_draft(read(problem)), since)


def greedy_draft(grid: Grid) -> Draft:
    """Return the better of two drafts: by value alone, and with the floor seen to first."""
    by_value, floor_first = Draft(grid), Draft(grid)
    serve(by_value)
    cover(floor_first)
    serve(floor_first)
    return max(by_value, floor_first, key=lambda one: one.worth)


def serve(draft: Draft) -> None:
    """Place what fits, the most valuable first, each where it is least in the way."""
    grid = draft.grid
    demand = _demand(grid)
    for wish in sorted(range(len(grid.a)), key=lambda one: -grid.value[one]):
        if draft.slot_of[wish] == NONE:
            place_best(draft, wish, demand)


def cover(draft: Draft) -> None:
    """Give a meeting to whoever has none, those with the fewest options first."""
    grid = draft.grid
    demand = _demand(grid)
    for person in sorted(
        range(grid.people), key=lambda one: sum(len(grid.options[w]) for w in grid.wishes_of[one])
    ):
        if draft.load[person]:
            continue
        for wish in sorted(
            grid.wishes_of[person],
            key=lambda one: (
                draft.load[grid.a[one]] + draft.load[grid.b[one]] > 0,
                -grid.value[one],
            ),
        ):
            if place_best(draft, wish, demand, always=True):
                break


def place_best(draft: Draft, wish: int, demand: list[list[int]], *, always: bool = False) -> bool:
    """Place a wish where it costs least and spoils the fewest others; return whether it was.

    One that would cost more than it is worth is left out, unless it raises the floor or ``always``.
    """
    grid = draft.grid
    a, b = grid.a[wish], grid.b[wish]
    if draft.load[a] >= grid.most[a] or draft.load[b] >= grid.most[b]:
        return False
    options = [slot for slot in grid.options[wish] if draft.fits(wish, slot)]
    if not options:
        return False
    slot = min(
        options,
        key=lambda one: (
            draft.cost(wish, one),
            draft.used[one] / grid.places[one] if grid.seated[wish] else 0.0,
            demand[a][one] + demand[b][one],
        ),
    )
    raises = not draft.load[a] or not draft.load[b]
    if not (always or raises) and draft.cost(wish, slot) >= grid.value[wish]:
        return False
    draft.place(wish, slot)
    return True


def _demand(grid: Grid) -> list[list[int]]:
    """Return for each participant and slot how many of their wishes have it as an option."""
    found = [[0] * grid.slots for _ in range(grid.people)]
    for wish, options in enumerate(grid.options):
        for person in (grid.a[wish], grid.b[wish]):
            row = found[person]
            for slot in options:
                row[slot] += 1
    return found
