"""Figures in which nobody can be told apart: a cell of too few houses says only that.

Where one cell alone would be held back beside a total, the smallest other one is held back too,
or it could be worked out by taking the rest from the total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LEAST = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a published table.

    Attributes:
        key: what it is of: a code; None where not stated.
        number: how many; None where it is held back.
        sums: minor units by currency; empty where held back, or where it is no money.
    """

    key: str | None
    number: int | None
    sums: Mapping[str, int]

    @property
    def held_back(self) -> bool:
        """Whether the figure would tell of fewer than LEAST houses."""
        return self.number is None


@dataclass(slots=True)
class Heap:
    """What a cell is made of, before anybody sees it."""

    number: int
    sums: dict[str, int]
    houses: list[set[int]]

    @classmethod
    def of(cls, sides: int) -> Heap:
        """Return an empty one; ``sides`` is how many houses each of its things has."""
        return cls(0, {}, [set() for _ in range(sides)])

    def add(
        self, number: int, houses: Iterable[int], sums: Mapping[str, int] | None = None
    ) -> None:
        """Add things with the houses of their sides, in order."""
        self.number += number
        for known, house in zip(self.houses, houses, strict=True):
            known.add(house)
        for currency, minor in (sums or {}).items():
            self.sums[currency] = self.sums.get(currency, 0) + minor

    @property
    def small(self) -> bool:
        """Whether one side of it is of fewer than LEAST houses."""
        return any(len(each) < LEAST for each in self.houses)


def publish(heaps: Mapping[str | None, Heap]) -> list[Cell]:
    """Return the cells of a table, the largest first, held back where they are too small."""
    order = sorted(heaps, key=lambda key: (key is None, -heaps[key].number, str(key)))
    hidden = {key for key in order if heaps[key].number and heaps[key].small}
    others = [key for key in order if key not in hidden and heaps[key].number]
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda key: (heaps[key].number, str(key))))
    return [
        Cell(key, None, {})
        if key in hidden
        else Cell(key, heaps[key].number, dict(sorted(heaps[key].sums.items())))
        for key in order
    ]


def total(heaps: Mapping[str | None, Heap], cells: Iterable[Cell]) -> Cell:
    """Return the whole of a table, held back where it is of too few houses itself."""
    whole = Heap.of(len(next(iter(heaps.values())).houses) if heaps else 1)
    for each in heaps.values():
        whole.number += each.number
        for known, more in zip(whole.houses, each.houses, strict=True):
            known.update(more)
        for currency, minor in each.sums.items():
            whole.sums[currency] = whole.sums.get(currency, 0) + minor
    alone = [each for each in cells if each.held_back]
    if whole.number and (whole.small or len(alone) == 1):
        return Cell(None, None, {})
    return Cell(None, whole.number, dict(sorted(whole.sums.items())))


def as_json(cell: Cell) -> dict[str, Any]:
    """Return a cell for the download."""
    if cell.held_back:
        return {"key": cell.key, "number": None, "fewer_than_organisations": LEAST}
    found: dict[str, Any] = {"key": cell.key, "number": cell.number}
    return found | ({"sums_minor": dict(cell.sums)} if cell.sums else {})
