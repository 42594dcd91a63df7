"""A timetable while it is made: which wish stands in which slot, with every hard rule kept.

Tables and interpreters are only counted and reserved here, so that all meetings can be seated;
who gets which is decided in ``seating``. Worth is kept up to date but for changes of room, which
depend on the seating.
"""

from __future__ import annotations

from collections.abc import Iterable

from tenon.timetable.grid import NONE, Grid
from tenon.timetable.pairing import pair
from tenon.timetable.result import Meeting


class Draft:
    """Wishes placed in slots.

    Attributes:
        grid: of the problem.
        slot_of: of each wish, the slot it stands in, or NONE.
        at: of each participant and slot, the wish that stands there, or NONE.
        load: of each participant, meetings.
        used: of each slot, meetings that need a table.
        hosted: (table, slot) -> wish, for wishes that must be held at one table.
        helped: of each slot, the wishes that need an interpreter.
        floor: participants with at least one meeting.
        total: values less penalties, changes of room left out.
    """

    __slots__ = ("at", "floor", "grid", "helped", "hosted", "load", "slot_of", "total", "used")

    def __init__(self, grid: Grid) -> None:
        """Begin with the fixed meetings alone."""
        self.grid = grid
        self.slot_of = [NONE] * len(grid.a)
        self.at = [[NONE] * grid.slots for _ in range(grid.people)]
        self.load = [0] * grid.people
        self.used = [0] * grid.slots
        self.hosted: dict[tuple[int, int], int] = {}
        self.helped: list[list[int]] = [[] for _ in range(grid.slots)]
        self.floor = 0
        self.total = -grid.problem.costs.shortfall * sum(grid.least)
        for wish, locked in enumerate(grid.locked):
            if locked:
                self.place(wish, grid.options[wish][0])

    @classmethod
    def of_meetings(cls, grid: Grid, meetings: Iterable[Meeting]) -> Draft:
        """Return the draft of those of the meetings that break no rule, in their order."""
        people = grid.problem.participants
        number = {
            frozenset((people[a].key, people[b].key)): wish
            for wish, (a, b) in enumerate(zip(grid.a, grid.b, strict=True))
        }
        draft = cls(grid)
        for one in meetings:
            wish = number.get(frozenset((one.a, one.b)), NONE)
            if wish == NONE or draft.slot_of[wish] != NONE or one.slot not in grid.options[wish]:
                continue
            if draft.fits(wish, one.slot):
                draft.place(wish, one.slot)
        return draft

    @property
    def worth(self) -> tuple[int, int]:
        """Floor and total, changes of room left out."""
        return self.floor, self.total

    def fits(self, wish: int, slot: int) -> bool:
        """Return whether the wish, which stands nowhere and has the option, can be placed there."""
        grid = self.grid
        a, b = grid.a[wish], grid.b[wish]
        return (
            self.at[a][slot] == NONE
            and self.at[b][slot] == NONE
            and self.load[a] < grid.most[a]
            and self.load[b] < grid.most[b]
            and self.room_for(wish, slot)
        )

    def room_for(self, wish: int, slot: int) -> bool:
        """Return whether a table, and an interpreter if need be, is left for it in the slot."""
        grid = self.grid
        if grid.seated[wish] and self.used[slot] >= grid.places[slot]:
            return False
        host = grid.host[wish]
        if host != NONE and (host, slot) in self.hosted:
            return False
        return grid.tongue[wish] == NONE or self._helpers_for(wish, slot)

    def _helpers_for(self, wish: int, slot: int) -> bool:
        grid = self.grid
        asking = [*self.helped[slot], wish]
        choices = {one: grid.speakers[grid.tongue[one]][slot] for one in asking}
        return len(pair(choices)) == len(asking)

    def place(self, wish: int, slot: int) -> None:
        """Place a wish that fits."""
        grid = self.grid
        self.total += grid.value[wish]
        self.slot_of[wish] = slot
        for person in (grid.a[wish], grid.b[wish]):
            self.total -= self._change(person, slot)
            self.at[person][slot] = wish
            self.load[person] += 1
            self.floor += self.load[person] == 1
        self.used[slot] += grid.seated[wish]
        if grid.host[wish] != NONE:
            self.hosted[grid.host[wish], slot] = wish
        if grid.tongue[wish] != NONE:
            self.helped[slot].append(wish)

    def remove(self, wish: int) -> int:
        """Take a placed wish out; return the slot it stood in."""
        grid = self.grid
        slot = self.slot_of[wish]
        self.total -= grid.value[wish]
        self.slot_of[wish] = NONE
        for person in (grid.a[wish], grid.b[wish]):
            self.at[person][slot] = NONE
            self.load[person] -= 1
            self.floor -= self.load[person] == 0
            self.total += self._change(person, slot)
        self.used[slot] -= grid.seated[wish]
        if grid.host[wish] != NONE:
            del self.hosted[grid.host[wish], slot]
        if grid.tongue[wish] != NONE:
            self.helped[slot].remove(wish)
        return slot

    def cost(self, wish: int, slot: int) -> int:
        """Return the penalties that placing the wish there would add (below 0: take away)."""
        grid = self.grid
        return self._change(grid.a[wish], slot) + self._change(grid.b[wish], slot)

    def _change(self, person: int, slot: int) -> int:
        """Return what one more meeting of the person in an empty slot adds to the penalties."""
        grid, costs = self.grid, self.grid.problem.costs
        load = self.load[person]
        found = costs.uneven if load >= grid.share else 0
        if load < grid.least[person]:
            found -= costs.shortfall
        if costs.gap and load:
            found += costs.gap * self._gaps(person, slot)
        return found

    def _gaps(self, person: int, slot: int) -> int:
        """Return how many more long gaps a meeting in an empty slot makes (below 0: fewer)."""
        grid, longest = self.grid, self.grid.problem.costs.longest_gap
        row, day = self.at[person], self.grid.day
        before, after = slot - 1, slot + 1
        while before >= 0 and day[before] == day[slot] and row[before] == NONE:
            before -= 1
        while after < grid.slots and day[after] == day[slot] and row[after] == NONE:
            after += 1
        early = before >= 0 and day[before] == day[slot]
        late = after < grid.slots and day[after] == day[slot]
        found = int(early and slot - before - 1 > longest)
        found += int(late and after - slot - 1 > longest)
        return found - int(early and late and after - before - 1 > longest)
