"""The best worth of a small problem by trying every timetable; shares nothing with the solvers."""

from __future__ import annotations

from collections.abc import Iterator

from tenon.timetable import Meeting, Problem, Worth, check, worth_of


def best_worth(problem: Problem) -> Worth | None:
    """Return the highest worth of any timetable that keeps every rule; None if there is none."""
    found = [
        worth_of(problem, meetings)
        for meetings in timetables(problem)
        if not check(problem, meetings)
    ]
    return max(found, default=None)


def timetables(problem: Problem) -> Iterator[list[Meeting]]:
    """Yield every set of meetings in which nobody and no table is in two places at once."""
    pairs = {frozenset((one.a, one.b)): (one.a, one.b) for one in problem.fixed}
    pairs |= {frozenset((one.a, one.b)): (one.a, one.b) for one in problem.wishes}
    helpers = [None, *(one.key for one in problem.interpreters)]
    tables = [None, *(one.key for one in problem.tables)]
    places = [
        [
            Meeting(a, b, slot, table, helper)
            for slot in range(len(problem.slots))
            for table in tables
            for helper in helpers
            if not check_alone(problem, Meeting(a, b, slot, table, helper))
        ]
        for a, b in pairs.values()
    ]
    yield from _choose(places, [])


def check_alone(problem: Problem, meeting: Meeting) -> bool:
    """Return whether a meeting breaks a rule by itself."""
    return any(one.rule != "fixed_missing" for one in check(problem, [meeting]))


def _choose(places: list[list[Meeting]], chosen: list[Meeting]) -> Iterator[list[Meeting]]:
    if not places:
        yield chosen
        return
    yield from _choose(places[1:], chosen)
    for one in places[0]:
        if not any(one.slot == other.slot and _clash(one, other) for other in chosen):
            yield from _choose(places[1:], [*chosen, one])


def _clash(one: Meeting, other: Meeting) -> bool:
    people = {one.a, one.b} & {other.a, other.b}
    return bool(people) or (one.table is not None and one.table == other.table)
