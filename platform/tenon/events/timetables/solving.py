"""Call the optimiser: the one place that knows its entry points.

Knows no database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tenon.timetable import (
    Change,
    Meeting,
    Problem,
    Timetable,
    Wish,
    explain,
    replan_apart,
    solve_apart,
)

Better = Callable[[Timetable], None]
Stop = Callable[[], bool]

REPLAN_SECONDS = 4.0
"""People stand and wait for a re-plan; with the process's own start it takes under five seconds."""


def solve(
    problem: Problem,
    *,
    seconds: float,
    before: Sequence[Meeting] | None,
    on_better: Better,
    stop: Stop,
) -> Timetable:
    """Return the best timetable found in so many seconds; ``on_better`` hears of each better one.

    With ``before`` it is a re-plan: as few of those meetings as possible are elsewhere afterwards.
    """
    if before is None:
        return solve_apart(problem, seconds, on_better, stop=stop)
    found = replan_apart(problem, before, min(seconds, REPLAN_SECONDS), stop=stop)
    on_better(found)
    return found


def explained(problem: Problem, timetable: Timetable, wish: Wish) -> tuple[str, tuple[Change, ...]]:
    """Return why a wish is not in a timetable, and what would meet it.

    A timetable that was changed by hand may break rules that an explanation builds on: then the
    reason is ``unknown``.
    """
    try:
        told = explain(problem, timetable, wish)
    except ValueError:
        return "unknown", ()
    return told.reason, told.changes
