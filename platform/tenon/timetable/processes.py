"""Solve in a process of its own, which may be stopped, killed or crash without harm."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import IO, Any

from tenon.timetable.draft import Draft
from tenon.timetable.greedy import finished, greedy
from tenon.timetable.grid import read
from tenon.timetable.problem import Problem
from tenon.timetable.result import Meeting, Timetable
from tenon.timetable.rules import check, worth_of

COMMAND = (sys.executable, "-m", "tenon.timetable.apart")

LATE = 20.0
"""Seconds beyond its time after which the process is given up."""

WATCH = 0.1
"""Seconds between two looks at whether to stop."""


def solve_apart(
    problem: Problem,
    seconds: float,
    on_better: Callable[[Timetable], None] | None = None,
    start: Sequence[Meeting] = (),
    *,
    stop: Callable[[], bool] | None = None,
    seed: int = 1,
    command: Sequence[str] = COMMAND,
) -> Timetable:
    """Return what ``optimise`` finds in a process of its own.

    Whatever becomes of that process, a timetable is returned: the best that it had handed on, or
    the better of ``start`` and the greedy one if it had handed on none. ``ended`` says "stopped"
    where ``stop`` said so, "crashed" where the process ended before it was done or never did.

    Args:
        problem: what is asked for.
        seconds: that may be taken, the process's own start not counted.
        on_better: called in this thread with each better timetable, and when the bound is known.
        start: meetings to begin with; what of them breaks a rule is left out.
        stop: asked several times a second; once it says so, the process is killed.
        seed: of what is left to chance.
        command: that starts the process.
    """
    asked = {
        "verb": "optimise",
        "problem": problem.to_json(),
        "seconds": seconds,
        "start": _rows(start),
        "seed": seed,
    }
    since = time.monotonic()
    best, ended = _ask_apart(command, asked, seconds, on_better, stop)
    if best is None:
        best = _without(problem, start)
    return replace(best, ended=ended, seconds=time.monotonic() - since)


def replan_apart(
    problem: Problem,
    current: Sequence[Meeting],
    seconds: float = 4.0,
    *,
    most_moved: float = 0.05,
    stop: Callable[[], bool] | None = None,
    seed: int = 1,
    command: Sequence[str] = COMMAND,
) -> Timetable:
    """Return what ``replan`` finds in a process of its own; arguments as there.

    Where that process comes to nothing, what of ``current`` breaks no rule stays, and nothing is
    added: ``ended`` says "stopped" or "crashed" as for ``solve_apart``.
    """
    asked = {
        "verb": "replan",
        "problem": problem.to_json(),
        "seconds": seconds,
        "start": _rows(current),
        "most_moved": most_moved,
        "seed": seed,
    }
    since = time.monotonic()
    best, ended = _ask_apart(command, asked, seconds, None, stop)
    if best is None:
        best = _staying(problem, current)
    return replace(best, ended=ended, seconds=time.monotonic() - since)


def _staying(problem: Problem, current: Sequence[Meeting]) -> Timetable:
    """Return what of a timetable can stay, at its tables unless that breaks a rule."""
    seated = finished(Draft.of_meetings(read(problem), current), time.monotonic())
    held = {(one.a, one.b, one.slot) for one in seated.meetings}
    kept = tuple(one for one in current if (one.a, one.b, one.slot) in held)
    if len(kept) < len(held) or check(problem, kept):
        return seated
    return Timetable(kept, worth_of(problem, kept))


def _rows(meetings: Sequence[Meeting]) -> list[list[int | None]]:
    return [[one.a, one.b, one.slot, one.table, one.interpreter] for one in meetings]


def _ask_apart(
    command: Sequence[str],
    asked: Mapping[str, object],
    seconds: float,
    on_better: Callable[[Timetable], None] | None,
    stop: Callable[[], bool] | None,
) -> tuple[Timetable | None, str]:
    """Return the best that the process handed on, if anything, and how it ended."""
    given_up = time.monotonic() + seconds + LATE
    best: Timetable | None = None
    with _Process(command, json.dumps(asked)) as process:
        while True:
            if stop is not None and stop():
                return best, "stopped"
            said = process.said()
            if said is None or time.monotonic() > given_up:
                return best, "crashed"
            if "last" in said:
                best = Timetable.from_json(said["last"])
                return best, best.ended
            if "better" in said:
                best = Timetable.from_json(said["better"])
                if on_better is not None:
                    on_better(best)


def _without(problem: Problem, start: Sequence[Meeting]) -> Timetable:
    """Return the better of the greedy timetable and what can be kept of the start."""
    made = greedy(problem)
    given = finished(Draft.of_meetings(read(problem), start), time.monotonic())
    return max(made, given, key=lambda one: one.worth)


class _Process:
    """The solver's process; killed at the latest when this is left."""

    def __init__(self, command: Sequence[str], asked: str) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._process = subprocess.Popen(  # noqa: S603  # our own module
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._threads = [
            threading.Thread(target=self._ask, args=(self._process.stdin, asked), daemon=True),
            threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True),
        ]
        for one in self._threads:
            one.start()

    def __enter__(self) -> _Process:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for one in self._threads:
            one.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def said(self) -> dict[str, Any] | None:
        """Return the next line; an empty one if there is none soon, None after the last."""
        try:
            line = self._lines.get(timeout=WATCH)
        except queue.Empty:
            return {}
        if line is None:
            return None
        try:
            found = json.loads(line)
        except ValueError:  # cut off as the process died
            return {}
        return found if isinstance(found, dict) else {}

    def _ask(self, pipe: IO[str], asked: str) -> None:
        """Write what is asked; the pipe stays open, since the process ends when it is closed."""
        with contextlib.suppress(OSError):
            pipe.write(asked + "\n")
            pipe.flush()

    def _listen(self, pipe: IO[str]) -> None:
        for line in pipe:
            self._lines.put(line)
        self._lines.put(None)
