"""The table before any training: the teacher's vectors of words and of glosses.

What it is for: a start that is bilingual already, because a Chinese word takes the English
sentence vectors of its meanings, and English words take their own.
What it must not know: files, tokenizers' internals, training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matching.training.glosses import Headword

Vectors = NDArray[np.float32]

LATER_GLOSS = 0.6
"""Weight of each further meaning against the one before it: dictionaries list usual ones first."""

COMMON = 3e-4
"""The a of a/(a+p): a word with this share of all words gets half the weight of a rare one."""


def chinese_vectors(
    words: Sequence[str],
    headwords: Mapping[str, Headword],
    gloss_vectors: Mapping[str, Vectors],
) -> Vectors:
    """The mean vector of each word's glosses, earlier ones heavier.

    Args:
        words: n words, each with an entry in ``headwords``.
        headwords: the dictionary.
        gloss_vectors: the teacher's vector (width,) of each gloss.

    Returns:
        Unit vectors (n, width).
    """
    rows = []
    for word in words:
        glosses = headwords[word].glosses
        weights = LATER_GLOSS ** np.arange(len(glosses), dtype=np.float32)
        stacked = np.stack([gloss_vectors[gloss] for gloss in glosses])
        rows.append(weights @ stacked)
    return unit_rows(np.asarray(rows, dtype=np.float32))


def unit_rows(vectors: Vectors) -> Vectors:
    """Rows scaled to unit length; zero rows stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def common_word_weights(counts: NDArray[np.float64]) -> NDArray[np.float32]:
    """Weights a/(a+p) in 0..1 from counts of one language (Arora and others, 2017)."""
    shares = counts / max(counts.sum(), 1.0)
    return np.asarray(COMMON / (COMMON + shares), dtype=np.float32)


def joint_axes(vectors: Vectors, dimensions: int) -> Vectors:
    """Directions in which words differ most.

    Args:
        vectors: (n, width), both languages together, each centred on its own.
        dimensions: how many axes to keep.

    Returns:
        Orthonormal columns, (width, dimensions), the greatest spread first.
    """
    spread = (vectors.T @ vectors).astype(np.float64)
    _, axes = np.linalg.eigh(spread)
    return np.ascontiguousarray(axes[:, ::-1][:, :dimensions], dtype=np.float32)


def piece_vectors(
    cuts: Sequence[Sequence[int]], targets: Vectors, count: int, ridge: float = 2.0
) -> Vectors:
    """Vectors of word pieces such that the pieces of a known word add up to the word's own.

    Args:
        cuts: for each of n known words, the numbers (0..count-1) of the pieces it falls into.
        targets: vectors of those words, (n, d).
        count: number of pieces.
        ridge: pull of every piece towards zero; what is no part of a meaning stays short.

    Returns:
        The least-squares solution, (count, d).
    """
    together = [one * count + other for cut in cuts for one in cut for other in cut]
    gram = np.bincount(together, minlength=count * count).reshape(count, count).astype(np.float64)
    gram[np.diag_indices_from(gram)] += ridge
    wanted = np.zeros((count, targets.shape[1]))
    for cut, target in zip(cuts, targets, strict=True):
        for piece in cut:
            wanted[piece] += target
    return np.asarray(np.linalg.solve(gram, wanted), dtype=np.float32)
