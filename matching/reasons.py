"""Why two documents belong together: pairs of verbatim sentences, best first.

Sentences are compared by meaning (their vectors) and by words; a pair says something only
if it says more than two arbitrary sentences of the two texts would. Knows no index.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

import numpy as np

from matching.dense import FloatArray
from matching.documents import Document
from matching.encoder import Encoder
from matching.results import Reason
from matching.sentences import sentences
from matching.text import detect_language, surface_words

MOST_SENTENCES: Final = 24
"""Of one document only so many sentences are compared; the first say what it is about."""

MOST_REASONS: Final = 3
WORD_WEIGHT: Final = 0.5
TITLE_WEIGHT: Final = 0.8
"""The reader has seen the candidate's title; a sentence of its text that is nearly as near says
more."""

LEAST_SCORE: Final = 0.25
"""Below this a pair of sentences says nothing and is not shown."""

TRANSLATION: Final = 0.55
"""Two words of different languages with at least this cosine are called translations."""

MOST_TRANSLATIONS: Final = 3
LEAST_SHARE: Final = 0.6
"""A further reason must reach this share of the best one's score."""

_CACHED_DOCUMENTS: Final = 512
_CACHED_WORDS: Final = 20_000


@dataclass(frozen=True, slots=True)
class SplitText:
    """A document's sentences with what is compared of them.

    Attributes:
        sentences: verbatim.
        vectors: float32 (len(sentences), d).
        words: of each sentence, from the word as indexed to the word as shown.
        titles: how many of the sentences, the first ones, are the title's.
    """

    sentences: tuple[str, ...]
    vectors: FloatArray
    words: tuple[dict[str, str], ...]
    titles: int


class Explainer:
    """Finds reasons; keeps the sentences of recently shown documents.

    Safe to share between threads.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._cache: OrderedDict[tuple[str, str], SplitText] = OrderedDict()
        self._words: dict[str, FloatArray] = {}
        self._lock = Lock()

    def split(self, documents: Sequence[Document]) -> list[SplitText]:
        """Cut documents into sentences and encode those not seen lately in one batch."""
        found: dict[tuple[str, str], SplitText] = {}
        fresh: list[tuple[tuple[str, str], list[str]]] = []
        with self._lock:
            for document in documents:
                place = (document.title, document.text)
                if place in self._cache:
                    self._cache.move_to_end(place)
                    found[place] = self._cache[place]
                else:
                    fresh.append((place, _sentences_of(document)))
        self._encode(fresh, found)
        return [found[document.title, document.text] for document in documents]

    def _encode(
        self,
        fresh: list[tuple[tuple[str, str], list[str]]],
        found: dict[tuple[str, str], SplitText],
    ) -> None:
        vectors = self._encoder.encode_documents([s for _, own in fresh for s in own])
        start = 0
        with self._lock:
            for place, own in fresh:
                split = SplitText(
                    tuple(own),
                    vectors[start : start + len(own)],
                    tuple(dict(surface_words(sentence)) for sentence in own),
                    len(sentences(place[0])),
                )
                start += len(own)
                found[place] = self._cache[place] = split
            while len(self._cache) > _CACHED_DOCUMENTS:
                self._cache.popitem(last=False)

    def explain(self, query: SplitText, candidate: SplitText) -> list[Reason]:
        """Return up to MOST_REASONS pairs of sentences, each sentence used once."""
        if not query.sentences or not candidate.sentences:
            return []
        cosines = query.vectors @ candidate.vectors.T
        scores = cosines + WORD_WEIGHT * _overlap(query, candidate)
        if len(candidate.sentences) > candidate.titles:
            scores[:, : candidate.titles] *= TITLE_WEIGHT
        reasons: list[Reason] = []
        best = 0.0
        while len(reasons) < MOST_REASONS:
            place = np.unravel_index(int(scores.argmax()), scores.shape)
            one, other = int(place[0]), int(place[1])
            score = float(scores[one, other])
            if score < LEAST_SCORE or (reasons and score < best * LEAST_SHARE):
                break
            best = max(best, score)
            shared = self._shared(query.words[one], candidate.words[other])
            similarity = float(cosines[one, other])
            reasons.append(
                _reason(query.sentences[one], candidate.sentences[other], shared, similarity)
            )
            scores[one, :] = scores[:, other] = -1
        return reasons

    def _shared(self, own: dict[str, str], other: dict[str, str]) -> tuple[str, ...]:
        """Return the words of both sentences, then pairs that mean the same across languages."""
        # A character by itself (加, 大) mostly says nothing of a subject.
        same = [shown for word, shown in own.items() if word in other and len(word) > 1]
        chinese = [word for word in own if not word.isascii()]
        latin = [word for word in other if word.isascii() and len(word) > 2]
        if not chinese or not latin:
            chinese, latin = (
                [w for w in own if w.isascii() and len(w) > 2],
                [w for w in other if not w.isascii()],
            )
        left, right = [own[w] for w in chinese], [other[w] for w in latin]
        return (*same, *self._translations(left, right))

    def _translations(self, left: list[str], right: list[str]) -> list[str]:
        """Return pairs of words that are each other's nearest in meaning, nearest first."""
        if not left or not right:
            return []
        cosines = self._word_vectors(left) @ self._word_vectors(right).T
        pairs = []
        for i, j in enumerate(cosines.argmax(axis=1).tolist()):
            if cosines[i, j] >= TRANSLATION and int(cosines[:, j].argmax()) == i:
                pairs.append((float(cosines[i, j]), f"{left[i]} = {right[j]}"))
        return [pair for _, pair in sorted(pairs, reverse=True)[:MOST_TRANSLATIONS]]

    def _word_vectors(self, wanted: list[str]) -> FloatArray:
        """Return the vectors of single words, remembered between calls."""
        with self._lock:
            fresh = [word for word in dict.fromkeys(wanted) if word not in self._words]
        if fresh:
            vectors = self._encoder.encode_documents(fresh)
            with self._lock:
                if len(self._words) > _CACHED_WORDS:
                    self._words.clear()
                self._words.update(zip(fresh, vectors, strict=True))
        with self._lock:
            known = [self._words.get(word) for word in wanted]
        if any(vector is None for vector in known):  # cleared by another thread meanwhile
            return self._encoder.encode_documents(wanted)
        return np.array(known, dtype=np.float32)


def _sentences_of(document: Document) -> list[str]:
    found = sentences(document.title) + sentences(document.text)
    return list(dict.fromkeys(found))[:MOST_SENTENCES]


def _overlap(query: SplitText, candidate: SplitText) -> FloatArray:
    """Share of the shorter sentence's words that the other has, shape (q, c).

    Long words count more, since they say more: each by the root of its length.
    """
    found = np.zeros((len(query.words), len(candidate.words)), dtype=np.float32)
    masses = [_mass(words) for words in candidate.words]
    for i, own in enumerate(query.words):
        mass = _mass(own)
        for j, other in enumerate(candidate.words):
            shared = own.keys() & other.keys()
            if shared:
                found[i, j] = _mass(shared) / max(min(mass, masses[j]), 4.0)
    return np.minimum(found, 1.0)


def _mass(words: dict[str, str] | set[str]) -> float:
    return float(sum(len(word) ** 0.5 for word in words))


def _reason(own: str, other: str, shared: tuple[str, ...], similarity: float) -> Reason:
    return Reason(
        query_sentence=own,
        candidate_sentence=other,
        query_language=detect_language(own),
        candidate_language=detect_language(other),
        shared=shared,
        similarity=similarity,
    )
