"""Okapi BM25 as the textbooks have it (Robertson and Zaragoza, 2009): the baseline to beat.

What it is for: a yardstick that shares the cutting of words with the site and nothing else, so
that the site's own lexical side is measured against something it cannot move.
What it must not know: tantivy, vectors, fusion.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.text import words

K1: Final = 1.2
B: Final = 0.75


class Bm25:
    """Scores every document of a small corpus.

    Args:
        texts: the documents, titles included.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [Counter(words(text)) for text in texts]
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float64)
        # An empty corpus of words would divide by zero; then nothing is found anyway.
        self._norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()), 1.0))
        self._count = len(texts)
        postings: dict[str, list[tuple[int, int]]] = {}
        for place, count in enumerate(counts):
            for word, times in count.items():
                postings.setdefault(word, []).append((place, times))
        self._postings: Mapping[str, NDArray[np.int64]] = {
            word: np.array(found, dtype=np.int64) for word, found in postings.items()
        }

    def search(self, text: str, k: int) -> list[int]:
        """Return the places of the k best documents that share a word with ``text``."""
        scores = np.zeros(self._count, dtype=np.float64)
        for word, times in Counter(words(text)).items():
            found = self._postings.get(word)
            if found is None:
                continue
            places, seen = found[:, 0], found[:, 1]
            idf = np.log(1 + (self._count - len(places) + 0.5) / (len(places) + 0.5))
            scores[places] += times * idf * seen * (K1 + 1) / (seen + self._norm[places])
        order = np.argsort(-scores, kind="stable")[:k]
        return [int(place) for place in order if scores[place] > 0]
