"""Choosing constants of the fusion on recorded questions, one at a time, until none helps.

What it is for: a search that anybody can repeat and that gives the same each time.
What it must not know: files, indexes, texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from matching.fusion import FusionWeights
from matching.tuning.recording import Recorded, ndcg

ORDERING: Final = (
    "lexical",
    "floor",
    "trust",
    "rendered",
    "rendered_trust",
    "standing",
    "trust_slope",
    "trust_shift",
)
"""The constants that decide the order; slope and intercept only name the relevance."""

FACTORS: Final = (0.5, 0.7, 0.85, 1.2, 1.5, 2.0)
LEAST_GAIN: Final = 1e-5
ROUNDS: Final = 3

IMPORTANCE: Final[Mapping[str, float]] = {
    "needs": 1.5,
    "same": 0.7,
    "long": 1.0,
    "across": 0.5,
    "bands": 0.0,
}
"""What a set of each kind counts: needs are what the site is for."""


@dataclass(frozen=True)
class Part:
    """A recorded set.

    Attributes:
        name: of the set.
        kind: of the set.
        recorded: its questions.
    """

    name: str
    kind: str
    recorded: Sequence[Recorded]


def quality(parts: Sequence[Part], weights: FusionWeights) -> float:
    """Return the mean of the sets' nDCG@10, by importance."""
    counted = [part for part in parts if IMPORTANCE[part.kind] > 0]
    total = sum(IMPORTANCE[part.kind] for part in counted)
    return (
        sum(IMPORTANCE[part.kind] * ndcg(part.recorded, weights) for part in counted) / total
        if counted
        else 0.0
    )


def choose(
    parts: Sequence[Part], start: FusionWeights, rounds: int = ROUNDS
) -> Iterator[tuple[float, FusionWeights]]:
    """Yield quality and constants after each round, better each time.

    Args:
        parts: what to choose on.
        start: where to begin.
        rounds: times that every constant is tried.
    """
    best, weights = quality(parts, start), start
    yield best, weights
    for _ in range(rounds):
        for name in ORDERING:
            for factor in FACTORS:
                tried = replace(weights, **{name: getattr(weights, name) * factor})
                reached = quality(parts, tried)
                if reached > best + LEAST_GAIN:
                    best, weights = reached, tried
        yield best, weights


@dataclass(frozen=True)
class Standing:
    """Where answers stand beside strangers, as log-odds of relevance.

    Attributes:
        answers: of each question's best answer of the highest grade, where one was proposed.
        strangers: of each question's best document when its answers are taken out.
    """

    answers: tuple[float, ...]
    strangers: tuple[float, ...]

    def shares(self, floor: float) -> tuple[float, float]:
        """Return the shares of answers and of strangers at or above a log-odds."""
        answers, strangers = np.array(self.answers), np.array(self.strangers)
        return (
            float((answers >= floor).mean()) if len(answers) else 0.0,
            float((strangers >= floor).mean()) if len(strangers) else 0.0,
        )


def standing(recorded: Sequence[Recorded], weights: FusionWeights) -> Standing:
    """Return where answers and strangers stand; an answer not proposed stands at -inf."""
    answers, strangers = [], []
    for one in recorded:
        keys, values = one.valued(weights)
        grades = one.question.answers
        if grades:
            best = max(grades.values())
            own = [v for key, v in zip(keys, values, strict=True) if grades.get(int(key)) == best]
            answers.append(float(max(own, default=-np.inf)))
        _, left = one.without_answers().valued(weights)
        strangers.append(float(left.max(initial=-np.inf)))
    return Standing(tuple(answers), tuple(strangers))
