"""Give every meeting of a draft its table and its interpreter, with few changes of room.

Slot by slot: meetings that must be held at one table take it, the others are assigned to the free
tables so that as few people as possible change rooms against the slots already seated. Meetings of
two people online have no table, and nobody online changes rooms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy

import numpy as np
from scipy.optimize import linear_sum_assignment

from tenon.timetable.draft import Draft
from tenon.timetable.grid import NONE, Grid
from tenon.timetable.pairing import pair
from tenon.timetable.result import Meeting

SWEEPS = 4


class Seats:
    """The tables of a draft's meetings, kept while the draft changes.

    Attributes:
        draft: whose meetings are seated.
        wanted: (wish, slot) -> table (position) that a meeting keeps where it can.
        matter: whether changes of room cost anything; if not, tables are given at the end only.
        table_of: wish -> table (position), where they matter.
        cost: of all changes of room.
    """

    __slots__ = ("cost", "draft", "matter", "table_of", "wanted")

    def __init__(self, draft: Draft, wanted: Mapping[tuple[int, int], int] | None = None) -> None:
        """Seat all meetings."""
        problem = draft.grid.problem
        rooms = {one.room for one in problem.tables}
        self.draft = draft
        self.wanted: Mapping[tuple[int, int], int] = wanted or {}
        self.matter = problem.costs.room_change > 0 and len(rooms) > 1
        self.table_of: dict[int, int] = {}
        self.cost = 0
        self.renew(range(draft.grid.slots))

    def copy(self) -> Seats:
        """Return seats of the same draft that can be changed apart."""
        made = copy(self)
        made.table_of = dict(self.table_of)
        return made

    def renew(self, slots: Iterable[int]) -> None:
        """Seat the meetings of some slots anew, where that matters."""
        if not self.matter:
            return
        chosen = set(slots)
        held = {slot: wishes for slot, wishes in by_slot(self.draft).items() if slot in chosen}
        self.table_of = {
            wish: table
            for wish, table in self.table_of.items()
            if self.draft.slot_of[wish] != NONE and self.draft.slot_of[wish] not in chosen
        }
        self.table_of.update(any_seats(self.draft.grid, held, self.wanted))
        self._fewer_changes(held, afresh=len(held) == self.draft.grid.slots)
        self.cost = self._cost()

    def settle(self) -> None:
        """Seat each slot anew against its neighbours as they are, until none changes."""
        if self.matter:
            self._fewer_changes(by_slot(self.draft), afresh=False)
            self.cost = self._cost()

    def meetings(self) -> tuple[Meeting, ...]:
        """Return the draft's meetings, in the order of slot and table."""
        held = by_slot(self.draft)
        table_of = self.table_of
        if not self.matter:
            table_of = any_seats(self.draft.grid, held, self.wanted)
        return _meetings(self.draft, held, table_of)

    def _cost(self) -> int:
        grid, day = self.draft.grid, self.draft.grid.day
        rooms = [one.room for one in grid.problem.tables]
        found = 0
        for person, row in zip(grid.problem.participants, self.draft.at, strict=True):
            if person.online:
                continue
            last, last_day = NONE, NONE
            for slot, wish in enumerate(row):
                if wish != NONE:
                    room = rooms[self.table_of[wish]]
                    found += room != last and last_day == day[slot]
                    last, last_day = room, day[slot]
        return found * grid.problem.costs.room_change

    def _fewer_changes(self, held: Mapping[int, list[int]], *, afresh: bool) -> None:
        """Seat slots anew at the least changes against their neighbours, until none changes."""
        for sweep in range(SWEEPS):
            before = dict(self.table_of)
            for slot in sorted(held, reverse=sweep % 2 == 1):
                self._seat_slot(slot, held[slot], only_earlier=afresh and sweep == 0)
            if self.table_of == before:
                return

    def _seat_slot(self, slot: int, wishes: list[int], *, only_earlier: bool) -> None:
        """Seat one slot's meetings; in the first sweep only earlier slots are looked at."""
        grid, table_of = self.draft.grid, self.table_of
        tables, people = grid.problem.tables, grid.problem.participants
        seated = [wish for wish in wishes if grid.seated[wish]]
        loose = [
            wish
            for wish in seated
            if grid.host[wish] == NONE and self.wanted.get((wish, slot)) != table_of[wish]
        ]
        own = {table_of[wish] for wish in seated} - {table_of[wish] for wish in loose}
        free = [place for place, one in enumerate(tables) if slot in one.free and place not in own]
        if not loose or len(free) < 2:
            return
        cost = np.zeros((len(loose), len(free)))
        rooms = np.array([tables[place].room for place in free])
        for row, wish in enumerate(loose):
            for person in (grid.a[wish], grid.b[wish]):
                if people[person].online:
                    continue
                for beside in neighbours(self.draft, person, slot):
                    if beside < slot or not only_earlier:
                        other = table_of[self.draft.at[person][beside]]
                        cost[row] += rooms != tables[other].room
            cost[row][free.index(table_of[wish])] -= 1e-3
        rows, columns = linear_sum_assignment(cost)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            table_of[loose[row]] = free[column]


def seat(draft: Draft) -> tuple[Meeting, ...]:
    """Return the draft's meetings with tables and interpreters, in the order of slot and table."""
    return Seats(draft).meetings()


def _meetings(
    draft: Draft, held: Mapping[int, list[int]], table_of: Mapping[int, int]
) -> tuple[Meeting, ...]:
    grid, problem = draft.grid, draft.grid.problem
    helper = _interpreters(draft)
    people, tables = problem.participants, problem.tables
    return tuple(
        Meeting(
            people[grid.a[wish]].key,
            people[grid.b[wish]].key,
            slot,
            tables[table_of[wish]].key if grid.seated[wish] else None,
            helper.get(wish),
        )
        for slot, wishes in held.items()
        for wish in sorted(wishes, key=lambda one: table_of.get(one, NONE))
    )


def by_slot(draft: Draft) -> dict[int, list[int]]:
    """Return slot -> the wishes that are held in it, for each slot in order."""
    held: dict[int, list[int]] = {slot: [] for slot in range(draft.grid.slots)}
    for wish, slot in enumerate(draft.slot_of):
        if slot != NONE:
            held[slot].append(wish)
    return held


def any_seats(
    grid: Grid, held: Mapping[int, list[int]], wanted: Mapping[tuple[int, int], int]
) -> dict[int, int]:
    """Return wish -> table for the wishes held in some slots: their host table, else that wanted.

    The others get any that is left; those that need none get none. Who must be at a table has it
    even if another wants it.
    """
    found: dict[int, int] = {}
    for slot, wishes in held.items():
        taken = {grid.host[wish] for wish in wishes}
        loose = []
        for wish in wishes:
            if not grid.seated[wish]:
                continue
            table = wanted.get((wish, slot), NONE)
            if grid.host[wish] != NONE:
                found[wish] = grid.host[wish]
            elif table == NONE or table in taken or slot not in grid.problem.tables[table].free:
                loose.append(wish)
            else:
                taken.add(table)
                found[wish] = table
        free = iter(
            place
            for place, table in enumerate(grid.problem.tables)
            if slot in table.free and place not in taken
        )
        for wish in loose:
            found[wish] = next(free)
    return found


def _interpreters(draft: Draft) -> dict[int, int]:
    """Return wish -> key of the interpreter, for those that need one."""
    grid = draft.grid
    found: dict[int, int] = {}
    for slot, wishes in enumerate(draft.helped):
        if wishes:
            choices = {wish: grid.speakers[grid.tongue[wish]][slot] for wish in wishes}
            for wish, place in pair(choices).items():
                found[wish] = grid.problem.interpreters[place].key
    return found


def neighbours(draft: Draft, person: int, slot: int) -> list[int]:
    """Return the slots of a person's meetings just before and just after one, on the same day."""
    day, row, found = draft.grid.day, draft.at[person], []
    for step in (-1, 1):
        beside = slot + step
        while 0 <= beside < len(row) and day[beside] == day[slot]:
            if row[beside] != NONE:
                found.append(beside)
                break
            beside += step
    return found
