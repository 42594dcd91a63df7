"""Every hard rule, checked meeting by meeting, and what a timetable is worth.

Written apart from the solvers and without what they share, so that each can be held against it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tenon.timetable.problem import Participant, Problem
from tenon.timetable.result import Broken, Meeting, Worth


def check(problem: Problem, meetings: Sequence[Meeting]) -> list[Broken]:
    """Return each hard rule that the meetings break; an empty list where all hold."""
    known = list(_unknown(problem, meetings))
    if known:
        return known
    return [
        *_pairs(problem, meetings),
        *_people(problem, meetings),
        *_tables(problem, meetings),
        *_interpreters(problem, meetings),
        *_fixed(problem, meetings),
    ]


def _unknown(problem: Problem, meetings: Sequence[Meeting]) -> Iterator[Broken]:
    people = {one.key for one in problem.participants}
    tables = {one.key for one in problem.tables}
    interpreters = {one.key for one in problem.interpreters}
    for one in meetings:
        for kind, key, keys in (
            ("participant", one.a, people),
            ("participant", one.b, people),
            ("table", one.table, tables | {None}),
            ("interpreter", one.interpreter, interpreters | {None}),
        ):
            if key not in keys:
                yield Broken("unknown", {kind: key if key is not None else -1})
        if not 0 <= one.slot < len(problem.slots):
            yield Broken("unknown", {"slot": one.slot})


def _pairs(problem: Problem, meetings: Sequence[Meeting]) -> Iterator[Broken]:
    may = {frozenset((one.a, one.b)) for one in problem.wishes}
    may |= {frozenset((one.a, one.b)) for one in problem.fixed}
    times = Counter(frozenset((one.a, one.b)) for one in meetings)
    for one in meetings:
        if frozenset((one.a, one.b)) not in may:
            yield Broken("no_wish", {"a": one.a, "b": one.b})
    for both, count in times.items():
        if count > 1:
            yield Broken("pair_twice", dict(zip(("a", "b"), sorted(both), strict=False)))


def _people(problem: Problem, meetings: Sequence[Meeting]) -> Iterator[Broken]:
    people = {one.key: one for one in problem.participants}
    loads: Counter[int] = Counter()
    places: Counter[tuple[int, int]] = Counter()
    for one in meetings:
        for key in (one.a, one.b):
            loads[key] += 1
            places[key, one.slot] += 1
            if one.slot not in people[key].free:
                yield Broken("participant_not_free", {"participant": key, "slot": one.slot})
    for (key, slot), count in places.items():
        if count > 1:
            yield Broken("participant_twice", {"participant": key, "slot": slot})
    for key, load in loads.items():
        if load > people[key].most:
            yield Broken("most", {"participant": key, "meetings": load, "most": people[key].most})


def _tables(problem: Problem, meetings: Sequence[Meeting]) -> Iterator[Broken]:
    tables = {one.key: one for one in problem.tables}
    people = {one.key: one for one in problem.participants}
    order = {frozenset((one.a, one.b)): one.a for one in problem.wishes}
    taken = Counter((one.table, one.slot) for one in meetings if one.table is not None)
    for (table, slot), count in taken.items():
        if count > 1:
            yield Broken("table_twice", {"table": table, "slot": slot})
        if slot not in tables[table].free:
            yield Broken("table_not_free", {"table": table, "slot": slot})
    named = {frozenset((one.a, one.b)): one.a for one in problem.fixed}
    for one in meetings:
        both = frozenset((one.a, one.b))
        seated = needs_table(people[one.a], people[one.b])
        if seated != (one.table is not None):
            rule = "table_missing" if seated else "table_not_needed"
            yield Broken(rule, {"a": one.a, "b": one.b, "slot": one.slot})
            continue
        first = order.get(both, named.get(both, one.a))
        second = one.b if first == one.a else one.a
        own = people[first].table if people[first].table is not None else people[second].table
        if own is not None and own != one.table:
            facts = {"a": one.a, "b": one.b, "table": one.table or 0, "own_table": own}
            yield Broken("fixed_table", facts)


def needs_table(first: Participant, second: Participant) -> bool:
    """Return whether the two need a table: unless both are online."""
    return not (first.online and second.online)


def needs_interpreter(first: Participant, second: Participant) -> bool:
    """Return whether the two, both of whom said what they speak, share no language."""
    return bool(first.languages and second.languages and not first.languages & second.languages)


def _interpreters(problem: Problem, meetings: Sequence[Meeting]) -> Iterator[Broken]:
    people = {one.key: one for one in problem.participants}
    interpreters = {one.key: one for one in problem.interpreters}
    for one in meetings:
        first, second = people[one.a], people[one.b]
        facts = {"a": one.a, "b": one.b, "slot": one.slot}
        if one.interpreter is None:
            if needs_interpreter(first, second):
                yield Broken("interpreter_missing", facts)
            continue
        who = interpreters[one.interpreter]
        facts["interpreter"] = who.key
        if not needs_interpreter(first, second):
            yield Broken("interpreter_not_needed", facts)
        elif not (who.languages & first.languages and who.languages & second.languages):
            yield Broken("interpreter_language", facts)
        if one.slot not in who.free:
            yield Broken("interpreter_not_free", facts)
    times = Counter((one.interpreter, one.slot) for one in meetings if one.interpreter is not None)
    for (key, slot), count in times.items():
        if count > 1 and key is not None:
            yield Broken("interpreter_twice", {"interpreter": key, "slot": slot})


def _fixed(problem: Problem, meetings: Sequence[Meeting]) -> Iterator[Broken]:
    held = {(frozenset((one.a, one.b)), one.slot): one.table for one in meetings}
    for one in problem.fixed:
        at = frozenset((one.a, one.b)), one.slot
        if at not in held or (one.table is not None and held[at] != one.table):
            yield Broken("fixed_missing", {"a": one.a, "b": one.b, "slot": one.slot})


def worth_of(problem: Problem, meetings: Sequence[Meeting]) -> Worth:
    """Return what the meetings are worth: the one objective of all solvers and bounds."""
    values = {frozenset((one.a, one.b)): one.value for one in problem.wishes}
    rooms: dict[int | None, int] = {one.key: one.room for one in problem.tables}
    rooms[None] = 0  # only of people online, to whom it makes no difference
    agendas: dict[int, list[tuple[int, int]]] = {one.key: [] for one in problem.participants}
    for one in meetings:
        agendas[one.a].append((one.slot, rooms[one.table]))
        agendas[one.b].append((one.slot, rooms[one.table]))
    costs, share = problem.costs, problem.even_share
    days = [one.day for one in problem.slots]
    penalties = 0
    for person in problem.participants:
        agenda = sorted(agendas[person.key])
        penalties += costs.shortfall * max(0, person.least - len(agenda))
        penalties += costs.uneven * max(0, len(agenda) - share)
        for (slot, room), (later, other) in pairwise(agenda):
            if days[slot] == days[later]:
                penalties += costs.gap * (later - slot - 1 > costs.longest_gap)
                penalties += costs.room_change * (room != other and not person.online)
    return Worth(
        floor=sum(bool(agenda) for agenda in agendas.values()),
        meetings=sum(values.get(frozenset((one.a, one.b)), 0) for one in meetings),
        penalties=penalties,
    )
