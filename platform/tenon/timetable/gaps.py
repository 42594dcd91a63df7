"""Long gaps in a window's program: one column for each gap that may come about.

For one participant and one day, with y = 1 where they have a meeting: a long gap ends at slot j if
y[j] = 1, nothing is held in the ``longest_gap`` + 1 slots before, and something before those. So
gap[j] >= y[j] + begun[j - longest_gap - 1] - 1 - (sum of y over those slots), where begun[i] is 1
if anything is held before i: begun[i] >= begun[i - 1], begun[i] >= y[i - 1].
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tenon.timetable.grid import NONE
from tenon.timetable.program import Ints, Program

if TYPE_CHECKING:
    from tenon.timetable.window import Window


class _Agendas:
    """The entries of each slot: which participants may meet there by which column."""

    def __init__(self, made: Program, window: Window, choice: Ints) -> None:
        first, second = window.people
        self.made, self.busy = made, window.busy
        people, slots = window.busy.shape
        self.open = np.zeros((people, slots), np.bool_)
        self.who: list[Ints] = []
        self.column: list[Ints] = []
        for slot in range(slots):
            here = window.slot == slot
            who = np.concatenate([first[here], second[here]])
            self.open[who, slot] = True
            self.who.append(who)
            self.column.append(np.concatenate([choice[here], choice[here]]))

    def meets(self, row_of: Ints, slot: int, factor: int) -> None:
        """Add factor * y[slot] to the rows of the participants who have one."""
        rows = row_of[self.who[slot]]
        self.made.entries(rows[rows != NONE], self.column[slot][rows != NONE], factor)

    def rows(self, who: npt.NDArray[np.bool_], lower: Ints) -> Ints:
        """Add a row for each marked participant; return row by participant, NONE for others."""
        row_of = np.full(len(who), NONE, np.int64)
        row_of[who] = self.made.rows(int(who.sum()), lower=lower[who])
        return row_of


def add_gaps(made: Program, window: Window, choice: Ints) -> None:
    """Add to a window's program the penalties of long gaps, those that stay included."""
    agendas = _Agendas(made, window, choice)
    days = np.array(window.grid.day)
    for day in np.unique(days).tolist():
        _add_day(agendas, window, np.flatnonzero(days == day).tolist())


def _add_day(agendas: _Agendas, window: Window, slots: list[int]) -> None:
    made, people = agendas.made, len(window.load)
    longest, cost = window.grid.problem.costs.longest_gap, window.grid.problem.costs.gap
    surely = np.zeros(people, np.bool_)  # something that stays is held before the slot
    begun = np.full(people, NONE, np.int64)  # column of "something is held before the slot"
    for number in range(longest + 2, len(slots)):
        past = slots[number - longest - 2]
        surely, begun = _begin(agendas, surely, begun, past)
        between = slots[number - longest - 1 : number]
        end = slots[number]
        filled = agendas.busy[:, between].any(axis=1)
        ends = agendas.busy[:, end] | agendas.open[:, end]
        may = ends & ~filled & (surely | (begun != NONE))
        fixed = agendas.busy[:, end].astype(np.int64) + surely
        certain = may & (fixed == 2) & ~agendas.open[:, between].any(axis=1)
        made.constant -= cost * int(certain.sum())
        may &= ~certain
        row_of = agendas.rows(may, fixed - 1)
        made.entries(row_of[may], made.columns(np.full(int(may.sum()), -cost)))
        agendas.meets(row_of, end, -1)
        made.entries(row_of[may & ~surely], begun[may & ~surely], -1)
        for slot in between:
            agendas.meets(row_of, slot, 1)


def _begin(
    agendas: _Agendas, surely: npt.NDArray[np.bool_], begun: Ints, past: int
) -> tuple[npt.NDArray[np.bool_], Ints]:
    """Return the two states one slot on; ``past`` is the slot that is now before."""
    made, before = agendas.made, begun
    surely = surely | agendas.busy[:, past]
    grows = agendas.open[:, past] & ~surely
    after = before.copy()
    after[surely] = NONE
    after[grows] = made.columns(np.zeros(int(grows.sum()), np.int64))
    none = np.zeros(len(surely), np.int64)
    kept = grows & (before != NONE)
    rows = agendas.rows(kept, none)
    made.entries(rows[kept], after[kept])
    made.entries(rows[kept], before[kept], -1)
    # y is the sum of columns of which one at most is 1, so one row holds for all of them.
    rows = agendas.rows(grows, none)
    made.entries(rows[grows], after[grows])
    agendas.meets(rows, past, -1)
    return surely, after
