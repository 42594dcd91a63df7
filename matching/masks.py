"""Which rows a filter admits, for the mapped build and the journal together; remembered.

Many questions share a filter (what is open today, on one side) and differ only in whom they
leave out, so the shared part is kept. Knows columns, neither vectors nor words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from matching.columns import BoolArray, Columns, IntArray
from matching.documents import Where

Masks = tuple[BoolArray, BoolArray]
"""Over the rows of the build, and over those of the journal."""

MASKS_KEPT: Final = 8
"""So many filters' rows are kept for the next question, a byte a document each."""

OWN_MASKS_KEPT: Final = 4
"""Of filters that leave out whoever asks, only those of the present question are kept."""


class Filters:
    """Answers filters for one snapshot. Safe to share between threads.

    Args:
        columns: of the build and of the journal.
        alive: which of their rows still count.
        rows_of: the build's rows of some listings.
    """

    def __init__(
        self,
        columns: tuple[Columns, Columns],
        alive: Masks,
        rows_of: Callable[[Iterable[int]], IntArray],
    ) -> None:
        self._base, self._live = columns
        self._alive = alive
        self._rows_of = rows_of
        self._shared: dict[Where, Masks] = {}
        self._own: dict[Where, Masks] = {}

    def masks(self, where: Where) -> Masks:
        """Return which rows are alive and admitted; copy before changing them."""
        if where.is_open:
            return self._alive
        shared = replace(where, organisation_not=(), keys_not=frozenset())
        if shared == where:
            return self._shared_masks(where)
        kept = self._own.get(where)
        if kept is None:
            kept = self._less_excluded(self._shared_masks(shared), where)
            if len(self._own) >= OWN_MASKS_KEPT:
                self._own.clear()
            self._own[where] = kept
        return kept

    def _shared_masks(self, where: Where) -> Masks:
        kept = self._shared.get(where)
        if kept is None:
            kept = (
                self._base.mask(where) & self._alive[0],
                self._live.mask(where) & self._alive[1],
            )
            if len(self._shared) >= MASKS_KEPT:
                self._shared.clear()
            self._shared[where] = kept
        return kept

    def _less_excluded(self, masks: Masks, where: Where) -> Masks:
        """Take out of both masks what a filter excludes by organisation and key."""
        base, live = masks
        if where.organisation_not:
            base = base & self._base.mask(Where(organisation_not=where.organisation_not))
        else:
            base = base.copy()
        base[self._rows_of(where.keys_not)] = False
        rest = Where(organisation_not=where.organisation_not, keys_not=where.keys_not)
        return base, live & self._live.mask(rest)


def holds(masks: Masks, rows: IntArray) -> BoolArray:
    """Return which rows, numbered through build and journal, the masks hold; -1 is none."""
    base, live = masks
    found = np.zeros(len(rows), dtype=np.bool_)
    old = (rows >= 0) & (rows < len(base))
    new = rows >= len(base)
    found[old] = base[rows[old]]
    found[new] = live[rows[new] - len(base)]
    return found
