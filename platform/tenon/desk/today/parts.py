"""What a source of the day gives: a few rows, how many there are, where all of them stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from tenon.actors import Actor

FIRST = 5
"""So many rows of a source are shown."""

COUNTED = 100
"""A source's number is exact below this; what is more is said to be."""


@dataclass(frozen=True, slots=True)
class Step:
    """What can be done about a row: by one click (``post``), or on another page.

    Attributes:
        label: a marked message (English id).
        path: where the button or link leads.
        post: whether it is done by the click alone.
        values: hidden fields of the button.
    """

    label: str
    path: str
    post: bool = False
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to do.

    Attributes:
        title: of what it is about, in the words of those who wrote it.
        path: where it is done.
        why: a marked message with placeholders of ``facts``: why it is here.
        facts: values of the placeholders.
        since: since when it is here; None where only the day counts.
        due: the day by which it should be done, if there is one.
        late: whether it should have been done already, or brooks no delay.
        steps: at most three.
    """

    title: str
    path: str
    why: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None
    due: date | None = None
    late: bool = False
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One source's part of the day.

    Attributes:
        name: of the source; ``labels.PARTS`` says what it is called.
        rows: the first, what is late before what is due.
        number: how many in all, at most COUNTED.
        path: the page with all of them.
    """

    name: str
    rows: Sequence[Row]
    number: int
    path: str

    @property
    def late(self) -> int:
        """How many of the rows shown are late."""
        return sum(row.late for row in self.rows)

    @property
    def order(self) -> tuple[int, date]:
        """Where the part stands on the page: what is late first, then by the next day due."""
        days = [row.due for row in self.rows if row.due is not None]
        return (0 if self.late else 1, min(days, default=date.max))


class Source(Protocol):
    """What gathers a part; reads with few statements, however much there is."""

    def __call__(self, session: Session, *, by: Actor, now: datetime, language: str) -> Part:
        """Return the part as the actor may see it."""
        ...


def part(name: str, rows: Sequence[Row], path: str, number: int | None = None) -> Part:
    """Return a part of its first rows, late ones first, then by day due, then the longest there."""
    ordered = sorted(
        rows,
        key=lambda row: (
            not row.late,
            row.due or date.max,
            row.since.timestamp() if row.since is not None else 0.0,
        ),
    )
    counted = min(COUNTED, len(rows) if number is None else number)
    return Part(name, ordered[:FIRST], counted, path)
