"""An encoder for tests of files and filters: every word a fixed random direction.

It runs the same protocol as the real ones and needs no model; it knows no meaning, so tests
of quality use the encoder that ships.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matching.text import words


class WordEncoder:
    """Sums a pseudo-random vector per word."""

    def __init__(self, dimensions: int = 32, name: str = "words") -> None:
        self._dimensions = dimensions
        self._name = name

    @property
    def id(self) -> str:
        return f"{self._name}-{self._dimensions}"

    @property
    def dimensions(self) -> int:
        return self._dimensions

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encode(texts)

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        for place, text in enumerate(texts):
            for word in words(text):
                rows[place] += self._direction(word)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)

    def _direction(self, word: str) -> NDArray[np.float32]:
        seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())
        drawn = np.random.default_rng(seed).standard_normal(self._dimensions)
        return drawn.astype(np.float32)
