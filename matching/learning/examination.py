"""How far down a page people look: the share of readers that reach a position.

Whoever stands first is spoken of more because it stands first. Examination falls with the
position p as p ** -eta. Eta is estimated where chance moved the same kind of candidate to
different positions: a new listing is put at a position drawn by lot, and what stood below it
moves down by one. Within such a stratum what is spoken of is proportional to examination alone.
Where chance has moved little, the estimate stays near the prior.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

PRIOR_ETA: Final = 1.0
"""1 / position: the usual assumption where nothing was measured."""

PRIOR_DEVIATION: Final = 0.4
"""How sure of that we are."""

LARGEST_ETA: Final = 3.0

LEAST: Final = 0.1
"""No position counts as seen by fewer, so that no single word weighs more than tenfold."""


@dataclass(frozen=True, slots=True)
class Examination:
    """The share of readers that look at each position.

    Attributes:
        eta: how steeply it falls.
        deviation: of the estimate of eta; PRIOR_DEVIATION where nothing was learned.
        words: how many words the estimate rests on.
    """

    eta: float = PRIOR_ETA
    deviation: float = PRIOR_DEVIATION
    words: int = 0

    def at(self, position: int) -> float:
        """Return the share at a position, from 1; clipped below at LEAST."""
        return max(math.pow(position, -self.eta), LEAST)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something was shown at a position, and spoken of.

    Attributes:
        stratum: candidates alike but for the position that chance gave them, such as what the
            ranking put at one rank.
        position: from 1.
        shown: how often.
        spoken: of those, how often somebody said a word.
    """

    stratum: tuple[int, ...]
    position: int
    shown: int
    spoken: int


def estimate(tallies: Iterable[Tally]) -> Examination:
    """Return the most likely examination, given the prior.

    Given how often a stratum was spoken of at all, its words fall on positions in proportion
    to shown * position ** -eta, whatever the stratum itself is worth; so strata need not be
    alike. The logarithm of that is concave in eta: Newton's method finds the one maximum.
    """
    strata = _strata(tallies)
    eta = PRIOR_ETA
    curvature = PRIOR_DEVIATION**-2
    for _ in range(50):
        slope = (PRIOR_ETA - eta) / PRIOR_DEVIATION**2
        curvature = PRIOR_DEVIATION**-2
        for logs, shown, spoken in strata:
            share = shown * np.exp(-eta * (logs - logs.min()))
            share /= share.sum()
            mean = float(share @ logs)
            slope += float(spoken.sum() * mean - spoken @ logs)
            curvature += float(spoken.sum() * (share @ (logs - mean) ** 2))
        step = float(np.clip(slope / curvature, -0.5, 0.5))
        eta += step
        if abs(step) < 1e-9:
            break
    words = int(sum(spoken.sum() for _, _, spoken in strata))
    return Examination(min(max(eta, 0.0), LARGEST_ETA), 1 / math.sqrt(curvature), words)


def _strata(
    tallies: Iterable[Tally],
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return (log position, shown, spoken) of each stratum that stood at two positions or more."""
    found: dict[tuple[int, ...], dict[int, list[int]]] = defaultdict(dict)
    for one in tallies:
        if one.shown > 0:
            both = found[one.stratum].setdefault(one.position, [0, 0])
            both[0] += one.shown
            both[1] += one.spoken
    return [
        (
            np.log(np.array(list(places), dtype=np.float64)),
            np.array([shown for shown, _ in places.values()], dtype=np.float64),
            np.array([spoken for _, spoken in places.values()], dtype=np.float64),
        )
        for places in found.values()
        if len(places) > 1
    ]
