"""Vectors: exact search by FAISS in mapped files, clustered (IVF, SQ8) for large ones.

``vectors.faiss`` holds every vector as it is and is only ever mapped, never added to (that
would abort the process). Beyond ``EXACT_LIMIT`` rows ``clusters.faiss`` narrows the search
and the exact vectors re-score what it finds. Where a filter leaves few rows, exactly those
are scanned: approximate search under a narrow filter loses half of what it should find.
Knows rows and vectors only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import faiss
import numpy as np
import numpy.typing as npt

from matching.columns import BoolArray, IntArray

FloatArray = npt.NDArray[np.float32]

EXACT_LIMIT: Final = 200_000
"""Up to this many rows an exact scan is fast enough (some 70 ms a million, measured)."""

SCAN_SHARE: Final = 0.05
"""In a clustered index, a filter that leaves less than this share is scanned exactly."""

_PROBE_SHARE: Final = 1 / 16
_WIDEN: Final = 4
_TRAIN_ROWS: Final = 40_000
_BLOCK: Final = 100_000


class DenseBuilder:
    """Collects vectors block by block and writes the files of one generation.

    Args:
        dimensions: length of a vector.
    """

    def __init__(self, dimensions: int) -> None:
        self._index = faiss.IndexFlatIP(dimensions)

    def add(self, vectors: FloatArray) -> None:
        """Append float32 (n, dimensions); rows are numbered in the order of adding."""
        if len(vectors):
            self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))

    def save(self, exact: Path, clusters: Path, *, exact_limit: int = EXACT_LIMIT) -> None:
        """Write the exact file, and the clustered one where there are many rows."""
        faiss.write_index(self._index, str(exact))
        if self._index.ntotal > exact_limit:
            _write_clusters(clusters, _flat_vectors(self._index))


def _flat_vectors(index: Any) -> FloatArray:
    """Return the vectors inside a FAISS flat index as an array, without copying them."""
    rows, dimensions = int(index.ntotal), int(index.d)
    if rows == 0:
        return np.empty((0, dimensions), dtype=np.float32)
    flat: FloatArray = faiss.rev_swig_ptr(index.get_xb(), rows * dimensions)
    return flat.reshape(rows, dimensions)


def _write_clusters(path: Path, vectors: FloatArray) -> None:
    """Train and write a clustered index over vectors of shape (n, d); ids are rows."""
    rows, dimensions = vectors.shape
    lists = int(2 * np.sqrt(rows))
    quantizer = faiss.IndexFlatIP(dimensions)
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, dimensions, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    step = max(1, rows // max(_TRAIN_ROWS, 40 * lists))
    index.train(np.ascontiguousarray(vectors[::step]))
    for start in range(0, rows, _BLOCK):
        ids = np.arange(start, min(start + _BLOCK, rows), dtype=np.int64)
        index.add_with_ids(np.ascontiguousarray(vectors[start : start + _BLOCK]), ids)
    faiss.write_index(index, str(path))


class DenseIndex:
    """The vectors of one generation, mapped read-only.

    Args:
        exact: the file of all vectors that ``DenseBuilder`` wrote.
        clusters: the clustered file where it wrote one, or None for exact search.

    Raises:
        RuntimeError, ValueError: a file is missing, cut short or foreign.
    """

    def __init__(self, exact: Path, clusters: Path | None = None) -> None:
        self._exact = faiss.read_index(str(exact), faiss.IO_FLAG_MMAP_IFC)
        if not isinstance(self._exact, faiss.IndexFlat):
            raise ValueError(f"{exact.name} is not an exact index")
        self.count = int(self._exact.ntotal)
        self.dimensions = int(self._exact.d)
        self.vectors = _flat_vectors(self._exact)
        self._clusters: Any = (
            faiss.read_index(str(clusters), faiss.IO_FLAG_MMAP) if clusters is not None else None
        )

    def search(
        self, queries: FloatArray, k: int, admitted: BoolArray | None = None
    ) -> list[tuple[IntArray, FloatArray]]:
        """Return for each query the rows and cosines of its k nearest, nearest first.

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
        if self._clusters is None or left < SCAN_SHARE * self.count or k * _WIDEN >= left:
            return self._scan(queries, k, admitted)
        return self._probe(self._clusters, queries, k, admitted)

    def scores(self, query: FloatArray, rows: IntArray) -> FloatArray:
        """Return the exact cosines of the given rows with one query of shape (d,)."""
        found: FloatArray = self.vectors[rows] @ query
        return found

    def _scan(
        self, queries: FloatArray, k: int, admitted: BoolArray | None
    ) -> list[tuple[IntArray, FloatArray]]:
        parameters = _parameters(faiss.SearchParameters, admitted)
        scores, rows = self._exact.search(np.ascontiguousarray(queries), k, params=parameters)
        return [_found(r, s) for r, s in zip(rows, scores, strict=True)]

    def _probe(
        self, clusters: Any, queries: FloatArray, k: int, admitted: BoolArray | None
    ) -> list[tuple[IntArray, FloatArray]]:
        probes = max(16, int(clusters.nlist * _PROBE_SHARE))
        parameters = _parameters(faiss.SearchParametersIVF, admitted, nprobe=probes)
        _, rows = clusters.search(np.ascontiguousarray(queries), k * _WIDEN, params=parameters)
        found = []
        for query, candidates in zip(queries, rows, strict=True):
            kept = candidates[candidates >= 0]
            exact = self.scores(query, kept)
            order = np.argsort(-exact, kind="stable")[:k]
            found.append((kept[order], exact[order]))
        return found


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
