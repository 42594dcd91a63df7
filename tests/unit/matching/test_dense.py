"""Vector search against plain numpy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from matching.dense import DenseBuilder, DenseIndex
from matching.sizes import SIZES, Sizes

Vectors = NDArray[np.float32]

SMALL = replace(SIZES, exact=1_000, gathered=100)
"""The same kinds of index as at a million rows, from a thousand on."""


def unit_vectors(count: int, dimensions: int, seed: int) -> Vectors:
    drawn = np.random.default_rng(seed).standard_normal((count, dimensions)).astype(np.float32)
    found: Vectors = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return found


def build(folder: Path, vectors: Vectors, sizes: Sizes = SIZES) -> DenseIndex:
    builder = DenseBuilder(vectors.shape[1], sizes)
    for start in range(0, len(vectors), 700):
        builder.add(vectors[start : start + 700])
    exact, clusters = folder / "exact", folder / "clusters"
    builder.save(exact, clusters)
    return DenseIndex(exact, clusters if clusters.exists() else None, sizes)


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
    return vectors, build(folder, vectors, SMALL)


@pytest.mark.parametrize("share", [1.0, 0.5, 0.1, 0.01, 0.001])
def test_clustered_search_finds_nearly_all_whatever_the_filter(
    clustered: tuple[Vectors, DenseIndex], share: float
) -> None:
    vectors, index = clustered
    queries = vectors[::300]
    admitted = np.random.default_rng(4).random(len(vectors)) < share
    wanted = [expected(vectors, query, 10, admitted) for query in queries]
    found = index.search(queries, 10, admitted)
    hits = sum(
        len(set(rows.tolist()) & set(right)) for (rows, _), right in zip(found, wanted, strict=True)
    )

    assert hits >= 0.95 * sum(map(len, wanted))
    assert all(admitted[rows].all() for rows, _ in found)


def test_many_queries_at_once_are_answered_as_one_by_one(
    clustered: tuple[Vectors, DenseIndex],
) -> None:
    vectors, index = clustered
    queries = vectors[:3000:10]
    together = index.search(queries, 10)
    alone = [index.search(query[None, :], 10)[0] for query in queries]

    assert [rows.tolist() for rows, _ in together] == [rows.tolist() for rows, _ in alone]


def test_clustered_search_returns_cosines_of_the_stored_vectors(
    clustered: tuple[Vectors, DenseIndex],
) -> None:
    vectors, index = clustered
    ((rows, scores),) = index.search(vectors[7:8], 10)

    assert np.allclose(scores, vectors[rows] @ vectors[7], atol=1e-3)
    assert np.allclose(index.vectors(rows), vectors[rows], atol=1e-3)
    assert (np.diff(scores) <= 0).all()


def test_more_than_there_is_can_be_asked_for(clustered: tuple[Vectors, DenseIndex]) -> None:
    vectors, index = clustered
    admitted = np.arange(len(vectors)) % 2 == 0
    ((rows, _),) = index.search(vectors[:1], len(vectors), admitted)

    assert sorted(rows.tolist()) == np.flatnonzero(admitted).tolist()


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


def test_another_kind_of_index_is_refused(tmp_path: Path) -> None:
    build(tmp_path, unit_vectors(2000, 8, 1), SMALL)

    with pytest.raises(ValueError, match="plain vectors"):
        DenseIndex(tmp_path / "clusters")
