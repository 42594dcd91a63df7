"""What comes of it: meetings, what they are worth, the proved bound, and rules that are broken.

Plain values. Knows no solver.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two participants at one table in one slot; all but ``slot`` are the caller's keys.

    The table is None where both are online.
    """

    a: int
    b: int
    slot: int
    table: int | None
    interpreter: int | None = None


@dataclass(frozen=True, slots=True)
class Worth:
    """What a timetable is worth: first the floor, then the total.

    Attributes:
        floor: participants with at least one meeting.
        meetings: sum of the values of the meetings.
        penalties: sum of what ``Costs`` takes off.
    """

    floor: int
    meetings: int
    penalties: int

    @property
    def total(self) -> int:
        """Values less penalties; below 0 where penalties are higher."""
        return self.meetings - self.penalties

    @property
    def key(self) -> tuple[int, int]:
        """What two are compared by."""
        return self.floor, self.total

    def __lt__(self, other: Worth) -> bool:
        return self.key < other.key

    def __le__(self, other: Worth) -> bool:
        return self.key <= other.key

    def __gt__(self, other: Worth) -> bool:
        return self.key > other.key

    def __ge__(self, other: Worth) -> bool:
        return self.key >= other.key


@dataclass(frozen=True, slots=True)
class Bound:
    """No timetable is worth more than (floor, total), compared in this order.

    A timetable with a lower floor may have a higher total; one that reaches the floor may not.

    Attributes:
        name: by what it is proved.
        floor: no timetable has more participants with a meeting.
        total: no timetable with that floor has a higher one.
        exact: whether it is known that a timetable reaches it.
    """

    name: str
    floor: int
    total: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Timetable:
    """The meetings found, and how good they are.

    Attributes:
        meetings: in the order of slot and table.
        worth: of them.
        bound: proved, None where none was asked for or found.
        seconds: that it took.
        ended: "optimal" (worth reaches the bound), "time" (it had its time, or found nothing left
            to try), "stopped" (by the caller) or "crashed" (the process that solved it did; this is
            the best it had found).
    """

    meetings: tuple[Meeting, ...]
    worth: Worth
    bound: Bound | None = None
    seconds: float = 0.0
    ended: str = "time"

    @property
    def gap(self) -> float | None:
        """How far below the bound the total lies, as a share of the bound; None without one.

        Where the floor is below the bound's, what is above the bound's total counts as no gap.
        """
        if self.bound is None:
            return None
        if self.bound.total <= 0:
            return 0.0 if self.worth.total >= self.bound.total else 1.0
        return max(0.0, (self.bound.total - self.worth.total) / self.bound.total)

    def to_json(self) -> dict[str, Any]:
        """Return it as lists and numbers that ``json`` can write."""
        return {
            "meetings": [
                [one.a, one.b, one.slot, one.table, one.interpreter] for one in self.meetings
            ],
            "worth": asdict(self.worth),
            "bound": None if self.bound is None else asdict(self.bound),
            "seconds": self.seconds,
            "ended": self.ended,
        }

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Timetable:
        """Return the timetable that ``to_json`` made this from."""
        bound = found["bound"]
        return cls(
            meetings=tuple(Meeting(*one) for one in found["meetings"]),
            worth=Worth(**found["worth"]),
            bound=None if bound is None else Bound(**bound),
            seconds=found["seconds"],
            ended=found["ended"],
        )


@dataclass(frozen=True, slots=True)
class Broken:
    """A hard rule that does not hold.

    Attributes:
        rule: "unknown", "no_wish", "pair_twice", "participant_twice", "participant_not_free",
            "most", "table_missing", "table_not_needed", "table_twice", "table_not_free",
            "fixed_table", "interpreter_missing", "interpreter_not_free", "interpreter_twice",
            "interpreter_language", "interpreter_not_needed" or "fixed_missing".
        facts: keys and numbers that say where.
    """

    rule: str
    facts: dict[str, int] = field(default_factory=dict)
