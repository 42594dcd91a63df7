"""Leaving out words whose parts say the same.

What it is for: a table half as large, since 科研人员 is near 科研 + 人员 and "combatting" near its
pieces, while 肺结核 is far from 肺 + 结核.
What it must not know: where vectors come from, training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matching.training.initial import Vectors, piece_vectors, unit_rows
from matching.training.vocabulary import START, Vocabulary, build_tokenizer

LIKE_ITS_PARTS_CHINESE = 0.4
LIKE_ITS_PARTS_ENGLISH = 0.55
"""Cosine with the sum of the parts from which on a rare word is left out."""

RARE_ENGLISH = 8
"""English words seen at least so often in glosses and texts always keep their row."""


def keep_chinese(
    words: Sequence[str], vectors: Vectors, counts: Mapping[str, int]
) -> NDArray[np.bool_]:
    """Which words keep a row: short ones, seen ones, and those that are more than their parts.

    Args:
        words: n words.
        vectors: their unit vectors (n, d), centred.
        counts: how often each was seen in training text.

    Returns:
        bool (n,).
    """
    short = {word: place for place, word in enumerate(words) if len(word) <= 2}
    cut = build_tokenizer(Vocabulary(tuple(short), (), (), counts)).encode_batch
    sums = np.zeros_like(vectors)
    for place, encoding in enumerate(cut(list(words), add_special_tokens=False)):
        parts = [short[token] for token in encoding.tokens if token in short]
        sums[place] = vectors[parts].sum(axis=0)
    likeness = np.einsum("nd,nd->n", unit_rows(sums), vectors)
    must = np.asarray([len(word) <= 2 or counts.get(word, 0) > 0 for word in words], dtype=bool)
    return np.asarray(must | (likeness <= LIKE_ITS_PARTS_CHINESE))


def keep_english(
    words: Sequence[str], vectors: Vectors, counts: Mapping[str, int], pieces: Sequence[str]
) -> NDArray[np.bool_]:
    """Which words keep a row: frequent ones, and those that are more than their pieces.

    Args:
        words: n words.
        vectors: their unit vectors (n, d), centred.
        counts: how often each was seen in glosses and training text.
        pieces: the parts that any word can be cut into.

    Returns:
        bool (n,).
    """
    cuts = cut_into_pieces(words, pieces)
    solved = piece_vectors(cuts, vectors, len(pieces))
    sums = np.stack([solved[list(cut)].sum(axis=0) for cut in cuts])
    likeness = np.einsum("nd,nd->n", unit_rows(sums), vectors)
    frequent = np.asarray([counts.get(word, 0) >= RARE_ENGLISH for word in words], dtype=bool)
    return np.asarray(frequent | (likeness <= LIKE_ITS_PARTS_ENGLISH))


def cut_into_pieces(words: Sequence[str], pieces: Sequence[str]) -> list[list[int]]:
    """The numbers, within ``pieces``, of the pieces that each English word falls into."""
    tokenizer = build_tokenizer(Vocabulary((), (), tuple(pieces), {}))
    encodings = tokenizer.encode_batch([START + word for word in words], add_special_tokens=False)
    return [[row - 1 for row in encoding.ids if row] for encoding in encodings]
