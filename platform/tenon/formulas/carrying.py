"""Which row of a list is which, after the list was amended: milestones keep their numbers.

Rows come with no name of their own, only with what people wrote. A row is the same as before where
its title and its content say so; what is neither is a new one, with a number that none had.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def _title(row: Row) -> str:
    return " ".join(str(row.get("title") or "").split()).casefold()


def _criterion(row: Row) -> str:
    return " ".join(str(row.get("criterion") or "").split()).casefold()


_TELLING: tuple[Callable[[Row], tuple[Hashable, ...]], ...] = (
    lambda row: (_title(row), _criterion(row), row.get("minor"), row.get("due")),
    lambda row: (_title(row), _criterion(row)),
    lambda row: (_title(row), row.get("minor")),
    lambda row: (_title(row), row.get("due")),
    lambda row: (_title(row),),
    lambda row: (_criterion(row), row.get("minor"), row.get("due")),
)
"""What two rows have in common that are one, the surest first: all, the title, all but the title.

A criterion alone tells nothing: many milestones have the same. Nor does an empty text.
"""
_SURE = 2
"""How many of them bring back a row that an earlier amendment took out."""


def numbers(versions: Sequence[Sequence[Row]]) -> tuple[tuple[int, ...], ...]:
    """Return the number of each row of each version, the first version's from 1 on.

    A row that stays, wherever it stands, keeps its number; one that was taken out and comes back
    as it was has its own again; a new one has the next that is free.
    """
    found: list[tuple[int, ...]] = []
    known: dict[int, Row] = {}
    for rows in versions:
        before = {number: known[number] for number in (found[-1] if found else ())}
        gone = {number: row for number, row in known.items() if number not in before}
        mine = _matched(before, rows, _TELLING)
        mine |= _matched(gone, rows, _TELLING[:_SURE], taken=mine)
        free = max(known, default=0)
        for place in range(len(rows)):
            if place not in mine:
                free += 1
                mine[place] = free
        found.append(tuple(mine[place] for place in range(len(rows))))
        known |= dict(zip(found[-1], rows, strict=True))
    return tuple(found)


def _matched(
    before: Mapping[int, Row],
    rows: Sequence[Row],
    telling: Sequence[Callable[[Row], tuple[Hashable, ...]]],
    *,
    taken: Mapping[int, int] | None = None,
) -> dict[int, int]:
    """Return place -> number of the rows that are one of those before; equal ones in order."""
    left = dict(before)
    found: dict[int, int] = {}
    for turn, key_of in enumerate(telling):
        for place, row in enumerate(rows):
            key = key_of(row)
            if place in found or place in (taken or {}) or (turn and not key[0]):
                continue
            same = next((number for number, each in left.items() if key_of(each) == key), None)
            if same is not None:
                found[place] = same
                del left[same]
    return found
