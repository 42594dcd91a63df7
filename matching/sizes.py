"""Which kind of vector index serves which number of rows: data, with what was measured.

Chosen by measuring at 100,000 to 1,000,000 rows of 256 dimensions; the table and what was
dropped (HNSW, PQ with fast scan, RaBitQ) stand in docs/decisions/0015. Knows numbers only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Sizes:
    """Where one kind of index gives way to the next, and how widely each looks.

    Attributes:
        exact: up to so many rows every vector is kept in float32 and every search is a scan.
            Beyond, vectors are kept in float16 (cosines differ by some 1e-4) and a clustered
            index of 8-bit codes proposes what they re-score.
        lists_per_root: clusters, as a multiple of the root of the number of rows.
        probe_share: share of the clusters that a search without a filter looks into.
        probe_power: by this power of the share that a filter leaves, more are looked into: the
            ten nearest of fewer rows lie farther apart.
        gathered: where a filter leaves so many rows or fewer, exactly those are scored.
        spare: so many candidates more than asked for are re-scored.
    """

    exact: int
    lists_per_root: float
    probe_share: float
    probe_power: float
    gathered: int
    spare: int

    def lists(self, rows: int) -> int:
        """Return the number of clusters for so many rows."""
        return max(1, int(self.lists_per_root * math.sqrt(rows)))

    def probes(self, lists: int, admitted: float) -> int:
        """Return how many clusters to look into where a share of the rows is admitted."""
        wider = math.pow(max(admitted, 1e-6), -self.probe_power)
        wanted = math.ceil(lists * self.probe_share * wider)
        return min(lists, max(16, wanted))


SIZES: Final = Sizes(
    exact=200_000,
    lists_per_root=2.0,
    probe_share=1 / 10,
    probe_power=0.35,
    gathered=2_000,
    spare=60,
)
