"""Words as sparse vectors whose inner product is the BM25 sum that the index files give.

The document's side holds what depends on the document (how often it says a word, and how long it
is), the query's side what depends on the index (how rare the word is now). So the sums stay right
as documents come and go, which they would not if rarity were stored, and Milvus' own BM25 counts
rarity by segment. Only the mean lengths are those of the build.
Knows neither Milvus nor tantivy; the constants are tantivy's, and so is the rounding of lengths.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from matching.documents import Language
from matching.lexical import CutText

K1: Final = 1.2
B: Final = 0.75

_DIMENSIONS: Final = 2**32 - 3
NOWHERE: Final = 0
"""The dimension that no word has; every document has a trace of it, since none may be empty."""

TRACE: Final = 1e-6
GRAMS: Final = "grams"

_EXACT: Final = 24
"""Lengths below are stored exactly, longer ones with four binary digits."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """Mean numbers of words over all documents of the index, other languages' included.

    Attributes:
        zh, en: words in Chinese and in English.
        grams: pairs of neighbouring Chinese characters.
    """

    zh: float
    en: float
    grams: float

    @classmethod
    def of(cls, texts: Iterable[tuple[Language, CutText]]) -> Self:
        """Take the means of some documents."""
        totals: Counter[str] = Counter()
        for language, text in texts:
            totals["documents"] += 1
            totals[language] += text.words.count(" ") + 1 if text.words else 0
            totals[GRAMS] += text.grams.count(" ") + 1 if text.grams else 0
        whole = max(totals["documents"], 1)
        return cls(totals["zh"] / whole, totals["en"] / whole, totals[GRAMS] / whole)

    def mean(self, field: str) -> float:
        """Return the mean of one field: a language or ``GRAMS``."""
        return {"zh": self.zh, "en": self.en, GRAMS: self.grams}[field]


def dimension(field: str, word: str) -> int:
    """Return the dimension of a word of a field (a language, or ``GRAMS``).

    Two words share one by chance once in four thousand million pairs.
    """
    digest = hashlib.blake2b(f"{field}\0{word}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest) % _DIMENSIONS + 1


def document_weights(language: Language, text: CutText, lengths: Lengths) -> dict[int, float]:
    """Return the sparse vector of a document: dimension -> saturated frequency."""
    found = {NOWHERE: TRACE}
    for field, said in ((language, text.words), (GRAMS, text.grams)):
        counts = Counter(said.split())
        length = rounded(sum(counts.values()))
        for word, times in counts.items():
            found[dimension(field, word)] = saturated(times, length, lengths.mean(field))
    return found


def saturated(times: int, length: int, mean: float) -> float:
    """Return what a word said so often counts in a document of a length, before its rarity."""
    norm = K1 * (1 - B + B * length / mean) if mean else K1
    return (K1 + 1) * times / (times + norm)


def rounded(length: int) -> int:
    """Return a length as one byte keeps it: exact when short, else cut to four binary digits."""
    if length < _EXACT:
        return length
    rest = length - _EXACT
    shift = max(rest.bit_length() - 4, 0)
    return _EXACT + (rest >> shift << shift)
