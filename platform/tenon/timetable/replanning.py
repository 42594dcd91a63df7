"""Plan again after no-shows and late arrivals, and leave as many meetings as can be where they are.

First whatever fits is added with nothing moved. Only if that stays clearly below the proved bound
are meetings moved: at first for a large gain each, then for smaller ones, and never more than a
share of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from tenon.timetable.draft import Draft
from tenon.timetable.grid import NONE, Grid, read
from tenon.timetable.optimising import WATCH, Threads, Watch
from tenon.timetable.problem import Problem
from tenon.timetable.result import Meeting, Timetable
from tenon.timetable.search import Homes, Search
from tenon.timetable.seating import Seats

ENOUGH = 0.995
"""Share of the bound at which nothing more is moved."""

STEPS = 8
"""How often the gain asked of a moved meeting is halved while time passes."""


def replan(
    problem: Problem,
    current: Sequence[Meeting],
    seconds: float = 5.0,
    *,
    most_moved: float = 0.05,
    stop: Callable[[], bool] | None = None,
    seed: int = 1,
) -> Timetable:
    """Return a timetable for what has changed that moves few of the meetings planned before.

    Args:
        problem: as it is now: without the slots in which somebody is no longer there; what has been
            held is given as fixed.
        current: the timetable before. Those of its meetings that still break no rule keep slot and
            table, as far as they can.
        seconds: that may be taken; it ends earlier when no more is to be won by moving.
        most_moved: share of the meetings that could stay of which fewer may be moved or dropped.
        stop: asked several times a second; once it says so, the best so far is returned.
        seed: of what is left to chance.
    """
    since = time.monotonic()
    grid = read(problem)
    draft = Draft.of_meetings(grid, current)
    slot_of = np.array(draft.slot_of, np.int64)
    slot_of[grid.columns.locked] = NONE
    could_stay = int((slot_of != NONE).sum())
    homes = Homes(slot_of, max(grid.value, default=0), max(0, _under(most_moved * could_stay)))
    seats = Seats(draft, _tables(grid, current))
    search = Search(draft, since + seconds, seed, seats, homes)
    search.prove_quickly(seconds)
    search.fill(seconds / 4)
    watch = Watch(search, since, None)
    threads = Threads(search)
    reward = homes.reward
    while threads.running():
        time.sleep(WATCH)
        homes.reward = reward >> int((time.monotonic() - since) / seconds * STEPS)
        if stop is not None and not search.halt.is_set() and stop():
            watch.stopped = True
            search.halt.set()
        elif _enough(search):
            search.halt.set()
    threads.finish()
    return watch.last()


def moved(current: Sequence[Meeting], new: Sequence[Meeting]) -> tuple[Meeting, ...]:
    """Return the meetings of ``current`` that ``new`` has in another slot, elsewhere or not."""
    place = {frozenset((one.a, one.b)): (one.slot, one.table) for one in new}
    return tuple(
        one for one in current if place.get(frozenset((one.a, one.b))) != (one.slot, one.table)
    )


def _under(limit: float) -> int:
    """Return the highest whole number below the limit."""
    return int(-(-limit // 1)) - 1


def _tables(grid: Grid, meetings: Sequence[Meeting]) -> dict[tuple[int, int], int]:
    """Return (wish, slot) -> table of the meetings."""
    people = grid.problem.participants
    number = {
        frozenset((people[a].key, people[b].key)): wish
        for wish, (a, b) in enumerate(zip(grid.a, grid.b, strict=True))
    }
    place = {one.key: position for position, one in enumerate(grid.problem.tables)}
    return {
        (number[both], one.slot): place[one.table]
        for one in meetings
        if (both := frozenset((one.a, one.b))) in number and one.table in place
    }


def _enough(search: Search) -> bool:
    """Return whether the worth is so near the bound that meetings had better stay."""
    if search.proof is None:
        return False
    bound, (floor, total) = search.proof.bound, search.worth
    return floor >= bound.floor and total >= ENOUGH * bound.total
