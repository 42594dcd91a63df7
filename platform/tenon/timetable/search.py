"""Make a timetable better: plan a few slots anew, all else as it is, again and again.

Each turn opens a window of some slots, finds the best way to fill it as a whole-number program, and
keeps what is no worse. Windows grow while they are solved at once and bring nothing. Several
threads may take turns; their windows share no slot, and what each brings is checked rule by rule
against what the others did meanwhile.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from tenon.timetable.bounds import Proof, prove, prove_quickly
from tenon.timetable.draft import Draft
from tenon.timetable.grid import NONE
from tenon.timetable.program import Floats, Ints, best_whole
from tenon.timetable.roaming import room_costs, rooms_of
from tenon.timetable.seating import Seats
from tenon.timetable.window import Choices, Home, Window, opened, program

QUICK = 0.25
"""Seconds within which a window is solved at once, so that a larger one may be tried."""

PATIENCE = 3.0
"""Seconds that one window may take."""

LARGE = 6_000
"""Choices of a window at most, once it is known which are worth a try."""


SETTLE = 10
"""Turns between two times that all slots are seated anew."""

TIGHT, LIKELY, FEW = 0.75, 4, 50
"""Share of windows with the likeliest choices only, and how many: per meeting, and more."""


@dataclass(slots=True)
class Homes:
    """Where meetings were before a re-plan, and what it takes to move them.

    Attributes:
        slot: of each wish, or NONE.
        reward: what a meeting that stays is worth beyond its value.
        most: how many may be elsewhere or nowhere.
    """

    slot: Ints
    reward: int
    most: int

    def away(self, slot_of: Ints) -> int:
        """Return how many are elsewhere or nowhere."""
        return int(((self.slot != NONE) & (self.slot != slot_of)).sum())


class Search:
    """The best timetable so far, and threads that make it better.

    Attributes:
        grid: of the problem.
        draft: the best so far.
        seats: its tables.
        homes: of a re-plan.
        proof: the bound, None until it is proved.
        version: rises with each better timetable and bound.
        exhausted: whether a window of all slots has been solved, so that nothing is left to find.
    """

    def __init__(
        self,
        draft: Draft,
        until: float,
        seed: int,
        seats: Seats | None = None,
        homes: Homes | None = None,
    ) -> None:
        """Begin with a draft; ``until`` is of ``time.monotonic``."""
        self.draft, self.until, self.homes = draft, until, homes
        self.grid = grid = draft.grid
        self.seats = Seats(draft) if seats is None else seats
        self.proof: Proof | None = None
        self.version = 0
        self.exhausted = False
        self.halt = threading.Event()
        self._chance = random.Random(seed)  # noqa: S311  # which window is next
        self._lock = threading.Lock()
        self._open: set[int] = set()
        apart = set(np.nonzero(grid.columns.may[~grid.columns.seated])[1].tolist())
        self._slots = [one for one, places in enumerate(grid.places) if places or one in apart]
        self._reachable = sum(
            any(grid.options[wish] for wish in wishes) for wishes in grid.wishes_of
        )
        self._size = 2
        self._idle = 0
        self._turns = 0

    @property
    def worth(self) -> tuple[int, int]:
        """Floor and total, changes of room included."""
        floor, total = self.draft.worth
        return floor, total - self.seats.cost

    @property
    def aim(self) -> tuple[int, int]:
        """What a turn may not make worse: the worth, and in a re-plan what stays."""
        if self.homes is None:
            return self.worth
        floor, total = self.worth
        away = self.homes.away(np.array(self.draft.slot_of, np.int64))
        if away > self.homes.most:
            return -1, 0
        return floor, total - away * self.homes.reward

    @property
    def over(self) -> bool:
        """Whether there is no time or nothing left to do."""
        return self.exhausted or self.halt.is_set() or time.monotonic() >= self.until

    @property
    def reached(self) -> bool:
        """Whether the bound is reached, so that nothing can be better."""
        proof = self.proof
        return proof is not None and self.worth == (proof.bound.floor, proof.bound.total)

    @contextmanager
    def still(self) -> Iterator[int]:
        """Hold the timetable still while it is read; yields its version."""
        with self._lock:
            yield self.version

    def prove_quickly(self, seconds: float) -> None:
        """Prove a first bound, for timetables with the floor that is reached."""
        self._proved(prove_quickly(self.grid, self.draft.floor, seconds))

    def prove(self) -> None:
        """Prove the bound for timetables with the floor that is reached; a first one before it."""
        if self.proof is None:
            self.prove_quickly(self.until - time.monotonic())
        self._proved(prove(self.grid, self.draft.floor, self.until - time.monotonic()))

    def _proved(self, found: Proof) -> None:
        with self._lock:
            self.proof = found
            self.version += 1

    def improve(self) -> None:
        """Take turns until there is no time left, the bound is reached or nothing is left to do."""
        while not self.over and not self.reached:
            self.turn()

    def turn(self) -> None:
        """Plan one window anew; wait a little where others have all slots open."""
        with self._lock:
            slots = self._next()
            slot_of = np.array(self.draft.slot_of, np.int64)
            choices = self._choices(slots)
            for_floor = self.draft.floor < self._highest_floor
            home = self._home(slot_of, slots)
            rooms = rooms_of(self.seats) if self.seats.matter else None
        if not slots:
            time.sleep(0.01)
            return
        since = time.monotonic()
        window = opened(self.grid, slot_of, slots, choices)
        complete = choices is None or len(window.wish) < choices.most
        if for_floor:
            window, best_floor = self._covered(window, home)
            complete = complete and best_floor
        extra = None if rooms is None else -room_costs(window, rooms)
        built = program(window, home=home, extra=extra).built()
        values, final = best_whole(built, self._left())
        seconds = time.monotonic() - since
        with self._lock:
            self._open.difference_update(slots)
            better = values is not None and self._take(window, slots, values[: len(window.wish)])
            if complete and final and len(slots) == len(self._slots):
                self.exhausted = not self.seats.matter and self.homes is None
            self._turns += 1
            if self._turns % SETTLE == 0:
                self._settle()
            self._learn(slots, seconds, final=final, better=better)

    def fill(self, seconds: float) -> None:
        """Add what fits beside all that is held, as well as can be found in the time."""
        slots = list(range(self.grid.slots))
        proof, choices = self.proof, None
        if proof is not None and proof.profit is not None:
            choices = Choices(proof.profit, -np.inf, LARGE)
        slot_of = np.array(self.draft.slot_of, np.int64)
        window = opened(self.grid, slot_of, slots, choices, add_only=True)
        if self.draft.floor < self._highest_floor:
            window, _ = self._covered(window, None)
        values, _ = best_whole(program(window).built(), seconds)
        if values is not None:
            self._take(window, [], values[: len(window.wish)])

    @property
    def _highest_floor(self) -> int:
        if self.proof is None:
            return self._reachable
        return min(self._reachable, self.proof.bound.floor)

    def _left(self) -> float:
        return min(PATIENCE, self.until - time.monotonic())

    def _home(self, slot_of: Ints, slots: list[int]) -> Home | None:
        """Return what the next window must leave where it was."""
        homes = self.homes
        if homes is None:
            return None
        stays = int((np.isin(slot_of, slots) & (slot_of == homes.slot)).sum())
        return Home(homes.slot, homes.reward, stays - (homes.most - homes.away(slot_of)))

    def _covered(self, window: Window, home: Home | None) -> tuple[Window, bool]:
        """Return the window, asking for the most first meetings found, and whether none is more."""
        values, final = best_whole(program(window, for_floor=True, home=home).built(), self._left())
        if values is None:
            return window, False
        picked = np.flatnonzero(values[: len(window.wish)] > 0.5)
        first, second = window.people
        met = np.union1d(first[picked], second[picked])
        covered = int((window.load[met] == 0).sum())
        return replace(window, covered=max(window.covered, covered)), final

    def _next(self) -> list[int]:
        """Return the slots of the next window, none of them open, and open them; may be none."""
        free = [one for one in self._slots if one not in self._open]
        if not free or (self._size >= len(self._slots) > len(free)):
            return []
        size = min(self._size, len(free))
        if self.grid.problem.costs.gap and self._chance.random() < 0.5:
            start = self._chance.randrange(len(free) - size + 1)
            found = free[start : start + size]
        else:
            found = self._chance.sample(free, size)
        self._open.update(found)
        return found

    def _choices(self, slots: list[int]) -> Choices | None:
        """Return the choices worth a try in the next window.

        Those that a timetable better than this one may have, by the proof of the bound, at most
        LARGE; mostly only the likeliest of them, which is solved sooner.
        """
        if self.proof is None or self.proof.profit is None:
            return None
        bound, (floor, total) = self.proof.bound, self.worth
        least = total - bound.total if floor >= bound.floor else -np.inf
        most = LARGE
        if len(slots) < len(self._slots) and self._chance.random() < TIGHT:
            most = min(LARGE, FEW + LIKELY * sum(self.draft.used[slot] for slot in slots))
        return Choices(self.proof.profit, least, most)

    def _take(self, window: Window, slots: list[int], values: Floats) -> bool:
        """Put what was found in the place of what is held, unless worse; return if better."""
        draft, before = self.draft, self.aim
        inside = set(slots)
        held = [
            (wish, slot)
            for wish, slot in enumerate(draft.slot_of)
            if slot in inside and not self.grid.locked[wish]
        ]
        picked = np.flatnonzero(values > 0.5)
        found = list(zip(window.wish[picked].tolist(), window.slot[picked].tolist(), strict=True))
        if set(found) == set(held):
            return False
        seats = self.seats.copy()
        _exchange(draft, held, found)
        self.seats.renew(inside | {slot for _, slot in found})
        after = self.aim
        if after < before:
            _exchange(draft, found, held)
            self.seats = seats
        self.version += after > before
        return after > before

    def _settle(self) -> None:
        """Spare changes of room by seating all slots anew, with nothing moved to another slot."""
        before = self.seats.cost
        self.seats.settle()
        self.version += self.seats.cost < before

    def _learn(self, slots: list[int], seconds: float, *, final: bool, better: bool) -> None:
        """Let windows grow while they are quick and bring nothing, shrink where they are slow."""
        self._idle = 0 if better else self._idle + 1
        if not final or seconds > PATIENCE / 2:
            self._size, self._idle = max(1, self._size - 1), 0
        elif self._idle * len(slots) >= 2 * self.grid.slots and seconds < QUICK:
            self._size, self._idle = self._size + 1, 0


def _exchange(draft: Draft, out: list[tuple[int, int]], into: list[tuple[int, int]]) -> None:
    """Take wishes out of the slots they are held in, and place those that fit."""
    for wish, slot in out:
        if draft.slot_of[wish] == slot:
            draft.remove(wish)
    for wish, slot in into:
        if draft.slot_of[wish] == NONE and draft.fits(wish, slot):
            draft.place(wish, slot)
