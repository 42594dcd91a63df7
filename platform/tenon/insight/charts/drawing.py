"""A chart as data: what stands in its table, and the JSON from which a script draws it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tenon.insight.charts.wording import Number, amount, write

KINDS = ("bar", "stacked", "line", "funnel", "map")


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One column of the table.

    Attributes:
        name: its header, in the page's language.
        unit: as ``wording.write`` takes it.
        values: one for each label; None where there is none.
        links: where each value leads, the list behind it; empty: nowhere.
        target: a line to be reached rather than what was.
        drawn: whether the drawing shows it; the table shows all.
        notes: instead of a value's words, where given ("fewer than 3").
    """

    name: str
    values: Sequence[Number | None]
    unit: str = "count"
    links: Sequence[str | None] = ()
    target: bool = False
    drawn: bool = True
    notes: Sequence[str | None] = ()

    def words(self, place: int, language: str) -> str:
        """Return what the table says at a place."""
        note = self.notes[place] if place < len(self.notes) else None
        return note or write(self.values[place], self.unit, language)

    def link(self, place: int) -> str | None:
        """Return where the value at a place leads."""
        return self.links[place] if place < len(self.links) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart with its table.

    Attributes:
        key: names it on its page: letters, digits, dashes.
        kind: of KINDS.
        title: what it shows.
        by: header of the first column.
        labels: the first column.
        series: the other columns.
        places: for a map: column and row of each label's tile; -1 for none.
        short: for a map: a name of each label that fits into its tile.
        links: where each label leads; empty: nowhere.
        definition: how the figures are counted, for the reader to unfold.
        note: a line below the table, such as from when the figures are.
    """

    key: str
    kind: str
    title: str
    by: str
    labels: Sequence[str]
    series: Sequence[Series]
    places: Sequence[tuple[int, int]] = ()
    short: Sequence[str] = ()
    links: Sequence[str | None] = field(default=())
    definition: str | None = None
    note: str | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw: no label, or nothing but zero and unknown values."""
        return not any(value for each in self.series if each.drawn for value in each.values)

    def label_link(self, place: int) -> str | None:
        """Return where a label leads."""
        return self.links[place] if place < len(self.links) else None

    def data(self, language: str) -> Mapping[str, Any]:
        """Return what the script draws from; all its words are in ``language``."""
        shown = [each for each in self.series if each.drawn]
        first = shown[0] if shown else None
        return {
            "kind": self.kind,
            "title": self.title,
            "labels": list(self.labels),
            "places": [list(each) for each in self.places],
            "short": list(self.short),
            "links": [
                (first.link(place) if first else None) or self.label_link(place)
                for place in range(len(self.labels))
            ],
            "series": [
                {
                    "name": each.name,
                    "unit": each.unit,
                    "target": each.target,
                    "values": [amount(value, each.unit) for value in each.values],
                    "words": [each.words(place, language) for place in range(len(each.values))],
                }
                for each in shown
            ],
        }

    def json(self, language: str) -> str:
        """Return ``data`` as compact JSON for an attribute."""
        return json.dumps(self.data(language), ensure_ascii=False, separators=(",", ":"))

    def bars(self) -> list[float]:
        """Return how long each label's bar of the first drawn series is: 0 to 1, for paper."""
        shown = next((each for each in self.series if each.drawn), None)
        lengths = [] if shown is None else [amount(each, shown.unit) or 0 for each in shown.values]
        longest = max((abs(each) for each in lengths), default=0)
        return [abs(each) / longest if longest else 0.0 for each in lengths]
