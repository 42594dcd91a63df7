"""The optimiser: a timetable at once, better ones while time lasts, meanwhile a proved bound."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence

from tenon.timetable.bounds import reached
from tenon.timetable.draft import Draft
from tenon.timetable.greedy import greedy_draft
from tenon.timetable.grid import Grid, read
from tenon.timetable.problem import Problem
from tenon.timetable.result import Meeting, Timetable, Worth
from tenon.timetable.rules import worth_of
from tenon.timetable.search import Search
from tenon.timetable.seating import Seats

WATCH = 0.05
"""Seconds between two looks at what the threads have found."""

REPORT = 0.3
"""Seconds at least between two better timetables handed on."""


def optimise(
    problem: Problem,
    seconds: float,
    on_better: Callable[[Timetable], None] | None = None,
    start: Sequence[Meeting] = (),
    *,
    stop: Callable[[], bool] | None = None,
    seed: int = 1,
) -> Timetable:
    """Return the best timetable found in a time, with a proved bound.

    Args:
        problem: what is asked for.
        seconds: that may be taken; it ends earlier where the bound is reached.
        on_better: called in this thread with each better timetable, the first one at once, and
            again when the bound is known; the last call has what is returned but for ``ended``.
        start: meetings to begin with; what of them breaks a rule is left out.
        stop: asked several times a second; once it says so, the best so far is returned.
        seed: of what is left to chance; with two threads and a clock, runs differ all the same.
    """
    since = time.monotonic()
    grid = read(problem)
    search = Search(first_draft(grid, start), since + seconds, seed)
    watch = Watch(search, since, on_better)
    watch.look()
    threads = Threads(search)
    while threads.running():
        time.sleep(WATCH)
        watch.look()
        if stop is not None and not search.halt.is_set() and stop():
            search.halt.set()
            watch.stopped = True
    threads.finish()
    return watch.last()


def first_draft(grid: Grid, start: Sequence[Meeting]) -> Draft:
    """Return the better of the greedy draft and one with the meetings that are given."""
    made = greedy_draft(grid)
    return max(made, Draft.of_meetings(grid, start), key=_worth) if start else made


def _worth(draft: Draft) -> tuple[int, int]:
    floor, total = draft.worth
    return floor, total - Seats(draft).cost


class Threads:
    """One thread that proves the bound and then helps, and others that search."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._fault: BaseException | None = None
        jobs = [self._prove, *[search.improve] * max(1, min(2, os.cpu_count() or 1) - 1)]
        self._threads = [
            threading.Thread(target=self._run, args=(job,), daemon=True) for job in jobs
        ]
        for one in self._threads:
            one.start()

    def _prove(self) -> None:
        self._search.prove()
        self._search.improve()

    def _run(self, job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as fault:  # noqa: BLE001  # raised in the caller's thread
            self._fault = fault
            self._search.halt.set()

    def running(self) -> bool:
        """Whether any is still at work."""
        return any(one.is_alive() for one in self._threads)

    def finish(self) -> None:
        """Wait for all; raise what one of them met with."""
        for one in self._threads:
            one.join()
        if self._fault is not None:
            raise self._fault


class Watch:
    """Hands on what a search has found."""

    def __init__(
        self, search: Search, since: float, on_better: Callable[[Timetable], None] | None
    ) -> None:
        self._search, self._since, self._tell = search, since, on_better
        self._version = self._told = -1
        self._at = -REPORT
        self.stopped = False

    def look(self) -> None:
        """Hand on what is better than what was handed on before."""
        if self._tell is None or time.monotonic() < self._at + REPORT:
            return
        if self._search.version != self._told:
            self._tell(self._made("time"))
            self._told = self._version
            self._at = time.monotonic()

    def last(self) -> Timetable:
        """Return the best; hand it on if it was not."""
        ended = "stopped" if self.stopped else "time"
        if self._search.reached:
            ended = "optimal"
        made = self._made(ended)
        if self._tell is not None and self._version != self._told:
            self._tell(made)
        return made

    def _made(self, ended: str) -> Timetable:
        search = self._search
        with search.still() as version:
            self._version, proof = version, search.proof
            meetings = search.seats.meetings()
        worth: Worth = worth_of(search.grid.problem, meetings)
        bound = None if proof is None else reached(proof.bound, worth)
        return Timetable(meetings, worth, bound, time.monotonic() - self._since, ended)
