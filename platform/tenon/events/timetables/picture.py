"""What a timetable of an event depends on, as plain values: read once, then only looked at.

Pure: knows no database, no page. Slots are named by their place in order (0, 1, ...), all else by
its own id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Span:
    """A slot: its id and when it is."""

    id: int
    starts_at: datetime
    ends_at: datetime
    day: int


@dataclass(frozen=True, slots=True)
class Place:
    """A table; ``closed`` are the slots without it."""

    id: int
    room: int
    closed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who takes part.

    Attributes:
        id: of the registration.
        group: what they take part as.
        house: their organisation, None where they come for themselves.
        absent: slots in which they said that they are not free.
        in_session: slots in which a session keeps them.
        most: meetings at most.
        least: meetings that they should have.
        languages: spoken; empty where they said nothing.
        table: their own table; none for who attends online.
        online: whether they attend online, at an event to which others come.
    """

    id: int
    group: int
    house: int | None = None
    absent: frozenset[int] = frozenset()
    in_session: frozenset[int] = frozenset()
    most: int = 12
    least: int = 1
    languages: frozenset[str] = frozenset()
    table: int | None = None
    online: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish: ``must``, ``would`` or ``rather_not``; ``open``, ``accepted`` or ``declined``."""

    from_id: int
    to_id: int
    kind: str
    state: str = "open"
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the organiser decided of two: ``add``, ``forbid`` or ``fix`` (in a slot)."""

    a: int
    b: int
    rule: str
    slot: int | None = None
    table: int | None = None


@dataclass(frozen=True, slots=True)
class Helper:
    """An interpreter; ``closed`` are slots without them."""

    id: int
    languages: frozenset[str]
    closed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Placed:
    """A meeting in a slot, at a table or online; ``a`` is the lower id."""

    a: int
    b: int
    slot: int
    table: int | None = None
    interpreter: int | None = None
    pinned: bool = False
    value: int = 0

    @property
    def pair(self) -> tuple[int, int]:
        """The two who meet."""
        return self.a, self.b


@dataclass(frozen=True, eq=False)
class Picture:
    """All that a timetable depends on; compared by identity, so that findings can be kept by it.

    Attributes:
        slots: in order.
        tables: in order of rooms; none where an event has no tables (online): then as many
            meetings as there are pairs of people go on at once.
        people: all who take part, by id.
        asked: wishes in the order in which they were made, withdrawn ones left out.
        ruled: what the organiser decided.
        may: pairs of groups (lower id first) that may meet; others may not.
        helpers: interpreters.
        walk_minutes: that it takes from one room to another.
        costs: of what is not nice, by name, where the event departs from the defaults.
        levels: of conflicts by code, where the event departs from the defaults.
        begun: slots that have begun or passed.
    """

    slots: tuple[Span, ...]
    tables: tuple[Place, ...] = ()
    people: Mapping[int, Person] = field(default_factory=dict)
    asked: tuple[Asked, ...] = ()
    ruled: tuple[Ruled, ...] = ()
    may: frozenset[tuple[int, int]] = frozenset()
    helpers: tuple[Helper, ...] = ()
    walk_minutes: int = 5
    costs: Mapping[str, int] = field(default_factory=dict)
    levels: Mapping[str, str] = field(default_factory=dict)
    begun: frozenset[int] = frozenset()

    @cached_property
    def asked_of(self) -> Mapping[tuple[int, int], tuple[Asked, ...]]:
        """Pair -> wishes of either side, as made."""
        found: dict[tuple[int, int], list[Asked]] = {}
        for one in self.asked:
            found.setdefault(pair_of(one.from_id, one.to_id), []).append(one)
        return {pair: tuple(wishes) for pair, wishes in found.items()}

    @cached_property
    def ruled_of(self) -> Mapping[tuple[int, int], Ruled]:
        """Pair -> what the organiser decided of it."""
        return {pair_of(one.a, one.b): one for one in self.ruled}

    @cached_property
    def table_of(self) -> Mapping[int, Place]:
        """Table by id."""
        return {one.id: one for one in self.tables}

    @cached_property
    def helper_of(self) -> Mapping[int, Helper]:
        """Interpreter by id."""
        return {one.id: one for one in self.helpers}

    @cached_property
    def slot_of(self) -> Mapping[int, int]:
        """Slot's id -> its place in order."""
        return {one.id: place for place, one in enumerate(self.slots)}

    def may_meet(self, first: Person, second: Person) -> bool:
        """Whether the groups of two may meet."""
        low, high = sorted((first.group, second.group))
        return (low, high) in self.may

    def needs_table(self, pair: tuple[int, int]) -> bool:
        """Whether two need a table: unless there are none, or both attend online."""
        return bool(self.tables) and not self.both_online(pair)

    def both_online(self, pair: tuple[int, int]) -> bool:
        """Whether both of two attend online."""
        return all(key in self.people and self.people[key].online for key in pair)


def pair_of(first: int, second: int) -> tuple[int, int]:
    """Return two ids, the lower first."""
    return (first, second) if first < second else (second, first)
