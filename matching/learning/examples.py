"""What learning is fed with: pages of candidates, where each stood, and what was made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.ranking import LEARNT, RankingWeights, log_odds

Floats = NDArray[np.float64]

NAMES: Final = ("relevance", *LEARNT)
"""Order of the columns of ``signals``."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One candidate on one page.

    Attributes:
        relevance: before the features, 0 to 1.
        features: what the ranking saw, by name, each 0 to 1.
        position: where it stood on the page, from 1.
        gain: what was made of it: 0 nothing, above 0 the better the more, below 0 declined.
    """

    relevance: float
    features: Mapping[str, float]
    position: int
    gain: float = 0.0


@dataclass(frozen=True, slots=True)
class Page:
    """What was shown to one organisation for one of its listings on one day.

    Attributes:
        asker: the listing; pages of one asker are not independent of each other.
        day: epoch day.
        shown: the candidates, at least one of them with a gain.
    """

    asker: int
    day: int
    shown: tuple[Shown, ...]

    @property
    def words(self) -> int:
        """Of how many candidates something was made."""
        return sum(one.gain != 0 for one in self.shown)


def signals(one: Shown) -> list[float]:
    """Return what weights are multiplied with, in the order of NAMES; not stated is 0."""
    return [
        log_odds(one.relevance),
        *(2 * one.features[name] - 1 if name in one.features else 0.0 for name in LEARNT),
    ]


def weights_as_row(weights: RankingWeights) -> Floats:
    """Return the learnt weights in the order of NAMES."""
    return np.array([weights.slope, *(weights.features[name] for name in LEARNT)])


def split_by_time(pages: Sequence[Page], share: float) -> tuple[list[Page], list[Page]]:
    """Part pages into earlier and later ones, so that the later hold ``share`` of the words.

    Pages of one day stay together; the later part may therefore hold somewhat more.
    """
    ordered = sorted(pages, key=lambda page: (page.day, page.asker))
    left = share * sum(page.words for page in ordered)
    day = ordered[-1].day + 1 if ordered else 0
    for page in reversed(ordered):
        if left <= 0 and page.day != day:
            break
        day = page.day
        left -= page.words
    return (
        [page for page in ordered if page.day < day],
        [page for page in ordered if page.day >= day],
    )
