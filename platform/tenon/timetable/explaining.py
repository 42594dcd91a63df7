"""Why a wish is not met, and what would meet it with all other meetings where they are.

Works on a timetable as it stands and searches for nothing: what could be won by moving others is
the optimiser's question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tenon.timetable.draft import Draft
from tenon.timetable.grid import NONE, Grid, read
from tenon.timetable.pairing import pair
from tenon.timetable.problem import Problem, Wish
from tenon.timetable.result import Timetable
from tenon.timetable.rules import worth_of
from tenon.timetable.seating import seat

SHOWN = 3
"""How many ways of the same kind are named at most."""


@dataclass(frozen=True, slots=True)
class Change:
    """What alone would make room for a wish.

    Attributes:
        kind: "free_participant" (be free in the slot), "raise_most" (by one), "add_table" (one more
            in the slot), "free_table" (their own table in the slot), "add_interpreter" (one more
            for these languages in the slot), or "fix" (hold it in the slot all the same, without
            the meetings in "drops").
        facts: keys and numbers that say where; for "fix" also "drops" ([[a, b], ...]) and "loses"
            (by how much the total falls; below 0 where it rises).
    """

    kind: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unmet:
    """Why a wish is not met.

    Attributes:
        reason: "no_common_slot" (never free at the same time), "no_table_of_theirs" (their own
            table is never free then), "no_interpreter" (none is there then), "at_most" (one of them
            has as many meetings as they want), "busy" (whenever both are free, one has another
            meeting), "no_table_left" or "no_interpreter_left" (in the slots in which neither has),
            "costs_more" (it could be added, but costs more than it is worth), "left_out" (it could
            be added as things are).
        facts: keys and numbers that say where.
        changes: each of which alone makes room for it.
    """

    reason: str
    facts: dict[str, Any]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Obstacle:
    """One thing in the way in one slot: a meeting to drop, or else a change."""

    reason: str
    meeting: int = NONE
    change: Change | None = None


def explain(problem: Problem, timetable: Timetable, wish: Wish) -> Unmet:
    """Return why a wish is not met in a timetable, and which change would meet it.

    Raises:
        ValueError: the problem has no such wish, it is met, or the timetable breaks a rule.
    """
    grid = read(problem)
    draft = Draft.of_meetings(grid, timetable.meetings)
    number = _number(problem, wish)
    if draft.slot_of[number] != NONE:
        raise ValueError(f"{wish.a} and {wish.b} meet in slot {draft.slot_of[number]}")
    if sum(slot != NONE for slot in draft.slot_of) != len(timetable.meetings):
        raise ValueError("the timetable breaks a rule of the problem")
    ways = {slot: list(_obstacles(draft, number, slot)) for slot in range(grid.slots)}
    first, second = problem.participants[grid.a[number]], problem.participants[grid.b[number]]
    common = sorted(first.free & second.free)
    facts = {"a": first.key, "b": second.key, "common_slots": common}
    if grid.host[number] != NONE:
        facts["table"] = problem.tables[grid.host[number]].key
    reason = _reason(draft, number, ways, common)
    return Unmet(reason, facts, (*_single(ways), *_forced(draft, number, ways)))


def _number(problem: Problem, wish: Wish) -> int:
    both = {wish.a, wish.b}
    for number, one in enumerate(problem.wishes):
        if {one.a, one.b} == both:
            return number
    raise ValueError(f"nobody wishes that {wish.a} and {wish.b} meet")


def _obstacles(draft: Draft, number: int, slot: int) -> Iterator[_Obstacle]:
    """Yield each thing that keeps a wish out of a slot."""
    grid, problem = draft.grid, draft.grid.problem
    for person in (grid.a[number], grid.b[number]):
        one = problem.participants[person]
        if slot not in one.free:
            facts = {"participant": one.key, "slot": slot}
            yield _Obstacle("no_common_slot", change=Change("free_participant", facts))
        if draft.at[person][slot] != NONE:
            yield _Obstacle("busy", draft.at[person][slot])
        if draft.load[person] >= grid.most[person]:
            facts = {"participant": one.key, "most": grid.most[person] + 1}
            yield _Obstacle("at_most", change=Change("raise_most", facts))
    host = grid.host[number]
    if host != NONE and slot not in problem.tables[host].free:
        facts = {"table": problem.tables[host].key, "slot": slot}
        yield _Obstacle("no_table_of_theirs", change=Change("free_table", facts))
    else:
        if (host, slot) in draft.hosted:
            yield _Obstacle("no_table_left", draft.hosted[host, slot])
        if grid.seated[number] and draft.used[slot] >= grid.places[slot]:
            yield _Obstacle("no_table_left", change=Change("add_table", {"slot": slot}))
    tongue = grid.tongue[number]
    if tongue != NONE and not _helped(draft, [*draft.helped[slot], number], slot):
        reason = "no_interpreter_left" if grid.speakers[tongue][slot] else "no_interpreter"
        yield _Obstacle(reason, change=Change("add_interpreter", {"slot": slot}))


def _helped(draft: Draft, asking: Sequence[int], slot: int) -> bool:
    """Return whether all of those who ask for an interpreter in a slot can have one."""
    speakers, tongue = draft.grid.speakers, draft.grid.tongue
    return len(pair({one: speakers[tongue[one]][slot] for one in asking})) == len(asking)


def _reason(draft: Draft, number: int, ways: dict[int, list[_Obstacle]], common: list[int]) -> str:
    """Return the first reason that holds in all slots that the ones before it leave."""
    met = {slot: {one.reason for one in ways[slot]} for slot in common}
    if not common:
        return "no_common_slot"
    for reason in ("no_table_of_theirs", "no_interpreter", "at_most", "busy"):
        met = {slot: found for slot, found in met.items() if reason not in found}
        if not met:
            return reason
    for reason in ("no_table_left", "no_interpreter_left"):
        met = {slot: found for slot, found in met.items() if reason not in found}
        if not met:
            return reason
    least = min(draft.cost(number, slot) for slot in met)
    return "costs_more" if least >= draft.grid.value[number] else "left_out"


def _single(ways: dict[int, list[_Obstacle]]) -> list[Change]:
    """Return the changes that are the only thing in the way somewhere, a few of each kind."""
    found: list[Change] = []
    for obstacles in ways.values():
        changes = {repr(one.change): one.change for one in obstacles if one.change is not None}
        if len(changes) != 1 or any(one.meeting != NONE for one in obstacles):
            continue
        change = next(iter(changes.values()))
        if change not in found and sum(one.kind == change.kind for one in found) < SHOWN:
            found.append(change)
    return found


def _forced(draft: Draft, number: int, ways: dict[int, list[_Obstacle]]) -> list[Change]:
    """Return the slots in which it can be held if others are dropped, the cheapest first."""
    grid, people = draft.grid, draft.grid.problem.participants
    tries = []
    for slot, obstacles in ways.items():
        drops = _drops(draft, number, slot, obstacles)
        if drops is not None:
            tries.append((sum(grid.value[one] for one in drops), slot, drops))
    before = worth_of(grid.problem, seat(draft)).total if tries else 0
    found = []
    for _, slot, drops in sorted(tries)[:SHOWN]:
        places = [(one, draft.remove(one)) for one in drops]
        draft.place(number, slot)
        loses = before - worth_of(grid.problem, seat(draft)).total
        draft.remove(number)
        for one, place in places:
            draft.place(one, place)
        pairs = [[people[grid.a[one]].key, people[grid.b[one]].key] for one in drops]
        found.append(Change("fix", {"slot": slot, "drops": pairs, "loses": loses}))
    return sorted(found, key=lambda one: int(one.facts["loses"]))


def _drops(draft: Draft, number: int, slot: int, obstacles: list[_Obstacle]) -> list[int] | None:
    """Return the meetings without which a wish fits into a slot, None if it never does."""
    grid = draft.grid
    if any(one.reason in {"no_common_slot", "no_table_of_theirs"} for one in obstacles):
        return None
    drops = sorted({one.meeting for one in obstacles} - {NONE})
    inside = [one for one in range(len(grid.a)) if draft.slot_of[one] == slot]
    for person in (grid.a[number], grid.b[number]):
        if draft.load[person] - sum(_has(grid, one, person) for one in drops) >= grid.most[person]:
            held = [one for one in grid.wishes_of[person] if draft.slot_of[one] != NONE]
            _drop_cheapest(draft, drops, held, lambda _: True)
    freed = sum(draft.slot_of[one] == slot and grid.seated[one] for one in drops)
    if grid.seated[number] and draft.used[slot] - freed >= grid.places[slot]:
        _drop_cheapest(draft, drops, inside, grid.seated.__getitem__)
    if grid.tongue[number] != NONE:
        asking = [one for one in draft.helped[slot] if one not in drops] + [number]
        if not _helped(draft, asking, slot):
            _drop_cheapest(
                draft,
                drops,
                draft.helped[slot],
                lambda out: _helped(draft, [one for one in asking if one != out], slot),
            )
    return None if any(grid.locked[one] for one in drops) else _if_fits(draft, number, slot, drops)


def _has(grid: Grid, wish: int, person: int) -> bool:
    return person in (grid.a[wish], grid.b[wish])


def _drop_cheapest(
    draft: Draft, drops: list[int], among: Sequence[int], suits: Callable[[int], bool]
) -> None:
    """Add to ``drops`` the least valuable meeting that may go and suits, if there is one."""
    grid = draft.grid
    free = [one for one in among if one not in drops and not grid.locked[one] and suits(one)]
    if free:
        drops.append(min(free, key=grid.value.__getitem__))


def _if_fits(draft: Draft, number: int, slot: int, drops: list[int]) -> list[int] | None:
    """Return the meetings to drop if the wish fits without them."""
    places = [(one, draft.remove(one)) for one in drops]
    fits = draft.fits(number, slot)
    for one, place in places:
        draft.place(one, place)
    return drops if fits else None
