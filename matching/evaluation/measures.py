"""What one query's answer is worth: nDCG@10, recall, reciprocal rank. Pure arithmetic.

Definitions as in trec_eval, which BEIR uses: a document's gain is its grade, discounted by the
binary logarithm of its rank plus one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

DEPTH: Final = 100
"""Results looked at for each query."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one query, each 0 to 1.

    Attributes:
        ndcg10: gain of the first ten against the best possible ten.
        recall1, recall10, recall100: share of the relevant documents at that depth or above.
        mrr10: one over the rank of the first relevant document, 0 beyond ten.
    """

    ndcg10: float
    recall1: float
    recall10: float
    recall100: float
    mrr10: float


def figures_of(found: Sequence[str], judged: Mapping[str, float]) -> Figures:
    """Measure one answer.

    Args:
        found: document ids, best first, each once.
        judged: document id -> grade above 0; at least one.
    """
    ideal = sorted(judged.values(), reverse=True)
    first = next((rank for rank, name in enumerate(found[:10], 1) if name in judged), None)
    return Figures(
        ndcg10=_discounted([judged.get(name, 0.0) for name in found[:10]])
        / _discounted(ideal[:10]),
        recall1=_recall(found[:1], judged),
        recall10=_recall(found[:10], judged),
        recall100=_recall(found[:DEPTH], judged),
        mrr10=1 / first if first else 0.0,
    )


def _recall(found: Sequence[str], judged: Mapping[str, float]) -> float:
    return sum(name in judged for name in found) / len(judged)


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))
