"""Vectors: exact search by FAISS in mapped files, clustered (IVF, SQ8) for large ones.

``vectors.faiss`` holds every vector and is only ever mapped, never added to (that would
abort the process): in float32, and beyond ``SIZES.exact`` rows in float16. There
``clusters.faiss`` narrows the search and the vectors re-score what it finds. Where a filter
leaves few rows, exactly those are scored: approximate search under a narrow filter loses
half of what it should find. Knows rows and vectors only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import faiss
import numpy as np
import numpy.typing as npt

from matching.columns import BoolArray, IntArray
from matching.sizes import SIZES, Sizes

FloatArray = npt.NDArray[np.float32]

THREADS: Final = int(faiss.omp_get_max_threads())
"""What FAISS takes for many queries: the cores, or what OMP_NUM_THREADS says."""

_TRAIN_ROWS: Final = 40
"""Rows a cluster that the clusters are found from."""

_ROUNDS: Final = 10
_BLOCK: Final = 100_000
_AT_ONCE: Final = 256
"""Queries of a batch whose candidates are re-scored together: 20 MB."""


class DenseBuilder:
    """Collects vectors block by block and writes the files of one generation.

    Args:
        dimensions: length of a vector.
        sizes: where one kind of index gives way to the next.
    """

    def __init__(self, dimensions: int, sizes: Sizes = SIZES) -> None:
        self._sizes = sizes
        self._index: Any = faiss.IndexFlatIP(dimensions)

    def add(self, vectors: FloatArray) -> None:
        """Append float32 (n, dimensions); rows are numbered in the order of adding."""
        if not len(vectors):
            return
        exact = isinstance(self._index, faiss.IndexFlat)
        if exact and self._index.ntotal + len(vectors) > self._sizes.exact:
            self._index = _halved(self._index)
        self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))

    def save(self, vectors: Path, clusters: Path) -> None:
        """Write the vectors' file, and the clustered one where there are many rows."""
        faiss.write_index(self._index, str(vectors))
        if not isinstance(self._index, faiss.IndexFlat):
            _write_clusters(clusters, _stored(self._index), self._sizes)


def _halved(index: Any) -> Any:
    """Return a FAISS index of float16 with the vectors of a flat one."""
    kind = faiss.ScalarQuantizer.QT_fp16
    half = faiss.IndexScalarQuantizer(int(index.d), kind, faiss.METRIC_INNER_PRODUCT)
    stored = _stored(index)
    for start in range(0, len(stored), _BLOCK):
        half.add(np.ascontiguousarray(stored[start : start + _BLOCK]))
    return half


def _stored(index: Any) -> npt.NDArray[np.floating[Any]]:
    """Return the vectors inside a FAISS index as an array, without copying them.

    Raises:
        ValueError: it is of none of the two kinds that are written here.
    """
    rows, dimensions = int(index.ntotal), int(index.d)
    if rows == 0:
        return np.empty((0, dimensions), dtype=np.float32)
    if isinstance(index, faiss.IndexFlat):
        flat: FloatArray = faiss.rev_swig_ptr(index.get_xb(), rows * dimensions)
        return flat.reshape(rows, dimensions)
    half = isinstance(index, faiss.IndexScalarQuantizer)
    if not half or index.sq.qtype != faiss.ScalarQuantizer.QT_fp16:
        raise ValueError("holds neither float32 nor float16 vectors")
    codes = faiss.rev_swig_ptr(index.codes.data(), rows * int(index.code_size))
    found: npt.NDArray[np.float16] = codes.view(np.float16).reshape(rows, dimensions)
    return found


def _write_clusters(path: Path, vectors: npt.NDArray[np.floating[Any]], sizes: Sizes) -> None:
    """Train and write a clustered index over vectors of shape (n, d); ids are rows."""
    rows, dimensions = vectors.shape
    lists = sizes.lists(rows)
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimensions),
        dimensions,
        lists,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.cp.niter = _ROUNDS
    step = max(1, rows // (_TRAIN_ROWS * lists))
    index.train(np.ascontiguousarray(vectors[::step], dtype=np.float32))
    for start in range(0, rows, _BLOCK):
        ids = np.arange(start, min(start + _BLOCK, rows), dtype=np.int64)
        block = np.ascontiguousarray(vectors[start : start + _BLOCK], dtype=np.float32)
        index.add_with_ids(block, ids)
    faiss.write_index(index, str(path))


class DenseIndex:
    """The vectors of one generation, mapped read-only.

    Args:
        vectors: the file of all vectors that ``DenseBuilder`` wrote.
        clusters: the clustered file where it wrote one, or None for exact search.
        sizes: how widely to look.

    Raises:
        RuntimeError, ValueError: a file is missing, cut short or foreign.
    """

    def __init__(self, vectors: Path, clusters: Path | None = None, sizes: Sizes = SIZES) -> None:
        self._sizes = sizes
        self._index = faiss.read_index(str(vectors), faiss.IO_FLAG_MMAP_IFC)
        if not isinstance(self._index, faiss.IndexFlat | faiss.IndexScalarQuantizer):
            raise ValueError(f"{vectors.name} is not an index of plain vectors")
        self.count = int(self._index.ntotal)
        self.dimensions = int(self._index.d)
        self._stored = _stored(self._index)
        self._clusters: Any = (
            faiss.read_index(str(clusters), faiss.IO_FLAG_MMAP_IFC) if clusters else None
        )

    def search(
        self, queries: FloatArray, k: int, admitted: BoolArray | None = None
    ) -> list[tuple[IntArray, FloatArray]]:
        """Return for each query the rows and cosines of its k nearest, nearest first.

        One query is answered by the calling thread alone, many by all of FAISS's threads.

        Args:
            queries: float32 (q, d), unit length.
            k: how many; fewer come back where fewer are admitted.
            admitted: boolean (count,); None admits every row.
        """
        left = self.count if admitted is None else int(np.count_nonzero(admitted))
        k = min(k, left)
        if k == 0:
            empty = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
            return [empty] * len(queries)
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        # Counts for this thread alone. One query gives further threads nothing to do but wait,
        # and several web workers on the same cores would wait for each other.
        faiss.omp_set_num_threads(1 if len(queries) == 1 else THREADS)
        if self._clusters is None:
            return self._scan(queries, k, admitted)
        if admitted is not None and (left <= self._sizes.gathered or 2 * k >= left):
            return self._gather(queries, k, np.flatnonzero(admitted))
        return self._probe(queries, k, admitted, left / self.count)

    def probes(self, share: float = 1.0) -> int:
        """Return how many clusters are looked into where a filter leaves this share; or 0."""
        return 0 if self._clusters is None else self._sizes.probes(self._clusters.nlist, share)

    def proposed(self, k: int) -> int:
        """Return how many candidates the clusters propose for the k nearest."""
        return k + max(self._sizes.spare, k // 2)

    def vectors(self, rows: IntArray) -> FloatArray:
        """Return the vectors of the given rows, float32 (len(rows), d)."""
        return self._stored[rows].astype(np.float32, copy=False)

    def scores(self, query: FloatArray, rows: IntArray) -> FloatArray:
        """Return the cosines of the given rows with one query of shape (d,)."""
        found: FloatArray = self.vectors(rows) @ query
        return found

    def _scan(
        self, queries: FloatArray, k: int, admitted: BoolArray | None
    ) -> list[tuple[IntArray, FloatArray]]:
        parameters = _parameters(faiss.SearchParameters, admitted)
        scores, rows = self._index.search(queries, k, params=parameters)
        return [_found(r, s) for r, s in zip(rows, scores, strict=True)]

    def _gather(
        self, queries: FloatArray, k: int, rows: IntArray
    ) -> list[tuple[IntArray, FloatArray]]:
        """Score exactly these rows, a block at a time."""
        scores = np.empty((len(queries), len(rows)), dtype=np.float32)
        for start in range(0, len(rows), self._sizes.gathered):
            block = slice(start, start + self._sizes.gathered)
            scores[:, block] = queries @ self.vectors(rows[block]).T
        return [_best(rows, own, k) for own in scores]

    def _probe(
        self, queries: FloatArray, k: int, admitted: BoolArray | None, share: float
    ) -> list[tuple[IntArray, FloatArray]]:
        """Let the clusters propose candidates and score those exactly."""
        probes = self.probes(share)
        parameters = _parameters(faiss.SearchParametersIVF, admitted, nprobe=probes)
        _, proposed = self._clusters.search(queries, self.proposed(k), params=parameters)
        found = []
        for start in range(0, len(queries), _AT_ONCE):
            asked, rows = queries[start : start + _AT_ONCE], proposed[start : start + _AT_ONCE]
            near = self.vectors(np.maximum(rows, 0).ravel()).reshape(*rows.shape, -1)
            scores = np.matmul(near, asked[:, :, None])[:, :, 0]
            scores[rows < 0] = -np.inf
            found += [_best(r, s, k) for r, s in zip(rows, scores, strict=True)]
        return found


def _best(rows: IntArray, scores: FloatArray, k: int) -> tuple[IntArray, FloatArray]:
    """Return the k best of some rows, best first; rows below 0 stand for none."""
    if len(rows) > 4 * k:
        part = np.argpartition(-scores, k)[:k]
        rows, scores = rows[part], scores[part]
    order = np.argsort(-scores, kind="stable")[:k]
    return _found(rows[order], scores[order])


def _parameters(kind: Any, admitted: BoolArray | None, **settings: int) -> Any:
    """Make FAISS search parameters that hold the filter as a bitmap over rows."""
    if admitted is None:
        return kind(**settings)
    bitmap = np.packbits(admitted, bitorder="little")
    # The Python objects keep the selector and its bitmap alive as long as the parameters.
    selector: Any = faiss.IDSelectorBitmap
    return kind(sel=selector(bitmap), **settings)


def _found(rows: IntArray, scores: FloatArray) -> tuple[IntArray, FloatArray]:
    kept = rows >= 0
    return rows[kept], scores[kept]
