"""The optimiser as a process of its own: ``python -m tenon.timetable.apart``.

Reads one line of JSON from standard input (the verb ``optimise`` or ``replan``, problem, seconds,
start, seed), writes one line for each better timetable and a last one marked as such, and ends.
It ends at once when standard input is closed, so that it never outlives who started it.
``processes`` is the other side.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from tenon.timetable.optimising import optimise
from tenon.timetable.problem import Problem
from tenon.timetable.replanning import replan
from tenon.timetable.result import Meeting, Timetable

GENTLE = 5
"""Added to the niceness: those who serve pages beside it come first."""


def main() -> None:
    """Solve what standard input asks for."""
    # Solvers print to standard output as they like; what is said there goes to standard error.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    os.nice(GENTLE)
    asked = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_input, daemon=True).start()
    made = _made(asked, lambda better: _say(answers, {"better": better.to_json()}))
    _say(answers, {"last": made.to_json()})


def _made(asked: Mapping[str, Any], on_better: Callable[[Timetable], None]) -> Timetable:
    problem = Problem.from_json(asked["problem"])
    start = [Meeting(*one) for one in asked["start"]]
    if asked["verb"] == "replan":
        return replan(
            problem, start, asked["seconds"], most_moved=asked["most_moved"], seed=asked["seed"]
        )
    return optimise(problem, asked["seconds"], on_better, start, seed=asked["seed"])


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


def _say(answers: TextIO, what: dict[str, Any]) -> None:
    answers.write(json.dumps(what, separators=(",", ":")) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
