"""Whether one set of weights serves better than another on words that neither was fitted to.

Both order the same candidates of the same pages; what was wanted should stand high, what was
declined low. Each word counts by gain over examination, as in fitting, so that what the old
order showed first gets no bonus for it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.learning.examination import Examination
from matching.learning.examples import Page, Shown
from matching.ranking import RankingWeights, rank

RESAMPLES: Final = 2_000
_SEED: Final = 20_261_122


@dataclass(frozen=True, slots=True)
class Standing:
    """How weights fare on some pages.

    Attributes:
        gain: discounted gain per word, -1 to 1: 1 where every word of praise stands first.
        in_order: share of (word, other candidate) pairs in the right order, 0 to 1.
    """

    gain: float
    in_order: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sets of weights on the same pages.

    Attributes:
        pages, words, askers: how many there are.
        before, after: the weights that run, and the new ones.
        difference: of the shares in order, after less before. These tell two orders apart with
            fewer words than the gains, which hang on what happens at the very top.
        low, high: between which it lies with 95 % confidence, by resampling askers.
    """

    pages: int
    words: int
    askers: int
    before: Standing
    after: Standing
    difference: float
    low: float
    high: float

    @property
    def better(self) -> bool:
        """Whether the new ones order better by more than chance explains, and gain no less."""
        return self.low > 0 and self.after.gain >= self.before.gain


def standing(pages: Sequence[Page], weights: RankingWeights, examination: Examination) -> Standing:
    """Return how weights fare on pages; 0 and 0 where nothing was said."""
    sums = np.sum([_sums(page, weights, examination) for page in pages], axis=0)
    if not pages or not sums[1]:
        return Standing(0.0, 0.0)
    return Standing(float(sums[0] / sums[1]), float(sums[2] / sums[3]) if sums[3] else 0.0)


def compare(
    pages: Sequence[Page],
    before: RankingWeights,
    after: RankingWeights,
    examination: Examination,
) -> Comparison:
    """Compare two sets of weights, with an interval from a paired bootstrap over askers."""
    found: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for page in pages:
        old, new = _sums(page, before, examination), _sums(page, after, examination)
        found[page.asker][0] += new[2] - old[2]
        found[page.asker][1] += new[3]
    low, high = _interval(np.array(list(found.values())))
    one, other = standing(pages, before, examination), standing(pages, after, examination)
    return Comparison(
        pages=len(pages),
        words=sum(page.words for page in pages),
        askers=len(found),
        before=one,
        after=other,
        difference=other.in_order - one.in_order,
        low=low,
        high=high,
    )


def _interval(sums: np.ndarray) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of sums[:, 0] / sums[:, 1] over resampled rows."""
    if not len(sums):
        return 0.0, 0.0
    chance = np.random.default_rng(_SEED)
    counts = chance.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=RESAMPLES)
    drawn = counts @ sums
    low, high = np.percentile(drawn[:, 0] / np.maximum(drawn[:, 1], 1e-12), [2.5, 97.5])
    return float(low), float(high)


def _sums(page: Page, weights: RankingWeights, examination: Examination) -> list[float]:
    """Return the sums of discounted gain, of weight, of weight in order, and of weight in pairs."""
    scores = [rank(one.relevance, one.features, weights) for one in page.shown]
    gained = weight = right = pairs = 0.0
    for place, one in enumerate(page.shown):
        if one.gain == 0:
            continue
        worth = abs(one.gain) / examination.at(one.position)
        weight += worth
        gained += math.copysign(worth, one.gain) / math.log2(1 + _rank(place, scores))
        if len(scores) > 1:
            right += worth * _in_order(place, one, scores)
            pairs += worth
    return [gained, weight, right, pairs]


def _rank(place: int, scores: Sequence[float]) -> float:
    """Return the rank, from 1, of a score; the middle one of those that share it."""
    above = sum(score > scores[place] for score in scores)
    level = sum(score == scores[place] for score in scores) - 1
    return 1 + above + level / 2


def _in_order(place: int, one: Shown, scores: Sequence[float]) -> float:
    """Return the share of the other candidates on the right side of this one."""
    below = (len(scores) - _rank(place, scores)) / (len(scores) - 1)
    return below if one.gain > 0 else 1 - below
