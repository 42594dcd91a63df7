"""Vector search against plain numpy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from matching.dense import DenseBuilder, DenseIndex

Vectors = NDArray[np.float32]


def unit_vectors(count: int, dimensions: int, seed: int) -> Vectors:
    drawn = np.random.default_rng(seed).standard_normal((count, dimensions)).astype(np.float32)
    found: Vectors = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return found


def build(folder: Path, vectors: Vectors, *, exact_limit: int = 10**6) -> DenseIndex:
    builder = DenseBuilder(vectors.shape[1])
    for start in range(0, len(vectors), 700):
        builder.add(vectors[start : start + 700])
    exact, clusters = folder / "exact", folder / "clusters"
    builder.save(exact, clusters, exact_limit=exact_limit)
    return DenseIndex(exact, clusters if clusters.exists() else None)


def expected(vectors: Vectors, query: Vectors, k: int, admitted: NDArray[np.bool_]) -> list[int]:
    scores = np.where(admitted, vectors @ query, -np.inf)
    order = np.argsort(-scores, kind="stable")[:k]
    return [int(row) for row in order if np.isfinite(scores[row])]


@pytest.mark.parametrize("share", [1.0, 0.5, 0.01, 0.0])
def test_exact_search_agrees_with_numpy(tmp_path: Path, share: float) -> None:
    vectors, queries = unit_vectors(2000, 16, 1), unit_vectors(20, 16, 2)
    admitted = np.random.default_rng(3).random(2000) < share
    found = build(tmp_path, vectors).search(queries, 10, admitted)

    assert [rows.tolist() for rows, _ in found] == [
        expected(vectors, query, 10, admitted) for query in queries
    ]


def test_exact_search_returns_cosines(tmp_path: Path) -> None:
    vectors, queries = unit_vectors(50, 8, 1), unit_vectors(1, 8, 2)
    ((rows, scores),) = build(tmp_path, vectors).search(queries, 5)

    assert np.allclose(scores, vectors[rows] @ queries[0], atol=1e-6)


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    index = build(tmp_path, np.empty((0, 8), dtype=np.float32))
    ((rows, scores),) = index.search(unit_vectors(1, 8, 1), 5)

    assert (len(rows), len(scores)) == (0, 0)


@pytest.fixture(scope="module")
def clustered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Vectors, DenseIndex]:
    centres = unit_vectors(60, 24, 1)
    noise = np.random.default_rng(2).standard_normal((6000, 24)).astype(np.float32) * 0.12
    vectors = np.repeat(centres, 100, axis=0) + noise
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    folder = tmp_path_factory.mktemp("clustered")
    return vectors, build(folder, vectors, exact_limit=1000)


def test_clustered_search_finds_nearly_all(clustered: tuple[Vectors, DenseIndex]) -> None:
    vectors, index = clustered
    queries = vectors[::300]
    everything = np.ones(len(vectors), dtype=np.bool_)
    hits = 0
    for query, (rows, _) in zip(queries, index.search(queries, 10), strict=True):
        hits += len(set(rows.tolist()) & set(expected(vectors, query, 10, everything)))

    assert hits >= 0.95 * 10 * len(queries)


def test_clustered_search_is_exact_under_a_narrow_filter(
    clustered: tuple[Vectors, DenseIndex],
) -> None:
    vectors, index = clustered
    admitted = np.zeros(len(vectors), dtype=np.bool_)
    admitted[::97] = True
    queries = vectors[5:2000:400]
    found = index.search(queries, 10, admitted)

    assert [rows.tolist() for rows, _ in found] == [
        expected(vectors, query, 10, admitted) for query in queries
    ]


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    build(tmp_path, unit_vectors(100, 8, 1))
    whole = (tmp_path / "exact").read_bytes()
    (tmp_path / "exact").write_bytes(whole[: len(whole) // 2])

    with pytest.raises((RuntimeError, ValueError)):
        DenseIndex(tmp_path / "exact")
