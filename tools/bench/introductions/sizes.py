"""How much is made up: numbers of everything, and the shares in which introductions end.

Knows no table. The numbers are those that the pages are held to; ``Sizes.times`` makes a smaller
world of the same shape, for tests and for seeing how a page grows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Numbers of what a made-up world holds.

    Attributes:
        firms: enterprises, one administrator each; every tenth has an editor besides.
        institutions: universities and institutes.
        researchers: people of an institution, on the average.
        brokers: technology brokers.
        operators: people who run the site.
        nodes, stations: places of the service network below its centre.
        listings: results and needs, public and other.
        introductions: of all stages.
        messages: in their threads, roughly.
        readers: people with notices.
        notices: each reader's.
    """

    firms: int = 65_000
    institutions: int = 1_000
    researchers: int = 30
    brokers: int = 200
    operators: int = 5
    nodes: int = 17
    stations: int = 150
    listings: int = 200_000
    introductions: int = 500_000
    messages: int = 3_000_000
    readers: int = 20_000
    notices: int = 50

    def times(self, share: float) -> Self:
        """Return the same world at a share of its size; people per institution stay."""
        kept = {"researchers", "operators", "notices"}
        return type(self)(
            **{
                name: number if name in kept else max(2, round(number * share))
                for name, number in asdict(self).items()
            }
        )


DAYS: Final = 1_095
"""Of introductions, back from now; the younger, the more of them."""

FRESH_DAYS: Final = 30
"""Younger ones may still wait: no stage lasts longer."""

FRESH: Final[Mapping[str, float]] = {
    "proposed": 9.0,
    "checking": 11.0,
    "returned": 4.5,
    "asked": 15.0,
    "asked_back": 5.5,
    "nda": 5.0,
    "connected": 24.0,
    "declined": 14.0,
    "refused": 4.0,
    "withdrawn": 4.0,
    "lapsed": 2.0,
    "void": 1.0,
    "ended": 1.0,
}
"""Shares of the stages among the youngest: some 9 % of all are so young, and 45 % of them wait."""

SETTLED: Final[Mapping[str, float]] = {
    "connected": 32.0,
    "ended": 27.0,
    "declined": 20.0,
    "lapsed": 9.0,
    "withdrawn": 5.0,
    "refused": 4.0,
    "void": 3.0,
}
"""Shares of the stages among all others."""
