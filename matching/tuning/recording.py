"""What both sides say of every question of a development set, kept so that weighing can be tried.

What it is for: asking the indexes once, by the code that serves, and trying thousands of
constants on the answers.
What it must not know: which constants are good.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from matching.columns import IntArray
from matching.dense import FloatArray
from matching.documents import Where
from matching.encoder import Encoder
from matching.fusion import FusionWeights, relevance
from matching.retrieval import Pool, Retriever
from matching.snapshot import SnapshotKeeper
from matching.tuning.sets import DevelopmentSet, Question
from matching.writer import IndexWriter

DEPTH: Final = 10
_DISCOUNT: Final = 1 / np.log2(np.arange(2, DEPTH + 2))


@dataclass(frozen=True)
class Recorded:
    """One question with what was proposed for it.

    Attributes:
        question: with its answers.
        pools: one for each language that has candidates.
    """

    question: Question
    pools: tuple[Pool, ...]

    def without_answers(self) -> Recorded:
        """Return the same question as if no document answered it."""
        return Recorded(replace(self.question, answers={}), self._kept(self.question.answers))

    def _kept(self, gone: Mapping[int, float]) -> tuple[Pool, ...]:
        found = []
        for pool in self.pools:
            kept = ~np.isin(pool.keys, list(gone))
            if kept.any():
                found.append(
                    replace(
                        pool,
                        rows=pool.rows[kept],
                        keys=pool.keys[kept],
                        cosines=pool.cosines[kept],
                        scores=pool.scores[kept],
                    )
                )
        return tuple(found)

    def valued(self, weights: FusionWeights) -> tuple[IntArray, FloatArray]:
        """Return keys and log-odds of relevance of all that was proposed, (n,) each."""
        if not self.pools:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        keys = np.concatenate([pool.keys for pool in self.pools])
        values = np.concatenate(
            [relevance(pool.evidence(weights), weights) for pool in self.pools]
        ).astype(np.float64)
        values = np.clip(values, 1e-12, 1 - 1e-12)
        return keys, np.log(values / (1 - values)).astype(np.float32)


def record(one: DevelopmentSet, encoder: Encoder, weights: FusionWeights) -> list[Recorded]:
    """Index a set in a temporary folder and ask all its questions."""
    with tempfile.TemporaryDirectory(prefix="matching-tuning-") as place:
        IndexWriter.rebuild(encoder, Path(place), one.documents)
        snapshot = SnapshotKeeper(Path(place), encoder.id).get()
        retriever = Retriever(encoder, weights)
        asked = retriever.queries([question.text for question in one.questions])
        return [
            Recorded(question, tuple(retriever.pools(snapshot, query, 100, Where())))
            for question, query in zip(one.questions, asked, strict=True)
        ]


def ndcg(recorded: Sequence[Recorded], weights: FusionWeights) -> float:
    """Return the mean nDCG@10 over the questions that have an answer; nan without any."""
    found = [_ndcg(one, weights) for one in recorded if one.question.answers]
    return sum(found) / len(found) if found else math.nan


def _ndcg(one: Recorded, weights: FusionWeights) -> float:
    keys, values = one.valued(weights)
    answers = one.question.answers
    best = np.lexsort((keys, -values))[:DEPTH]
    gains = np.array([2 ** answers.get(int(keys[place]), 0.0) - 1 for place in best])
    ideal = np.sort([2**grade - 1 for grade in answers.values()])[::-1][:DEPTH]
    return float(gains @ _DISCOUNT[: len(gains)] / (ideal @ _DISCOUNT[: len(ideal)]))
