"""Fit weights to what people made of candidates: pairwise logistic regression, held to a prior.

Every word is a statement about all others on its page: what was wanted belongs above them, what
was declined below. It counts by its gain, divided by the share of readers who look at its
position at all (inverse propensity, clipped). Pages are compared within themselves only, so that
pages with harder questions or busier readers weigh no more than others.

The weights are held to the shipped ones and between bounds: no feature may come to speak against
a listing by being met.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.learning.examination import Examination
from matching.learning.examples import NAMES, Floats, Page, signals, weights_as_row
from matching.ranking import LARGEST, LEARNT, Learned, RankingWeights

PRIOR_DEVIATION: Final = 0.5
"""How far a weight is expected to lie from the shipped one, in log-odds."""

_LOWEST: Final = np.array([0.2] + [0.0] * len(LEARNT))
_HIGHEST: Final = np.array([5.0] + [4.0] * len(LEARNT))


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Ordered pairs: ``differences``, shape (m, d), better less worse; ``counts``, (m,)."""

    differences: Floats
    counts: Floats


def fit(
    pages: Sequence[Page], examination: Examination, shipped: RankingWeights, number: int
) -> Learned:
    """Return the most likely weights, given the prior; with no pages, the shipped ones.

    Args:
        pages: to learn from.
        examination: how far people look.
        shipped: what the weights are held to and calibrated by.
        number: of the version.
    """
    prior = weights_as_row(shipped)
    pairs = _pairs(pages, examination)
    row = prior.copy() if pairs is None else _climb(pairs, prior)
    scale, shift = _calibrate(pages, row, prior, shipped.intercept)
    fitted = dict(zip(NAMES, (scale * row).tolist(), strict=True))
    return Learned(
        number=number,
        base=shipped.base,
        slope=fitted["relevance"],
        intercept=shift,
        features={name: fitted[name] for name in LEARNT},
    )


def _pairs(pages: Iterable[Page], examination: Examination) -> _Pairs | None:
    """Return every word against every other candidate of its page; None if there is none.

    A word counts as much in all as one observation would, however many it is compared with;
    and all words together count as the number of equally weighed words that would say as much.
    """
    differences: list[Floats] = []
    counts: list[Floats] = []
    words: list[float] = []
    for page in pages:
        rows = np.array([signals(one) for one in page.shown], dtype=np.float64)
        for place, one in enumerate(page.shown):
            others = np.delete(rows, place, axis=0)
            if one.gain == 0 or not len(others):
                continue
            worth = abs(one.gain) / examination.at(one.position)
            differences.append(np.sign(one.gain) * (rows[place] - others))
            counts.append(np.full(len(others), worth / len(others)))
            words.append(worth)
    if not words:
        return None
    worths = np.array(words)
    effective = float(worths.sum() / (worths**2).sum())
    return _Pairs(np.concatenate(differences), np.concatenate(counts) * effective)


def _climb(pairs: _Pairs, prior: Floats) -> Floats:
    """Return the weights of least loss within the bounds: Newton's method over the free ones."""
    row = np.clip(prior, _LOWEST, _HIGHEST)
    precision = PRIOR_DEVIATION**-2
    loss = _loss(pairs, row, prior)
    for _ in range(100):
        chance = 1 / (1 + np.exp(np.clip(pairs.differences @ row, -500, 500)))
        gradient = precision * (row - prior) - pairs.differences.T @ (pairs.counts * chance)
        spread = pairs.counts * chance * (1 - chance)
        curvature = (pairs.differences * spread[:, None]).T @ pairs.differences
        curvature += precision * np.eye(len(row))
        stuck = ((row <= _LOWEST) & (gradient > 0)) | ((row >= _HIGHEST) & (gradient < 0))
        free = np.flatnonzero(~stuck)
        if not len(free) or float(np.abs(gradient[free]).max()) < 1e-8:
            break
        step = np.zeros_like(row)
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], -gradient[free])
        moved, reached = _along(pairs, row, step, prior, loss)
        if reached >= loss:
            break
        row, loss = moved, reached
    return row


def _along(
    pairs: _Pairs, row: Floats, step: Floats, prior: Floats, loss: float
) -> tuple[Floats, float]:
    """Go along a step as far as the loss falls; returns the place reached and its loss."""
    length = 1.0
    while length > 1e-6:
        moved = np.clip(row + length * step, _LOWEST, _HIGHEST)
        reached = _loss(pairs, moved, prior)
        if reached < loss:
            return moved, reached
        length /= 2
    return row, loss


def _loss(pairs: _Pairs, row: Floats, prior: Floats) -> float:
    held = 0.5 * PRIOR_DEVIATION**-2 * float(((row - prior) ** 2).sum())
    return held + float(pairs.counts @ np.logaddexp(0.0, -(pairs.differences @ row)))


def _calibrate(
    pages: Sequence[Page], row: Floats, prior: Floats, intercept: float
) -> tuple[float, float]:
    """Return scale and shift by which scores keep their mean and spread, so bands their meaning.

    Order is what people's words tell; how strong a strong match is, they do not. Where what was
    shown hardly differs by the new weights, keeping its spread would blow them up: then they stay
    within what a version may hold, and the spread is less.
    """
    rows = [signals(one) for page in pages for one in page.shown]
    if len(rows) < 2:
        return 1.0, intercept
    before = np.array(rows) @ prior
    after = np.array(rows) @ row
    if before.std() < 1e-9 or after.std() < 1e-9 or np.array_equal(row, prior):
        return 1.0, intercept
    mean = float(intercept + before.mean())
    reach = max(float(np.abs(row).max()), 1e-9)
    scale = min(float(before.std() / after.std()), 0.99 * LARGEST / reach)
    shift = mean - scale * float(after.mean())
    return scale, float(np.clip(shift, -LARGEST, LARGEST))
