"""Whether a problem makes sense: keys, ranges, and fixed meetings that can all be held.

Called when a problem is made; says in words what is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tenon.timetable.pairing import pair

if TYPE_CHECKING:
    from tenon.timetable.problem import Fixed, Participant, Problem


def validate(problem: Problem, highest: int) -> None:
    """Refuse a problem that makes no sense.

    Raises:
        ValueError: naming the first thing that is wrong.
    """
    _slots(problem)
    _people_and_places(problem)
    _wishes(problem, highest)
    costs = problem.costs
    for name in ("shortfall", "gap", "room_change", "uneven", "longest_gap"):
        if not 0 <= getattr(costs, name) <= highest:
            raise ValueError(f"costs.{name} is {getattr(costs, name)}: 0 to {highest} is meant")
    _fixed(problem)


def _slots(problem: Problem) -> None:
    before = None
    for number, slot in enumerate(problem.slots):
        if slot.end <= slot.start:
            raise ValueError(f"slot {number} ends at {slot.end}, not after its start {slot.start}")
        if before is not None and slot.start < before.end:
            raise ValueError(f"slot {number} starts before slot {number - 1} ends")
        if before is not None and slot.day < before.day:
            raise ValueError(f"slot {number} is on an earlier day than slot {number - 1}")
        before = slot


def _people_and_places(problem: Problem) -> None:
    _unique("table", (one.key for one in problem.tables))
    _unique("participant", (one.key for one in problem.participants))
    _unique("interpreter", (one.key for one in problem.interpreters))
    tables = {one.key for one in problem.tables}
    for kind, ones in (
        ("table", problem.tables),
        ("participant", problem.participants),
        ("interpreter", problem.interpreters),
    ):
        for one in ones:
            wrong = sorted(slot for slot in one.free if not 0 <= slot < len(problem.slots))
            if wrong:
                raise ValueError(f"{kind} {one.key} is free in slot {wrong[0]}, which is not one")
    for person in problem.participants:
        if person.most < 0 or person.least < 0:
            raise ValueError(f"participant {person.key}: most and least are 0 or more")
        if person.table is not None and person.table not in tables:
            raise ValueError(f"participant {person.key} has table {person.table}, which is not one")
        if person.table is not None and person.online:
            raise ValueError(f"participant {person.key} is online and has table {person.table}")


def _wishes(problem: Problem, highest: int) -> None:
    known = {one.key for one in problem.participants}
    seen: set[tuple[int, int]] = set()
    for wish in problem.wishes:
        _two_people(f"wish of {wish.a} and {wish.b}", wish.a, wish.b, known)
        if not 0 < wish.value <= highest:
            raise ValueError(
                f"wish of {wish.a} and {wish.b} has value {wish.value}: 1 to {highest} is meant"
            )
        both = (min(wish.a, wish.b), max(wish.a, wish.b))
        if both in seen:
            raise ValueError(f"wish of {wish.a} and {wish.b} is there twice")
        seen.add(both)


def _unique(kind: str, keys: Iterable[int]) -> None:
    for key, times in Counter(keys).items():
        if times > 1:
            raise ValueError(f"{kind} {key} is there {times} times")


def _two_people(what: str, a: int, b: int, known: set[int]) -> None:
    if a == b:
        raise ValueError(f"{what}: nobody meets themselves")
    for key in (a, b):
        if key not in known:
            raise ValueError(f"{what}: participant {key} is not one")


def wish_order(problem: Problem) -> set[tuple[int, int]]:
    """Return (a, b) of each wish, which says whose table comes first."""
    return {(one.a, one.b) for one in problem.wishes}


def host_table(
    order: set[tuple[int, int]], people: dict[int, Participant], one: Fixed
) -> int | None:
    """Return the key of the table at which a fixed meeting must be held, None where any will do.

    Raises:
        ValueError: the table named is not the one that the two must use.
    """
    first, second = people[one.a], people[one.b]
    if (one.b, one.a) in order:
        first, second = second, first
    own = first.table if first.table is not None else second.table
    if own is not None and one.table is not None and own != one.table:
        raise ValueError(
            f"fixed meeting of {one.a} and {one.b} is at table {one.table}, "
            f"but theirs is at table {own}"
        )
    return own if own is not None else one.table


def _fixed(problem: Problem) -> None:
    if not problem.fixed:
        return
    people = {one.key: one for one in problem.participants}
    known = set(people)
    seen: set[frozenset[int]] = set()
    busy: dict[tuple[str, int, int], Fixed] = {}
    for one in problem.fixed:
        what = f"fixed meeting of {one.a} and {one.b}"
        _two_people(what, one.a, one.b, known)
        if frozenset((one.a, one.b)) in seen:
            raise ValueError(f"{what} is there twice")
        seen.add(frozenset((one.a, one.b)))
        if not 0 <= one.slot < len(problem.slots):
            raise ValueError(f"{what}: slot {one.slot} is not one")
        for key in (one.a, one.b):
            if one.slot not in people[key].free:
                raise ValueError(f"{what}: participant {key} is not free in slot {one.slot}")
            if ("participant", key, one.slot) in busy:
                raise ValueError(f"{what}: participant {key} has another one in slot {one.slot}")
            busy["participant", key, one.slot] = one
    _fixed_tables(problem, people)
    _fixed_interpreters(problem, people)
    loads = Counter(key for one in problem.fixed for key in (one.a, one.b))
    for key, load in loads.items():
        if load > people[key].most:
            raise ValueError(
                f"participant {key} has {load} fixed meetings and {people[key].most} at most"
            )


def _fixed_tables(problem: Problem, people: dict[int, Participant]) -> None:
    tables = {one.key: one for one in problem.tables}
    named: set[tuple[int, int]] = set()
    order = wish_order(problem)
    loads: Counter[int] = Counter()
    for one in problem.fixed:
        table = host_table(order, people, one)
        what = f"fixed meeting of {one.a} and {one.b}"
        if people[one.a].online and people[one.b].online:
            if table is not None:
                raise ValueError(f"{what} is at table {table}, but both are online")
            continue
        loads[one.slot] += 1
        if table is None:
            continue
        if table not in tables:
            raise ValueError(f"{what}: table {table} is not one")
        if one.slot not in tables[table].free:
            raise ValueError(f"{what}: table {table} is not free in slot {one.slot}")
        if (table, one.slot) in named:
            raise ValueError(f"{what}: table {table} has another one in slot {one.slot}")
        named.add((table, one.slot))
    for slot, load in loads.items():
        places = sum(slot in one.free for one in problem.tables)
        if load > places:
            raise ValueError(f"slot {slot} has {load} fixed meetings and {places} free tables")


def _fixed_interpreters(problem: Problem, people: dict[int, Participant]) -> None:
    asking: dict[int, dict[Fixed, list[int]]] = {}
    for one in problem.fixed:
        first, second = people[one.a].languages, people[one.b].languages
        if not first or not second or first & second:
            continue
        asking.setdefault(one.slot, {})[one] = [
            who.key
            for who in problem.interpreters
            if one.slot in who.free and who.languages & first and who.languages & second
        ]
    for slot, choices in asking.items():
        found = pair(choices)
        for one in choices:
            if one not in found:
                raise ValueError(
                    f"fixed meeting of {one.a} and {one.b}: no interpreter is left in slot {slot}"
                )
