"""Regions as a map of tiles where we know where they lie, else as bars by size."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from tenon.insight.charts.drawing import Chart, Series

_FILE = Path(__file__).with_name("tiles.toml")


@dataclass(frozen=True, slots=True)
class Tile:
    """A region's square: column and row from the north-west, and a name that fits into it."""

    at: tuple[int, int]
    zh: str
    en: str

    def name(self, language: str) -> str:
        """Return the short name in ``language``."""
        return self.zh if language == "zh" else self.en


@cache
def _layouts() -> Mapping[str, Mapping[str, Tile]]:
    with _FILE.open("rb") as file:
        read = tomllib.load(file)
    return {
        province: {
            code: Tile((one["at"][0], one["at"][1]), one["zh"], one["en"])
            for code, one in tiles.items()
        }
        for province, tiles in read.items()
    }


def tiles_of(region: str | None) -> Mapping[str, Tile]:
    """Return region code -> tile of the regions below one; empty where they are not laid out."""
    return _layouts().get(region or "", {})


def region_chart(
    *,
    key: str,
    title: str,
    by: str,
    below: str | None,
    codes: Sequence[str | None],
    labels: Sequence[str],
    series: Sequence[Series],
    language: str,
    definition: str | None = None,
    note: str | None = None,
) -> Chart:
    """Return the map of the regions below ``below``, or bars where one is not laid out.

    Tiles without a value are nought, or unknown where it is a share.
    A code that is None (not stated), or lies elsewhere, has no tile and stands in the table alone.
    """
    tiles = tiles_of(below)
    known = any(code in tiles for code in codes if code is not None)
    if known:
        missing = [code for code in tiles if code not in codes]
        codes = [*codes, *missing]
        labels = [*labels, *(tiles[code].name(language) for code in missing)]
        series = [_longer(each, len(missing)) for each in series]
    found = [tiles.get(code or "") for code in codes]
    return Chart(
        key=key,
        kind="map" if known else "bar",
        title=title,
        by=by,
        labels=labels,
        series=series,
        places=[(-1, -1) if each is None else each.at for each in found] if known else (),
        short=["" if each is None else each.name(language) for each in found],
        definition=definition,
        note=note,
    )


def _longer(series: Series, more: int) -> Series:
    """Return a column with as many places more, of which nothing was counted."""
    nothing = None if series.unit in ("percent", "share") else 0
    return replace(series, values=[*series.values, *([nothing] * more)])
