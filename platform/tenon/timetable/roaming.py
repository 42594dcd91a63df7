"""What a choice would cost in changes of room, at best, against the meetings around a window.

Only a guide to which choices suit: it knows the rooms of the meetings that stay, not those of the
other choices of the window, nor whether a room still has a table. The seats decide.
"""

from __future__ import annotations

import numpy as np

from tenon.timetable.grid import NONE, Grid
from tenon.timetable.program import Ints
from tenon.timetable.seating import Seats
from tenon.timetable.window import Window


def rooms_of(seats: Seats) -> Ints:
    """Return people by slots, the number of the room of each one's meeting, or NONE.

    Of people online always NONE.
    """
    grid = seats.draft.grid
    number = _numbers(grid)
    found = np.full((grid.people, grid.slots), NONE, np.int64)
    for wish, table in seats.table_of.items():
        slot = seats.draft.slot_of[wish]
        found[grid.a[wish], slot] = found[grid.b[wish], slot] = number[table]
    found[[one.online for one in grid.problem.participants]] = NONE
    return found


def _numbers(grid: Grid) -> Ints:
    """Return of each table the number of its room, from 0."""
    found: Ints = np.unique([one.room for one in grid.problem.tables], return_inverse=True)[1]
    return found


def room_costs(window: Window, rooms: Ints) -> Ints:
    """Return of each choice the cost of changes of room that it adds at best (below 0: spares)."""
    grid = window.grid
    rooms = np.where(window.busy, rooms, NONE)
    before = _last(rooms, grid.day)
    after = _last(rooms[:, ::-1], grid.day[::-1])[:, ::-1]
    number = _numbers(grid)
    beside = [side[who, window.slot] for who in window.people for side in (before, after)]
    changes = np.zeros((len(window.wish), int(number.max()) + 1), np.int64)
    for room in range(changes.shape[1]):
        changes[:, room] = sum((one != NONE) & (one != room) for one in beside)
    least = changes.min(axis=1)
    own = grid.columns.host[window.wish]
    at_own = np.flatnonzero(own != NONE)
    least[at_own] = changes[at_own, number[own[at_own]]]
    for early, late in (beside[:2], beside[2:]):
        least -= (early != NONE) & (late != NONE) & (early != late)
    found: Ints = grid.problem.costs.room_change * least
    return found


def _last(rooms: Ints, days: list[int]) -> Ints:
    """Return people by slots, the room of the last meeting before on the same day, or NONE."""
    found = np.full_like(rooms, NONE)
    for slot in range(1, rooms.shape[1]):
        if days[slot] == days[slot - 1]:
            here = rooms[:, slot - 1]
            found[:, slot] = np.where(here != NONE, here, found[:, slot - 1])
    return found
