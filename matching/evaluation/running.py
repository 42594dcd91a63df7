"""One test set, indexed and asked by the code that the site runs.

What it is for: an index in a temporary folder, all queries in each mode, figures by query.
What it must not know: how results are printed, and any set by name.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from matching.documents import Where
from matching.encoder import Encoder
from matching.evaluation.bm25 import Bm25
from matching.evaluation.measures import DEPTH, Figures, figures_of
from matching.evaluation.sets import TestSet, read_set
from matching.ranking import RankingWeights, load_weights
from matching.retrieval import Mode, Retriever
from matching.snapshot import SnapshotKeeper
from matching.writer import IndexWriter

BASELINE = "bm25"

Ask = Callable[[Mapping[str, str]], dict[str, list[int]]]


@dataclass(frozen=True)
class Evaluation:
    """Figures of one test set in one mode.

    Attributes:
        name: of the set's folder.
        mode: hybrid, dense, lexical; or bm25, the textbook's.
        encoder: id; empty for bm25.
        documents: how many.
        by_query: query id -> figures.
        index_seconds: for building the index.
        query_seconds: for all queries, encoding included.
    """

    name: str
    mode: str
    encoder: str
    documents: int
    by_query: Mapping[str, Figures]
    index_seconds: float
    query_seconds: float

    @property
    def queries(self) -> int:
        """How many queries were judged and asked."""
        return len(self.by_query)

    @cached_property
    def means(self) -> Figures:
        """The figures' means over all queries."""
        rows = list(self.by_query.values())
        names = Figures.__slots__
        return Figures(*(sum(getattr(row, name) for row in rows) / len(rows) for name in names))

    @property
    def ndcg10(self) -> float:
        """Mean nDCG@10."""
        return self.means.ndcg10

    def values(self, figure: str) -> list[float]:
        """One figure (an attribute of ``Figures``) of every query, in the set's order."""
        return [float(getattr(row, figure)) for row in self.by_query.values()]


def evaluate(
    folder: Path,
    encoder: Encoder,
    modes: Sequence[Mode] = tuple(Mode),
    weights: RankingWeights | None = None,
    *,
    baseline: bool = False,
) -> list[Evaluation]:
    """Index the set's corpus in a temporary folder and ask all its queries in each mode.

    Args:
        folder: a test set in BEIR's form.
        encoder: of the index and the queries.
        modes: sides to ask.
        weights: of fusion; None for those that come with the library.
        baseline: add the textbook's BM25 at the end.

    Raises:
        matching.evaluation.TestSetUnusable: the folder is not a test set.
    """
    weights = weights or load_weights()
    asked = read_set(folder)
    results = []
    with tempfile.TemporaryDirectory(prefix="matching-evaluation-") as place:
        started = time.perf_counter()
        IndexWriter.rebuild(encoder, Path(place), asked.documents)
        seconds = time.perf_counter() - started
        for mode in modes:
            ask = _asking(Path(place), encoder, mode, weights)
            results.append(_measure(asked, mode.value, encoder.id, ask, seconds))
    if baseline:
        started = time.perf_counter()
        index = Bm25([document.full_text for document in asked.documents])
        seconds = time.perf_counter() - started

        def search(texts: Mapping[str, str]) -> dict[str, list[int]]:
            return {name: index.search(text, DEPTH) for name, text in texts.items()}

        results.append(_measure(asked, BASELINE, "", search, seconds))
    return results


def _asking(folder: Path, encoder: Encoder, mode: Mode, weights: RankingWeights) -> Ask:
    snapshot = SnapshotKeeper(folder, encoder.id).get()
    retriever = Retriever(encoder, weights.fusion, mode)

    def ask(texts: Mapping[str, str]) -> dict[str, list[int]]:
        found = {}
        for name, query in zip(texts, retriever.queries(list(texts.values())), strict=True):
            candidates = retriever.candidates(snapshot, query, DEPTH, Where())
            found[name] = [candidate.key for candidate in candidates[:DEPTH]]
        return found

    return ask


def _measure(asked: TestSet, mode: str, encoder: str, ask: Ask, seconds: float) -> Evaluation:
    started = time.perf_counter()
    ranked = ask(asked.queries)
    return Evaluation(
        name=asked.name,
        mode=mode,
        encoder=encoder,
        documents=len(asked.documents),
        by_query={
            name: figures_of([asked.ids[key] for key in keys], asked.judgements[name])
            for name, keys in ranked.items()
        },
        index_seconds=seconds,
        query_seconds=time.perf_counter() - started,
    )
