"""From a picture of an event to the optimiser's problem, and from its timetable back.

Pure. What the event ignores is no rule for the optimiser; all else is one, whatever its level.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tenon.events.timetables import defaults, valuing
from tenon.events.timetables.picture import Person, Picture, Placed, Span, pair_of
from tenon.timetable import (
    Fixed,
    Interpreter,
    Meeting,
    Participant,
    Problem,
    Slot,
    Table,
    Timetable,
    Wish,
    worth_of,
)


@dataclass(frozen=True, slots=True)
class Mapped:
    """A problem, and the fixed meetings that cannot be held beside the others."""

    problem: Problem
    left_out: tuple[Placed, ...] = ()


def fixed_of(picture: Picture, pinned: Iterable[Placed] = ()) -> list[Placed]:
    """Return the meetings that must be held: pinned ones, then what the organiser's rules fix."""
    found = {one.pair: one for one in pinned}
    for rule in picture.ruled:
        if rule.rule == "fix" and rule.slot is not None:
            pair = pair_of(rule.a, rule.b)
            found.setdefault(pair, Placed(*pair, rule.slot, rule.table, pinned=True))
    return list(found.values())


def problem_of(picture: Picture, fixed: Sequence[Placed] = ()) -> Mapped:
    """Return the problem of an event.

    Args:
        picture: the event.
        fixed: meetings that must be held; those that cannot beside those before them are left out
            of the problem and named in the answer.
    """
    known = [one for one in fixed if one.a in picture.people and one.b in picture.people]
    gone = [one for one in fixed if one not in known]
    try:
        return Mapped(_problem(picture, known), tuple(gone))
    except ValueError:
        held = list[Placed]()
        for one in known:
            try:
                _problem(picture, [*held, one])
                held.append(one)
            except ValueError:
                gone.append(one)
        return Mapped(_problem(picture, held), tuple(gone))


def meetings_of(picture: Picture, placed: Sequence[Placed]) -> tuple[Meeting, ...]:
    """Return placed meetings as the optimiser's, without those of people who left.

    One of two online has none. Another without a table counts as held at the first, or at one of
    its own where there are none.
    """
    taken: Counter[int] = Counter()
    found = []
    for one in sorted(placed, key=lambda each: (each.slot, each.pair)):
        if one.a not in picture.people or one.b not in picture.people:
            continue
        table = one.table
        if picture.both_online(one.pair):
            table = None
        elif table is None or table not in picture.table_of:
            taken[one.slot] += 1
            table = picture.tables[0].id if picture.tables else -taken[one.slot]
        found.append(Meeting(one.a, one.b, one.slot, table, one.interpreter))
    return tuple(found)


def placed_of(
    picture: Picture, timetable: Timetable, *, pinned: Collection[tuple[int, int]] = ()
) -> list[Placed]:
    """Return a timetable's meetings by the event's own ids; ``pinned`` pairs are marked so."""
    found = []
    for one in timetable.meetings:
        pair = pair_of(one.a, one.b)
        found.append(
            Placed(
                *pair,
                one.slot,
                one.table if one.table is not None and one.table > 0 else None,
                one.interpreter,
                pair in pinned,
                valuing.worth(picture, *pair),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Reached:
    """What meetings are worth by the optimiser's own count."""

    floor: int
    value: int
    penalties: int

    @property
    def total(self) -> int:
        """Value less penalties."""
        return self.value - self.penalties


def reached(picture: Picture, placed: Sequence[Placed]) -> Reached:
    """Return what meetings are worth, also of such as break rules."""
    problem = _problem(picture, ())
    found = worth_of(problem, meetings_of(picture, placed))
    return Reached(found.floor, found.meetings, found.penalties)


def mark_of(picture: Picture) -> str:
    """Return what changes whenever wishes, people, places, rules or costs do.

    By it one sees whether a bound still holds: meetings that must be held are left out of it.
    """
    text = json.dumps(_problem(picture, ()).to_json(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _problem(picture: Picture, fixed: Sequence[Placed]) -> Problem:
    wishes = valuing.pairs(picture)
    busy = {one.pair for one in fixed}
    asked = {key for one in wishes for key in (one.a, one.b)} | {k for p in busy for k in p}
    return Problem(
        slots=tuple(
            Slot(*_minutes(one, picture.slots[0].starts_at), one.day) for one in picture.slots
        ),
        tables=_tables(picture, fixed),
        participants=tuple(
            _participant(picture, one, fixed, wished=one.id in asked)
            for one in picture.people.values()
        ),
        wishes=tuple(Wish(one.host, _other(one), one.value) for one in wishes),
        fixed=tuple(_fixed(picture, one) for one in fixed),
        interpreters=tuple(
            Interpreter(one.id, one.languages, _all(picture) - one.closed)
            for one in picture.helpers
        ),
        costs=defaults.costs(picture.costs),
    )


def _minutes(one: Span, origin: datetime) -> tuple[int, int]:
    first = int((one.starts_at - origin).total_seconds()) // 60
    last = int((one.ends_at - origin).total_seconds()) // 60
    return first, max(first + 1, last)


def _all(picture: Picture) -> frozenset[int]:
    return frozenset(range(len(picture.slots)))


def _other(pair: valuing.Pair) -> int:
    return pair.b if pair.host == pair.a else pair.a


def _tables(picture: Picture, fixed: Sequence[Placed]) -> tuple[Table, ...]:
    """Return the tables; a fixed meeting may sit at a closed one, nobody else can then."""
    slots = _all(picture)
    if not picture.tables:
        return tuple(Table(-key, 0, slots) for key in range(1, len(picture.people) // 2 + 1))
    used: dict[int, set[int]] = {}
    for one in fixed:
        if one.table is not None:
            used.setdefault(one.table, set()).add(one.slot)
    always = valuing.ignores(picture, "table_closed")
    found = []
    for table in picture.tables:
        closed = frozenset[int]() if always else table.closed
        free = slots - closed | frozenset(used.get(table.id, ()))
        found.append(Table(table.id, table.room, free))
    return tuple(found)


def free_slots(picture: Picture, person: Person) -> frozenset[int]:
    """Return the slots in which somebody can still be given a meeting."""
    free = _all(picture) - picture.begun
    if not valuing.ignores(picture, "absent"):
        free -= person.absent
    if not valuing.ignores(picture, "in_session"):
        free -= person.in_session
    return free


def _participant(
    picture: Picture, person: Person, fixed: Sequence[Placed], *, wished: bool
) -> Participant:
    """Return somebody as the optimiser sees them: a fixed meeting makes its slot a free one."""
    own = [one.slot for one in fixed if person.id in one.pair]
    most = person.most
    if valuing.ignores(picture, "over_maximum"):
        most = len(picture.slots)
    tongues = person.languages
    if valuing.ignores(picture, "no_common_language"):
        tongues = frozenset()
    known = person.table in picture.table_of and not valuing.ignores(picture, "own_table")
    return Participant(
        person.id,
        free_slots(picture, person) | frozenset(own),
        max(most, len(own)),
        min(person.least, most) if wished else 0,
        tongues,
        person.table if known else None,
        person.online,
    )


def _fixed(picture: Picture, one: Placed) -> Fixed:
    """Return a fixed meeting; somebody's own table goes before the one named.

    Two online have none.
    """
    if picture.both_online(one.pair):
        return Fixed(one.a, one.b, one.slot)
    own = {picture.people[key].table for key in one.pair} & set(picture.table_of)
    free = valuing.ignores(picture, "own_table") or not own
    return Fixed(one.a, one.b, one.slot, one.table if free or one.table in own else None)
