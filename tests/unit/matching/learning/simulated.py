"""A made-up site whose users' true wishes are known: what they see, look at, and say.

Users look at a position with probability position ** -eta; of what they look at they say that
they are interested, or decline, by wishes of their own, which need not be the ranking's.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from matching.learning.examination import Tally
from matching.learning.examples import Page, Shown
from matching.ranking import LEARNT, RankingWeights, load_weights, log_odds, rank

SHOWN = 10
POOL = 24
SHIPPED = load_weights()
AS_SHIPPED = {"relevance": 1.0} | {name: SHIPPED.features[name] for name in LEARNT}
OTHER_WISHES = AS_SHIPPED | {"price": 2.0, "readiness": 1.8, "requirements": 0.1, "fields": 0.0}


Visit = tuple[int, int, list[tuple[int, bool, Shown]]]


@dataclass
class World:
    """Users and what they were shown so far.

    Attributes:
        seed: of chance.
        wishes: what counts for users, in log-odds; None: they say whatever comes to mind.
        eta: how steeply attention falls.
        busy: log-odds that somebody who looks at something middling says they are interested.
        pages: those on which something was said.
        visits: all of them: asker, day, and (place by the ranking, new, shown) of each candidate.
    """

    seed: int
    wishes: Mapping[str, float] | None
    eta: float = 1.0
    busy: float = -1.0
    pages: list[Page] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    counts: Counter[tuple[tuple[int, int], int, bool]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = np.random.default_rng(self.seed)

    def pool(self) -> list[Shown]:
        """Candidates of one question."""
        found = []
        for _ in range(POOL):
            relevance = 1 / (1 + math.exp(-self.chance.normal(-1.5, 0.7)))
            features = {
                name: float(self.chance.choice([0.0, 0.25, 0.5, 0.75, 1.0]))
                for name in LEARNT
                if self.chance.random() < 0.6
            }
            found.append(Shown(relevance, features, 0))
        return found

    def wanted(self, one: Shown) -> float:
        """True log-odds that somebody who looks at a candidate is interested in it."""
        if self.wishes is None:
            return self.busy
        worth = self.wishes["relevance"] * (log_odds(one.relevance) + 1.5)
        return (
            self.busy
            + worth
            + sum(self.wishes[name] * (2 * value - 1) for name, value in one.features.items())
        )

    def visit(self, asker: int, day: int, weights: RankingWeights = SHIPPED) -> None:
        """Show one page, ordered by ``weights``, one in ten with a place given by lot."""
        pool = self.pool()
        pool.sort(key=lambda one: -rank(one.relevance, one.features, weights))
        order = [(rank_, one) for rank_, one in enumerate(pool[: SHOWN + 1], start=1)]
        explored = self.chance.random() < 0.1
        if explored:
            order.insert(int(self.chance.integers(1, SHOWN)), order.pop())
        seen = []
        for position, (natural, one) in enumerate(order[:SHOWN], start=1):
            gain = self._said(one, position)
            new = explored and natural == SHOWN + 1
            self.counts[((int(new), natural), position, gain != 0)] += 1
            seen.append((natural, new, Shown(one.relevance, one.features, position, gain)))
        self.visits.append((asker, day, seen))
        shown = [one for _, _, one in seen]
        if any(one.gain for one in shown):
            self.pages.append(Page(asker, day, tuple(shown)))

    def _said(self, one: Shown, position: int) -> float:
        if self.chance.random() > position**-self.eta:
            return 0.0
        chance = 1 / (1 + math.exp(-self.wanted(one)))
        drawn = self.chance.random()
        if drawn < 0.5 * chance:
            return 1.0
        return -0.5 if drawn > 1 - 0.3 * (1 - chance) else 0.0

    def run(self, pages: int, askers: int = 80, days: int = 100) -> World:
        """Let so many pages be opened."""
        for number in range(pages):
            self.visit(int(self.chance.integers(askers)), number * days // pages)
        return self

    def tallies(self) -> list[Tally]:
        """What was shown and spoken of, by stratum and position."""
        places = sorted({(stratum, position) for stratum, position, _ in self.counts})
        return [
            Tally(
                stratum,
                position,
                self.counts[stratum, position, True] + self.counts[stratum, position, False],
                self.counts[stratum, position, True],
            )
            for stratum, position in places
        ]

    def true_utility(self, weights: RankingWeights, pages: int = 400) -> float:
        """Mean true log-odds of the five that stand first, over fresh questions."""
        chance, self.chance = self.chance, np.random.default_rng(99)
        total = 0.0
        for _ in range(pages):
            pool = self.pool()
            pool.sort(key=lambda one: -rank(one.relevance, one.features, weights))
            total += sum(self.wanted(one) for one in pool[:5]) / 5
        self.chance = chance
        return total / pages


def no_judged() -> Any:
    """A judged set for attempts that must not come as far as asking it."""
    raise AssertionError("the judged set was asked")
