"""How much of a query a document speaks of: its telling words, one by one, by form or meaning.

A text's vector is a sum, so that one strong subject may drown the rest, and the lexical side
takes a rare word for the whole. Here every word of the query asks for itself: does the
document hold it, or a word that means the same in either language? What share of the query's
weight is answered tells a result that serves a need from one that shares a word with it.

What it must not know: indexes, ranking, how words are weighed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt

from matching.dense import FloatArray
from matching.documents import Document
from matching.encoder import SHIPPED_MODEL, Encoder
from matching.encoders.static import StaticEncoder
from matching.text import surface_words

NEAR: Final = 0.6
"""Two words with at least this cosine count as one meaning."""

MOST_WORDS: Final = 48
"""Of a query only so many words ask: those of most weight."""

LONGEST_READ: Final = 6_000
"""Characters of a document that are read: the first say what it is about."""

_CACHED_DOCUMENTS: Final = 8_192
_CACHED_WORDS: Final = 50_000

Ids = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class QueryWords:
    """The words of a query that ask for themselves.

    Attributes:
        indexed: as the lexical index has them, distinct.
        shown: as the text has them, which is what has a meaning of its own.
    """

    indexed: tuple[str, ...]
    shown: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> QueryWords:
        """Cut a text."""
        pairs = dict(surface_words(text))
        return cls(tuple(pairs), tuple(pairs.values()))


def words_encoder(encoder: Encoder) -> Encoder:
    """Return what gives single words their meaning: the encoder itself if it is a fast one.

    A large model would take seconds for the words that the shipped table looks up.
    """
    return encoder if isinstance(encoder, StaticEncoder) else _shipped()


@lru_cache(maxsize=1)
def _shipped() -> Encoder:
    return StaticEncoder(SHIPPED_MODEL)


class Coverage:
    """Tells shares; remembers words' meanings and recently read documents' words.

    Safe to share between threads.

    Args:
        encoder: gives single words their meaning; a fast one, whatever encodes the texts.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._lock = Lock()
        self._clear()

    def _clear(self) -> None:
        self._numbers: dict[str, int] = {}
        self._vectors = np.zeros((1024, self._encoder.dimensions), dtype=np.float32)
        self._documents: OrderedDict[tuple[str, str], Ids] = OrderedDict()

    def shares(
        self, words: QueryWords, masses: Mapping[str, float], documents: Sequence[Document]
    ) -> FloatArray:
        """Return for each document what share of the query's weight it answers, 0 to 1.

        Args:
            words: of the query.
            masses: what each word tells, by its indexed form; words without one do not ask.
            documents: n texts.

        Returns:
            float32 (n,).
        """
        pairs = zip(words.indexed, words.shown, strict=True)
        asking = [(masses.get(word, 0.0), word, shown) for word, shown in pairs]
        asking = sorted((one for one in asking if one[0] > 0), reverse=True)[:MOST_WORDS]
        if not asking or not documents:
            return np.zeros(len(documents), dtype=np.float32)
        with self._lock:
            if len(self._numbers) > _CACHED_WORDS:
                self._clear()
            texts = [self._ids_of(document) for document in documents]
            own = self._number([(word, shown) for _, word, shown in asking])
            known, places = np.unique(np.concatenate([own, *texts]), return_inverse=True)
            vectors = self._vectors[known]
        near = vectors[places[: len(own)]] @ vectors.T >= NEAR
        near[np.arange(len(own)), places[: len(own)]] = True  # the very word, known or not
        weights = np.array([mass for mass, _, _ in asking], dtype=np.float32)
        found = np.zeros(len(documents), dtype=np.float32)
        start = len(own)
        for place, ids in enumerate(texts):
            held = near[:, places[start : start + len(ids)]].any(axis=1)
            found[place] = weights @ held
            start += len(ids)
        found /= weights.sum()
        return found

    def _ids_of(self, document: Document) -> Ids:
        """Return the numbers of a document's words, remembered."""
        place = (document.title, document.text)
        ids = self._documents.get(place)
        if ids is None:
            pairs = dict(surface_words(document.full_text[:LONGEST_READ]))
            ids = self._number(list(pairs.items()))
            self._documents[place] = ids
            if len(self._documents) > _CACHED_DOCUMENTS:
                self._documents.popitem(last=False)
        else:
            self._documents.move_to_end(place)
        return ids

    def _number(self, pairs: Sequence[tuple[str, str]]) -> Ids:
        """Return the numbers of words (as indexed, as shown), learning those that are new.

        One indexed form has one meaning: that of the form it was first shown in.
        """
        numbers = self._numbers
        fresh = [pair for pair in pairs if pair[0] not in numbers]
        if fresh:
            start = len(numbers)
            while start + len(fresh) > len(self._vectors):
                self._vectors = np.concatenate([self._vectors, np.zeros_like(self._vectors)])
            vectors = self._encoder.encode_documents([shown for _, shown in fresh])
            self._vectors[start : start + len(fresh)] = vectors
            numbers.update((word, start + place) for place, (word, _) in enumerate(fresh))
        return np.array([numbers[word] for word, _ in pairs], dtype=np.int32)
