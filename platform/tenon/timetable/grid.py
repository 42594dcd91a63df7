"""A problem in numbers, as the solvers read it: positions for keys, options for wishes.

A wish's options are the slots in which it can be met if nothing else stood in the way. Made once
for each problem and never changed. Knows nothing of how a timetable is searched for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tenon.timetable.problem import Participant, Problem
from tenon.timetable.rules import needs_interpreter, needs_table
from tenon.timetable.validation import host_table, wish_order

NONE = -1


@dataclass(frozen=True, slots=True)
class Columns:
    """What the solvers read of a grid as arrays, by wish and by participant.

    Attributes:
        a: as in ``Grid``; the same holds for b, value, locked, seated, host, tongue, most, least.
        may: wishes by slots, the options.
        shared: of each wish, whether its host table is that of wishes with other people too, so
            that the people's being in one place does not keep it from being used twice.
    """

    a: npt.NDArray[np.int64]
    b: npt.NDArray[np.int64]
    value: npt.NDArray[np.int64]
    locked: npt.NDArray[np.bool_]
    seated: npt.NDArray[np.bool_]
    host: npt.NDArray[np.int64]
    tongue: npt.NDArray[np.int64]
    most: npt.NDArray[np.int64]
    least: npt.NDArray[np.int64]
    may: npt.NDArray[np.bool_]
    shared: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A problem by position: wishes 0 to W - 1, participants 0 to P - 1, slots 0 to S - 1.

    Fixed meetings are wishes too (of value 0 where nobody wished), with one option and ``locked``.

    Attributes:
        problem: that it was made from.
        a: participant of each wish, the one whose table comes first.
        b: the other participant of each wish.
        value: of each wish.
        options: of each wish, slots in order.
        locked: of each wish, whether it is fixed.
        seated: of each wish, whether it needs a table.
        host: of each wish, the table (position) at which it must be held, or NONE.
        tongue: of each wish, the kind of interpreter that it needs, or NONE.
        speakers: of each kind and slot, the interpreters (positions) who can help.
        most: of each participant.
        least: of each participant.
        wishes_of: of each participant, their wishes.
        places: of each slot, how many tables are free.
        day: of each slot.
        share: meetings above which load is uneven.
        columns: the same as arrays.
    """

    problem: Problem
    a: list[int]
    b: list[int]
    value: list[int]
    options: list[list[int]]
    locked: list[bool]
    seated: list[bool]
    host: list[int]
    tongue: list[int]
    speakers: list[list[list[int]]]
    most: list[int]
    least: list[int]
    wishes_of: list[list[int]]
    places: list[int]
    day: list[int]
    share: int
    columns: Columns

    @property
    def slots(self) -> int:
        """How many slots there are."""
        return len(self.places)

    @property
    def people(self) -> int:
        """How many participants there are."""
        return len(self.most)


@dataclass(frozen=True, slots=True)
class _Pair:
    """One wish or fixed meeting while the grid is made; ``slot`` and ``table`` where fixed."""

    a: int
    b: int
    value: int
    slot: int
    host: int
    locked: bool
    seated: bool


def read(problem: Problem) -> Grid:
    """Return the problem by position."""
    spot = {one.key: place for place, one in enumerate(problem.participants)}
    pairs = _pairs(problem, spot)
    kinds: dict[tuple[frozenset[str], frozenset[str]], int] = {}
    tongue = [_kind(problem.participants, one, kinds) for one in pairs]
    speakers = [_speakers(problem, *kind) for kind in kinds]
    taken: dict[int, set[int]] = {}
    for one in pairs:
        if one.locked:
            taken.setdefault(one.a, set()).add(one.slot)
            taken.setdefault(one.b, set()).add(one.slot)
    places = [sum(slot in one.free for one in problem.tables) for slot in range(len(problem.slots))]
    options = [
        _options(problem, one, places, speakers[kind] if kind != NONE else None, taken)
        for one, kind in zip(pairs, tongue, strict=True)
    ]
    wishes_of: list[list[int]] = [[] for _ in problem.participants]
    for number, one in enumerate(pairs):
        wishes_of[one.a].append(number)
        wishes_of[one.b].append(number)
    return Grid(
        problem=problem,
        a=[one.a for one in pairs],
        b=[one.b for one in pairs],
        value=[one.value for one in pairs],
        options=options,
        locked=[one.locked for one in pairs],
        seated=[one.seated for one in pairs],
        host=[one.host for one in pairs],
        tongue=tongue,
        speakers=speakers,
        most=[one.most for one in problem.participants],
        least=[one.least for one in problem.participants],
        wishes_of=wishes_of,
        places=places,
        day=[one.day for one in problem.slots],
        share=problem.even_share,
        columns=_columns(problem, pairs, tongue, options),
    )


def _columns(
    problem: Problem, pairs: Sequence[_Pair], tongue: list[int], options: list[list[int]]
) -> Columns:
    may = np.zeros((len(pairs), len(problem.slots)), np.bool_)
    for number, slots in enumerate(options):
        may[number, slots] = True
    return Columns(
        a=_array([one.a for one in pairs]),
        b=_array([one.b for one in pairs]),
        value=_array([one.value for one in pairs]),
        locked=np.array([one.locked for one in pairs], np.bool_),
        seated=np.array([one.seated for one in pairs], np.bool_),
        host=_array([one.host for one in pairs]),
        tongue=_array(tongue),
        most=_array([one.most for one in problem.participants]),
        least=_array([one.least for one in problem.participants]),
        may=may,
        shared=_shared(pairs),
    )


def _array(numbers: list[int]) -> npt.NDArray[np.int64]:
    return np.array(numbers, np.int64)


def _shared(pairs: Sequence[_Pair]) -> npt.NDArray[np.bool_]:
    """Return for each pair whether no one person is in all pairs held at its host table."""
    common: dict[int, set[int]] = {}
    for one in pairs:
        if one.host != NONE:
            common[one.host] = common.get(one.host, {one.a, one.b}) & {one.a, one.b}
    return np.array([one.host != NONE and not common[one.host] for one in pairs], np.bool_)


def _pairs(problem: Problem, spot: dict[int, int]) -> list[_Pair]:
    people = {one.key: one for one in problem.participants}
    table = {one.key: place for place, one in enumerate(problem.tables)}
    fixed = {frozenset((one.a, one.b)): one for one in problem.fixed}
    found = []
    for wish in problem.wishes:
        one = fixed.pop(frozenset((wish.a, wish.b)), None)
        own = people[wish.a].table if people[wish.a].table is not None else people[wish.b].table
        if one is not None and own is None:
            own = one.table
        host = NONE if own is None else table[own]
        slot = NONE if one is None else one.slot
        a, b = spot[wish.a], spot[wish.b]
        seated = needs_table(people[wish.a], people[wish.b])
        found.append(_Pair(a, b, wish.value, slot, host, locked=one is not None, seated=seated))
    order = wish_order(problem) if fixed else set()
    for one in fixed.values():
        own = host_table(order, people, one)
        host = NONE if own is None else table[own]
        seated = needs_table(people[one.a], people[one.b])
        a, b = spot[one.a], spot[one.b]
        found.append(_Pair(a, b, 0, one.slot, host, locked=True, seated=seated))
    return found


def _kind(
    people: tuple[Participant, ...],
    one: _Pair,
    kinds: dict[tuple[frozenset[str], frozenset[str]], int],
) -> int:
    first, second = people[one.a], people[one.b]
    if not needs_interpreter(first, second):
        return NONE
    both = sorted((first.languages, second.languages), key=sorted)
    return kinds.setdefault((both[0], both[1]), len(kinds))


def _speakers(problem: Problem, first: frozenset[str], second: frozenset[str]) -> list[list[int]]:
    """Return the interpreters between two sets of languages, by slot."""
    able = [
        (place, one.free)
        for place, one in enumerate(problem.interpreters)
        if one.languages & first and one.languages & second
    ]
    return [[place for place, free in able if slot in free] for slot in range(len(problem.slots))]


def _options(
    problem: Problem,
    one: _Pair,
    places: list[int],
    speakers: list[list[int]] | None,
    taken: dict[int, set[int]],
) -> list[int]:
    """Return the slots in which a pair can meet if nothing but fixed meetings is in the way."""
    if one.locked:
        return [one.slot]
    first, second = problem.participants[one.a], problem.participants[one.b]
    if not first.most or not second.most:
        return []
    slots = first.free & second.free - taken.get(one.a, set()) - taken.get(one.b, set())
    if one.host != NONE:
        slots = slots & problem.tables[one.host].free
    return [
        slot
        for slot in sorted(slots)
        if (places[slot] or not one.seated) and (speakers is None or speakers[slot])
    ]
