"""How sure a mean over queries is: percentile intervals by the bootstrap.

Two systems that were asked the same queries are compared query by query (paired), which is
far sharper than comparing two means. Seeded, so that a table can be made again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

SAMPLES: Final = 2_000
SEED: Final = 20_261_122


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and the range that holds it with 95 % confidence."""

    mean: float
    low: float
    high: float


def mean_interval(values: Sequence[float]) -> Interval:
    """Return the mean of one figure over queries with its 95 % interval.

    Args:
        values: one for each query; at least one.
    """
    sample = np.asarray(values, dtype=np.float64)
    places = np.random.default_rng(SEED).integers(0, len(sample), (SAMPLES, len(sample)))
    low, high = np.percentile(sample[places].mean(axis=1), (2.5, 97.5))
    return Interval(float(sample.mean()), float(low), float(high))


def difference_interval(values: Sequence[float], baseline: Sequence[float]) -> Interval:
    """Return by how much ``values`` exceed ``baseline``, paired by query, with the interval.

    Raises:
        ValueError: the two are not of one length.
    """
    pairs = zip(values, baseline, strict=True)
    return mean_interval([value - other for value, other in pairs])
