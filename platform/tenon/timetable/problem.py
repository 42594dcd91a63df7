"""What a timetable is made for: slots, tables, people, who wishes to meet whom, and what it costs.

Plain frozen values, checked when they are made. Knows no solver, no database and no web.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tenon.timetable import validation

HIGHEST = 10**9
"""No value or cost may be larger, so that sums stay exact in 64 bits."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of time in which meetings are held; its place in ``Problem.slots`` is its number.

    Attributes:
        start: minutes since midnight of the event's first day.
        end: the same; later than start.
        day: number of the day; gaps and changes of room are counted within one.
    """

    start: int
    end: int
    day: int


@dataclass(frozen=True, slots=True)
class Table:
    """A place for one meeting at a time.

    Attributes:
        key: the caller's number for it.
        room: number of the room it stands in.
        free: numbers of the slots in which it can be used.
    """

    key: int
    room: int
    free: frozenset[int]


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who meets others.

    Attributes:
        key: the caller's number.
        free: numbers of the slots in which they can meet.
        most: meetings at most, 0 or more.
        least: meetings that they should have; what is missing costs ``Costs.shortfall`` each.
        languages: spoken; an empty set asks for no common language.
        table: key of their own table; others come to it.
        online: they take part from elsewhere. Two who both do meet without a table; they have no
            table of their own, and a change of room is none to them.
    """

    key: int
    free: frozenset[int]
    most: int
    least: int = 1
    languages: frozenset[str] = frozenset()
    table: int | None = None
    online: bool = False


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Somebody who helps one meeting at a time.

    Attributes:
        key: the caller's number.
        languages: between which they interpret.
        free: numbers of the slots in which they are there.
    """

    key: int
    languages: frozenset[str]
    free: frozenset[int]


@dataclass(frozen=True, slots=True)
class Wish:
    """Two participants who may meet, and what their meeting is worth.

    Where both have a table of their own, they meet at a's. Who may not meet has no wish.

    Attributes:
        a: key of a participant.
        b: key of another one.
        value: above 0.
    """

    a: int
    b: int
    value: int


@dataclass(frozen=True, slots=True)
class Fixed:
    """A meeting that must be held in this slot, and at this table where one is named.

    It is worth what the wish of the two is, or nothing where they have none.
    """

    a: int
    b: int
    slot: int
    table: int | None = None


@dataclass(frozen=True, slots=True)
class Costs:
    """What is taken off the values of the meetings; 0 asks for nothing.

    Attributes:
        shortfall: for each meeting that a participant has under ``least``.
        gap: for each pair of meetings that follow each other on one day, for one participant, with
            more than ``longest_gap`` of that day's slots between them.
        room_change: for each such pair that is held in two rooms.
        uneven: for each meeting that a participant has above ``Problem.even_share``.
        longest_gap: slots without a meeting that nobody minds.
    """

    shortfall: int = 0
    gap: int = 0
    room_change: int = 0
    uneven: int = 0
    longest_gap: int = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """All that a timetable depends on.

    Attributes:
        slots: in the order of time, none overlapping another.
        tables: keys unique.
        participants: keys unique.
        wishes: any graph; each unordered pair at most once.
        fixed: meetings that must be held.
        interpreters: keys unique.
        costs: of what is not nice.

    Raises:
        ValueError: when made, naming what is wrong: unknown or repeated keys, numbers out of range,
            or fixed meetings that cannot all be held.
    """

    slots: tuple[Slot, ...]
    tables: tuple[Table, ...]
    participants: tuple[Participant, ...]
    wishes: tuple[Wish, ...]
    fixed: tuple[Fixed, ...] = ()
    interpreters: tuple[Interpreter, ...] = ()
    costs: Costs = field(default_factory=Costs)

    def __post_init__(self) -> None:
        validation.validate(self, HIGHEST)

    @property
    def even_share(self) -> int:
        """Meetings of each participant with a wish, if as many as can be were shared out evenly.

        Twice the lesser of wishes and places (free tables, summed over the slots), divided by those
        who have a wish, rounded up. Wishes that need no table count whatever the places.
        """
        people = {key for wish in self.wishes for key in (wish.a, wish.b)}
        online = {one.key for one in self.participants if one.online}
        places = sum(len(table.free) for table in self.tables)
        seated = sum(not {wish.a, wish.b} <= online for wish in self.wishes)
        meetings = min(seated, places) + len(self.wishes) - seated
        return -(-2 * meetings // len(people)) if people else 0

    def to_json(self) -> dict[str, Any]:
        """Return it as lists and numbers that ``json`` can write."""
        return {
            "slots": [[one.start, one.end, one.day] for one in self.slots],
            "tables": [[one.key, one.room, sorted(one.free)] for one in self.tables],
            "participants": [_participant_to_json(one) for one in self.participants],
            "wishes": [[one.a, one.b, one.value] for one in self.wishes],
            "fixed": [[one.a, one.b, one.slot, one.table] for one in self.fixed],
            "interpreters": [
                [one.key, sorted(one.languages), sorted(one.free)] for one in self.interpreters
            ],
            "costs": [
                self.costs.shortfall,
                self.costs.gap,
                self.costs.room_change,
                self.costs.uneven,
                self.costs.longest_gap,
            ],
        }

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Problem:
        """Return the problem that ``to_json`` made this from.

        Raises:
            ValueError: as when one is made.
        """
        return cls(
            slots=tuple(Slot(*one) for one in found["slots"]),
            tables=tuple(Table(key, room, frozenset(free)) for key, room, free in found["tables"]),
            participants=tuple(_participant_from_json(one) for one in found["participants"]),
            wishes=tuple(Wish(*one) for one in found["wishes"]),
            fixed=tuple(Fixed(*one) for one in found["fixed"]),
            interpreters=tuple(
                Interpreter(key, frozenset(languages), frozenset(free))
                for key, languages, free in found["interpreters"]
            ),
            costs=Costs(*found["costs"]),
        )


def _participant_to_json(one: Participant) -> list[Any]:
    tongues = sorted(one.languages)
    return [one.key, sorted(one.free), one.most, one.least, tongues, one.table, one.online]


def _participant_from_json(found: list[Any]) -> Participant:
    key, free, most, least, languages, table, online = found
    return Participant(key, frozenset(free), most, least, frozenset(languages), table, online)
