"""The program of a window: some slots planned anew while all other slots stay as they are.

The window of all slots, with nothing but the fixed meetings outside, is the whole problem; without
whole numbers it is the relaxation that the bound is proved with. Changes of room are left out: they
only take away, so the bound stays a bound (docs/decisions/0031-timetable.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tenon.timetable.gaps import add_gaps
from tenon.timetable.grid import NONE, Grid
from tenon.timetable.program import Floats, Ints, Program


@dataclass(frozen=True, slots=True)
class Home:
    """Where meetings were before a re-plan.

    Attributes:
        slot: of each wish, or NONE.
        reward: for each meeting that is held there.
        least: how many must be, of those that the window can hold there.
    """

    slot: Ints
    reward: int
    least: int


@dataclass(frozen=True, slots=True)
class Window:
    """What a program decides, and the state around it.

    Attributes:
        grid: of the problem.
        wish: of each choice, the wish; choices are the first columns of the program.
        slot: of each choice, the slot in which the wish would be held.
        busy: people by slots, whether a meeting that stays is held there.
        load: of each participant, meetings that stay.
        stay: of each slot, meetings that stay and need a table.
        helped: of each slot, the kinds of interpreters at meetings that stay.
        covered: of those who have choices and no meeting that stays, how many must get one.
        worth: values of the meetings that stay.
    """

    grid: Grid
    wish: Ints
    slot: Ints
    busy: npt.NDArray[np.bool_]
    load: Ints
    stay: Ints
    helped: tuple[tuple[int, ...], ...]
    covered: int
    worth: int

    @property
    def people(self) -> tuple[Ints, Ints]:
        """The two participants of each choice."""
        return self.grid.columns.a[self.wish], self.grid.columns.b[self.wish]


@dataclass(frozen=True, slots=True)
class Choices:
    """Which choices a window may have, so that it stays small; what is held always is one.

    Attributes:
        profit: wishes by slots, the higher the likelier to be in a good timetable.
        least: profit at least.
        most: how many, the most profitable.
    """

    profit: Floats
    least: float
    most: int

    def of(
        self, wish: Ints, slot: Ints, slot_of: Ints, clear: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.bool_]:
        """Return which of the choices that are ``clear`` to take."""
        profit = np.where(clear, self.profit[wish, slot], -np.inf)
        profit[slot_of[wish] == slot] = np.inf
        found: npt.NDArray[np.bool_] = profit >= self.least
        if int(found.sum()) > self.most:
            found &= profit >= np.partition(profit, -self.most)[-self.most]
        return found


def opened(
    grid: Grid,
    slot_of: Ints,
    slots: Sequence[int],
    choices: Choices | None = None,
    *,
    add_only: bool = False,
) -> Window:
    """Return the window over some slots of a timetable.

    Args:
        grid: of the problem.
        slot_of: of each wish, where it is held, or NONE.
        slots: that are planned anew, but for what is fixed in them.
        choices: which are worth a try; all if left out.
        add_only: whether all that is held stays.
    """
    columns = grid.columns
    inside = np.zeros(grid.slots + 1, np.bool_)  # the last is for NONE
    inside[list(slots)] = True
    held = slot_of != NONE
    moves = held & ~columns.locked & inside[slot_of] & (not add_only)
    stays = np.flatnonzero(held & ~moves)
    busy = np.zeros((grid.people, grid.slots), np.bool_)
    busy[columns.a[stays], slot_of[stays]] = True
    busy[columns.b[stays], slot_of[stays]] = True
    wish, slot = np.nonzero(
        columns.may & inside[:-1] & ((moves | ~held) & ~columns.locked)[:, None]
    )
    clear = ~(busy[columns.a[wish], slot] | busy[columns.b[wish], slot])
    clear &= ~_hosted(grid, slot_of, stays, wish, slot)
    if choices is not None:
        clear &= choices.of(wish, slot, slot_of, clear)
    load = busy.sum(axis=1)
    had = np.bincount(np.concatenate([columns.a[moves], columns.b[moves]]), minlength=grid.people)
    return Window(
        grid=grid,
        wish=wish[clear],
        slot=slot[clear],
        busy=busy,
        load=load,
        stay=np.bincount(slot_of[stays[columns.seated[stays]]], minlength=grid.slots),
        helped=_helped(grid, slot_of, stays),
        covered=int(((load == 0) & (had > 0)).sum()),
        worth=int(columns.value[stays].sum()),
    )


def _helped(grid: Grid, slot_of: Ints, stays: Ints) -> tuple[tuple[int, ...], ...]:
    found: list[list[int]] = [[] for _ in range(grid.slots)]
    for one in stays[grid.columns.tongue[stays] != NONE].tolist():
        found[int(slot_of[one])].append(grid.tongue[one])
    return tuple(tuple(kinds) for kinds in found)


def _hosted(
    grid: Grid, slot_of: Ints, stays: Ints, wish: Ints, slot: Ints
) -> npt.NDArray[np.bool_]:
    """Return for each choice whether the table it must be held at is in use by one that stays."""
    hosts = grid.columns.host
    taken = np.zeros((len(grid.problem.tables), grid.slots), np.bool_)
    own = stays[hosts[stays] != NONE]
    taken[hosts[own], slot_of[own]] = True
    found = np.zeros(len(wish), np.bool_)
    asks = hosts[wish] != NONE
    found[asks] = taken[hosts[wish[asks]], slot[asks]]
    return found


def program(
    window: Window,
    *,
    for_floor: bool = False,
    home: Home | None = None,
    extra: Ints | None = None,
) -> Program:
    """Return the window's program; its first columns are the window's choices.

    Its objective is the total of the whole timetable, changes of room left out; with ``for_floor``
    it is how many participants get a meeting. What ``home`` and ``extra`` (of each choice) reward
    comes on top, as a guide.
    """
    grid, count = window.grid, len(window.wish)
    value = np.zeros(count, np.int64) if for_floor else grid.columns.value[window.wish]
    if home is not None:
        value = value + home.reward * (home.slot[window.wish] == window.slot)
    if extra is not None:
        value = value + extra
    made = Program()
    choice = made.columns(value, whole=True)
    _once(made, window, choice)
    _places(made, window, choice)
    _interpreters(made, window, choice)
    _loads(made, window, choice, penalties=not for_floor)
    _floor(made, window, choice, for_floor=for_floor)
    if home is not None and home.least > 0:
        at_home = choice[home.slot[window.wish] == window.slot]
        made.entries(np.repeat(made.rows(1, lower=home.least), len(at_home)), at_home)
    if not for_floor:
        made.constant += window.worth
        if grid.problem.costs.gap:
            add_gaps(made, window, choice)
    return made


def merged_program(window: Window, open_slots: Ints, places: int) -> Program:
    """Return the program of a window with one choice for each wish, whichever slot it is held in.

    Args:
        window: with choices of different wishes.
        open_slots: of each participant, slots in which one of their choices may be held.
        places: meetings that all slots have a table for.
    """
    made = Program()
    choice = made.columns(window.grid.columns.value[window.wish])
    most = np.minimum(window.grid.columns.most - window.load, open_slots)
    made.at_most(np.concatenate(window.people), np.tile(choice, 2), np.maximum(0, most))
    seated = choice[window.grid.columns.seated[window.wish]]
    made.at_most(np.zeros_like(seated), seated, np.array([places]))
    _loads(made, window, choice, penalties=True)
    _floor(made, window, choice, for_floor=False)
    made.constant += window.worth
    return made


def _once(made: Program, window: Window, choice: Ints) -> None:
    """Add: each wish once; each participant one meeting at a time, and at most their most."""
    grid = window.grid
    first, second = window.people
    made.at_most(window.wish, choice, np.ones(len(grid.a), np.int64))
    both, columns = np.concatenate([first, second]), np.concatenate([choice, choice])
    at = both * grid.slots + np.concatenate([window.slot, window.slot])
    made.at_most(at, columns, np.ones(grid.people * grid.slots, np.int64))
    made.at_most(both, columns, np.maximum(0, grid.columns.most - window.load))


def _places(made: Program, window: Window, choice: Ints) -> None:
    """Add: no more meetings that need one than tables in a slot; one at a time at a shared one."""
    grid = window.grid
    seated = grid.columns.seated[window.wish]
    left = np.array(grid.places, np.int64) - window.stay
    made.at_most(window.slot[seated], choice[seated], left)
    shared = np.flatnonzero(grid.columns.shared[window.wish])
    if len(shared):
        tables = len(grid.problem.tables)
        at = grid.columns.host[window.wish[shared]] * grid.slots + window.slot[shared]
        made.at_most(at, choice[shared], np.ones(tables * grid.slots, np.int64))


def _interpreters(made: Program, window: Window, choice: Ints) -> None:
    """Add, in each slot: the meetings of a kind find an interpreter each, none helps two."""
    grid = window.grid
    kind = grid.columns.tongue[window.wish]
    asks = np.flatnonzero(kind != NONE)
    for slot in np.unique(window.slot[asks]).tolist():
        here = asks[window.slot[asks] == slot]
        kinds = sorted({*kind[here].tolist(), *window.helped[slot]})
        stay = np.array([window.helped[slot].count(one) for one in kinds], np.int64)
        needs = made.rows(len(kinds), upper=-stay)
        order = {one: number for number, one in enumerate(kinds)}
        row = np.array([order[one] for one in kind[here].tolist()], np.int64)
        made.entries(needs[row], choice[here])
        pairs = [
            (number, who) for number, one in enumerate(kinds) for who in grid.speakers[one][slot]
        ]
        helps = made.columns(np.zeros(len(pairs), np.int64))
        made.entries(needs[np.array([number for number, _ in pairs], np.int64)], helps, -1)
        helper = np.array([who for _, who in pairs], np.int64)
        made.at_most(helper, helps, np.ones(len(grid.problem.interpreters), np.int64))


def _loads(made: Program, window: Window, choice: Ints, *, penalties: bool) -> None:
    """Add what a participant's meetings are short of their least, and above the even share."""
    if not penalties:
        return
    grid, costs, load = window.grid, window.grid.problem.costs, window.load
    first, second = window.people
    both, columns = np.concatenate([first, second]), np.concatenate([choice, choice])
    most = np.bincount(both, minlength=grid.people) + load
    short = np.maximum(0, grid.columns.least - load)
    if costs.shortfall:
        who = np.flatnonzero((short > 0) & (most > load))
        made.constant -= costs.shortfall * int(short[most == load].sum())
        lacks = made.columns(np.full(len(who), -costs.shortfall), short[who])
        rows = made.rows(len(who), lower=short[who])
        made.entries(rows, lacks)
        _sum(made, rows, who, both, columns, grid.people)
    if costs.uneven:
        over = np.maximum(0, load - grid.share)
        made.constant -= costs.uneven * int(over.sum())
        who = np.flatnonzero((most > grid.share) & (most > load))
        room = np.maximum(0, grid.share - load[who])
        above = made.columns(np.full(len(who), -costs.uneven), grid.slots)
        rows = made.rows(len(who), upper=room)
        made.entries(rows, above, -1)
        _sum(made, rows, who, both, columns, grid.people)


def _floor(made: Program, window: Window, choice: Ints, *, for_floor: bool) -> None:
    """Add that as many get their first meeting as had it, or that as many as can be do."""
    grid = window.grid
    first, second = window.people
    both, columns = np.concatenate([first, second]), np.concatenate([choice, choice])
    chances = np.bincount(both, minlength=grid.people)
    who = np.flatnonzero((window.load == 0) & (chances > 0))
    if for_floor:
        made.constant += int((window.load > 0).sum())
    if not for_floor and window.covered <= 0:
        return
    if not for_floor and window.covered >= len(who):
        _sum(made, made.rows(len(who), lower=1), who, both, columns, grid.people)
        return
    met = made.columns(np.full(len(who), int(for_floor)))
    rows = made.rows(len(who), lower=0)
    made.entries(rows, met, -1)
    _sum(made, rows, who, both, columns, grid.people)
    made.entries(np.repeat(made.rows(1, lower=window.covered), len(who)), met)


def _sum(made: Program, rows: Ints, who: Ints, both: Ints, columns: Ints, people: int) -> None:
    """Add to the row of each of ``who`` the columns of their choices."""
    row_of = np.full(people, NONE, np.int64)
    row_of[who] = rows
    inside = row_of[both] != NONE
    made.entries(row_of[both][inside], columns[inside])
