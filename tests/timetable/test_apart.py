"""Solving in another process: what it hands on, and what is left when it dies or is stopped."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from tenon.timetable import (
    Timetable,
    check,
    greedy,
    instance,
    moved,
    optimise,
    processes,
    replan_apart,
    solve_apart,
    worth_of,
)
from tenon.timetable.grid import read
from tenon.timetable.optimising import Watch, first_draft
from tenon.timetable.search import Search
from tests.timetable.test_replan import without

SCARCE = instance(2, sides=(40, 40), wishes=400, slots=10, tables=12)


def saying(*lines: str, then: str = "") -> list[str]:
    """Return the command of a process that says some lines, then does something."""
    said = "".join(f"print({line!r}, flush=True);" for line in lines)
    return [sys.executable, "-c", f"import sys,os,time; sys.stdin.readline(); {said} {then}"]


def better(made: Timetable) -> str:
    """Return the line with which a process hands on a timetable."""
    return json.dumps({"better": made.to_json()})


def test_it_hands_on_better_ones_and_ends_with_the_best() -> None:
    seen: list[Timetable] = []
    made = solve_apart(SCARCE, 10, seen.append)
    assert made.ended in {"time", "optimal"}
    assert check(SCARCE, made.meetings) == []
    assert made.bound is not None
    assert [one.worth for one in seen] == sorted(one.worth for one in seen)
    assert seen[0].worth <= seen[-1].worth == made.worth


def test_what_was_found_after_the_last_look_is_handed_on_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tenon.timetable.optimising.REPORT", 3600.0)
    began = time.monotonic()
    search = Search(first_draft(read(SCARCE), ()), began + 120, 1)
    seen: list[Timetable] = []
    watch = Watch(search, began, seen.append)
    watch.look()
    while search.version == 0:
        search.turn()
    watch.look()
    assert len(seen) == 1  # too soon after the first
    made = watch.last()
    assert seen[0].worth < made.worth
    assert seen[-1].worth == made.worth


def test_killed_it_leaves_the_best_so_far() -> None:
    best = greedy(SCARCE)
    died = saying(better(best), then="os.kill(os.getpid(), 9)")
    seen: list[Timetable] = []
    made = solve_apart(SCARCE, 30, seen.append, command=died)
    assert made.ended == "crashed"
    assert made.meetings == best.meetings
    assert len(seen) == 1


def test_killed_before_anything_it_leaves_the_better_of_start_and_greedy() -> None:
    died = saying(then="os.kill(os.getpid(), 9)")
    made = solve_apart(SCARCE, 30, command=died)
    assert made.ended == "crashed"
    assert made.worth == greedy(SCARCE).worth
    start = optimise(SCARCE, 1.0)
    assert solve_apart(SCARCE, 30, start=start.meetings, command=died).worth == start.worth


def test_half_a_line_is_no_answer() -> None:
    best = greedy(SCARCE)
    died = saying(better(best), '{"better": {"meet', then="os._exit(1)")
    made = solve_apart(SCARCE, 30, command=died)
    assert made.ended == "crashed"
    assert made.meetings == best.meetings


def test_stopped_it_is_killed_and_leaves_the_best_so_far() -> None:
    seen: list[Timetable] = []
    waits = saying(better(greedy(SCARCE)), then="time.sleep(600)")
    made = solve_apart(SCARCE, 500, seen.append, stop=lambda: bool(seen), command=waits)
    assert made.ended == "stopped"
    assert made.worth == greedy(SCARCE).worth


def test_one_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LATE", 0.2)
    made = solve_apart(SCARCE, 0.1, command=saying(then="time.sleep(600)"))
    assert made.ended == "crashed"


def test_it_ends_when_who_started_it_is_gone() -> None:
    asked = {
        "verb": "optimise",
        "problem": SCARCE.to_json(),
        "seconds": 600,
        "start": [],
        "seed": 1,
    }
    with subprocess.Popen(
        processes.COMMAND, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as child:
        assert child.stdin is not None
        child.stdin.write(json.dumps(asked) + "\n")
        child.stdin.close()
        assert child.wait(timeout=60) == 0


def test_a_new_plan_is_made_apart_too() -> None:
    before = greedy(SCARCE).meetings
    gone = before[0].a
    after = without(SCARCE, frozenset({gone}))
    made = replan_apart(after, before, 1.5)
    assert made.ended in {"time", "optimal"}
    assert check(after, made.meetings) == []
    untouched = [one for one in before if gone not in {one.a, one.b}]
    assert len(moved(untouched, made.meetings)) < 0.05 * len(untouched)
    assert made.worth >= worth_of(after, untouched)


def test_killed_a_new_plan_leaves_what_can_stay() -> None:
    before = greedy(SCARCE).meetings
    gone = before[0].a
    died = saying(then="os.kill(os.getpid(), 9)")
    made = replan_apart(without(SCARCE, frozenset({gone})), before, 30, command=died)
    assert made.ended == "crashed"
    assert set(made.meetings) == {one for one in before if gone not in {one.a, one.b}}


def test_the_optimiser_stops_when_told() -> None:
    told: list[Timetable] = []
    made = optimise(SCARCE, 600, told.append, stop=lambda: len(told) > 1)
    assert made.ended in {"stopped", "optimal"}
    assert check(SCARCE, made.meetings) == []


def test_a_fault_in_a_thread_comes_to_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no solver here")

    monkeypatch.setattr("tenon.timetable.search.best_whole", fail)
    with pytest.raises(RuntimeError, match="no solver here"):
        optimise(SCARCE, 600)
