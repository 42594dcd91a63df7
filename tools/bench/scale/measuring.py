"""Measuring one built index: answers one at a time, many together, recall, memory.

Times are wall times of this machine as it is, with the processor time beside them, which other
work disturbs less.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import faiss
import numpy as np
import numpy.typing as npt

from matching.columns import BoolArray, Columns
from matching.dense import DenseIndex, FloatArray
from matching.documents import Document, Where
from matching.engine import MatchEngine
from matching.generation import Generation
from matching.store import CLUSTERS, VECTORS
from tools.bench.load import Latency

SHARES: Final = (1.0, 0.5, 0.1, 0.01, 0.001)
"""Of the documents, what the filters leave."""

_BLOCK: Final = 50_000
_FOUND: Final = 10

Filters = Mapping[float, Where]


@dataclass(frozen=True, slots=True)
class Timed:
    """Wall times of a kind of call, and its processor time in the middle, in milliseconds."""

    wall: Latency
    cpu: float


@dataclass(frozen=True, slots=True)
class Together:
    """Many queries in one call.

    Attributes:
        queries: how many.
        dense_seconds: the vectors' part, by the matcher.
        by_hand_seconds: FAISS called by hand: same file, clusters looked into, threads.
        hybrid_queries, hybrid_seconds: the whole match of some of them.
    """

    queries: int
    dense_seconds: float
    by_hand_seconds: float
    hybrid_queries: int
    hybrid_seconds: float


def filters(columns: Columns) -> Filters:
    """Return filters that leave about SHARES of the rows: a date, and regions of their size."""
    median = int(np.median(columns.values["published"]))
    found = {1.0: Where(), 0.5: Where(published_since=median)}
    tokens = [token for token in columns.postings.tokens() if token.startswith("region:")]
    sizes = np.array([len(columns.postings.rows(token)) for token in tokens]) / columns.count
    for share in SHARES[2:]:
        nearest = tokens[int(np.abs(np.log((sizes + 1e-9) / share)).argmin())]
        found[share] = Where(regions=(nearest.removeprefix("region:"),))
    return found


def one_by_one(
    engine: MatchEngine, needs: Sequence[Document], where: Where, *, reasons: bool
) -> Timed:
    """Match needs one after the other; the first three do not count."""
    for need in needs[:3]:
        engine.match(need, _FOUND, where, reasons=reasons)
    wall, cpu = [], []
    for need in needs[3:]:
        start, used = time.perf_counter(), time.process_time()
        engine.match(need, _FOUND, where, reasons=reasons)
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - used)
    return Timed(Latency.of(wall, 0), 1000 * float(np.median(cpu)))


def scan_by_faiss(folder: Path, queries: FloatArray) -> Timed:
    """Time FAISS by hand, without an index: a scan of all vectors, a query at a time."""
    index = faiss.read_index(str(folder / VECTORS), faiss.IO_FLAG_MMAP_IFC)
    index.search(queries[:1], _FOUND)
    wall, cpu = [], []
    for query in queries:
        start, used = time.perf_counter(), time.process_time()
        index.search(query[None, :], _FOUND)
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - used)
    return Timed(Latency.of(wall, 0), 1000 * float(np.median(cpu)))


def recalls(generation: Generation, queries: FloatArray, chosen: Filters) -> dict[float, float]:
    """Return by share what part of the exact ten nearest the index finds."""
    masks = {share: generation.columns.mask(where) for share, where in chosen.items()}
    exact = _exact(generation.dense, queries, masks)
    found = {}
    for share, mask in masks.items():
        answers = generation.dense.search(queries, _FOUND, mask)
        right = [row[row >= 0] for row in exact[share]]
        hits = sum(
            len(np.intersect1d(rows, own)) for (rows, _), own in zip(answers, right, strict=True)
        )
        found[share] = hits / max(sum(map(len, right)), 1)
    return found


def _exact(
    index: DenseIndex, queries: FloatArray, masks: Mapping[float, BoolArray]
) -> dict[float, npt.NDArray[np.int64]]:
    """Return the rows of the exact nearest by share, in any order; -1 where there are fewer."""
    best = {
        share: (
            np.full((len(queries), _FOUND), -np.inf, dtype=np.float32),
            np.full((len(queries), _FOUND), -1, dtype=np.int64),
        )
        for share in masks
    }
    for start in range(0, index.count, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, index.count), dtype=np.int64)
        scores = queries @ index.vectors(rows).T
        for share, mask in masks.items():
            own = np.flatnonzero(mask[rows])
            all_scores = np.hstack([best[share][0], scores[:, own]])
            all_rows = np.hstack([best[share][1], np.tile(rows[own], (len(queries), 1))])
            order = np.argpartition(-all_scores, _FOUND - 1, axis=1)[:, :_FOUND]
            best[share] = (
                np.take_along_axis(all_scores, order, axis=1),
                np.take_along_axis(all_rows, order, axis=1),
            )
    return {share: rows for share, (_, rows) in best.items()}


def together(
    engine: MatchEngine,
    generation: Generation,
    needs: Sequence[Document],
    queries: FloatArray,
    *,
    hybrid: int,
) -> Together:
    """Look all needs up in one call, by the matcher and by FAISS alone; match some wholly."""
    dense = generation.dense
    start = time.perf_counter()
    dense.search(queries, _FOUND)
    own = time.perf_counter() - start
    start = time.perf_counter()
    _by_hand(generation.path, dense, queries)
    by_hand = time.perf_counter() - start
    start = time.perf_counter()
    engine.match_many(needs[:hybrid], _FOUND)
    whole = time.perf_counter() - start
    return Together(len(queries), own, by_hand, min(hybrid, len(needs)), whole)


def _by_hand(folder: Path, dense: DenseIndex, queries: FloatArray) -> None:
    """Do what somebody would who knows FAISS: search the same file with the same parameters."""
    clusters = folder / CLUSTERS
    if not clusters.exists():
        faiss.read_index(str(folder / VECTORS), faiss.IO_FLAG_MMAP_IFC).search(queries, _FOUND)
        return
    index = faiss.read_index(str(clusters), faiss.IO_FLAG_MMAP_IFC)
    kind: Any = faiss.SearchParametersIVF
    parameters = kind(nprobe=dense.probes())
    index.search(queries, dense.proposed(_FOUND), params=parameters)
