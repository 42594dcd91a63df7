"""What a draft changes of the agreed timetable, as plain values.

Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tenon.events.timetables.picture import Placed

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Changes:
    """The differences, each in the order of the new timetable, then of the old.

    Attributes:
        kept: as they were.
        moved: (before, after) of those that are elsewhere.
        gone: those called off.
        new: those that were not agreed before.
    """

    kept: tuple[Placed, ...] = ()
    moved: tuple[tuple[Placed, Placed], ...] = ()
    gone: tuple[Placed, ...] = ()
    new: tuple[Placed, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether nobody need be told of anything."""
        return not (self.moved or self.gone or self.new)

    def people(self) -> Mapping[int, Changes]:
        """Return person -> what changes for them; those for whom nothing does are left out."""
        moved: dict[int, list[tuple[Placed, Placed]]] = {}
        gone: dict[int, list[Placed]] = {}
        new: dict[int, list[Placed]] = {}
        for both in self.moved:
            for key in both[0].pair:
                moved.setdefault(key, []).append(both)
        for table, ones in ((gone, self.gone), (new, self.new)):
            for one in ones:
                for key in one.pair:
                    table.setdefault(key, []).append(one)
        return {
            key: Changes(
                moved=tuple(moved.get(key, ())),
                gone=tuple(gone.get(key, ())),
                new=tuple(new.get(key, ())),
            )
            for key in sorted({*moved, *gone, *new})
        }


def changes(
    agreed: Sequence[Placed], planned: Sequence[Placed], *, settled: Collection[Pair] = ()
) -> Changes:
    """Return what ``planned`` changes of ``agreed``.

    ``settled`` are pairs whose agreed meeting stays whatever is planned: it was held, or has begun.
    """
    before = {one.pair: one for one in agreed}
    after = {one.pair: one for one in planned}
    kept = [one for one in agreed if one.pair in settled]
    moved, new = [], []
    for one in planned:
        was = before.get(one.pair)
        if one.pair in settled:
            continue
        if was is None:
            new.append(one)
        elif _place(was) == _place(one):
            kept.append(one)
        else:
            moved.append((was, one))
    gone = [one for one in agreed if one.pair not in after and one.pair not in settled]
    return Changes(tuple(kept), tuple(moved), tuple(gone), tuple(new))


def _place(one: Placed) -> tuple[int, int | None, int | None]:
    return one.slot, one.table, one.interpreter
