"""Candidates of one query from both indexes, with comparable relevance. No reading of texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np

from matching.columns import IntArray
from matching.dense import FloatArray
from matching.documents import LANGUAGES, Language, Where
from matching.encoder import Encoder
from matching.fusion import FusionWeights, relevance, weigh
from matching.lexical import NOTHING, LexicalHits, LexicalQuery
from matching.snapshot import Snapshot

POOL: Final = 200
"""Candidates that each side proposes for each language, unless more are asked for."""


BACKGROUND_FILE: Final = Path(__file__).with_name("background.json")
"""Texts of many subjects in both languages: what unrelated means where an index is small."""

_LEAST_BEST: Final = 1e-6


class Mode(StrEnum):
    """Which sides are asked; all but HYBRID are for evaluation."""

    HYBRID = "hybrid"
    DENSE = "dense"
    LEXICAL = "lexical"


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked, in the form both indexes take.

    Attributes:
        vector: float32 (d,), unit length, or zeros where the encoder knows no word.
        words: the cut text.
    """

    vector: FloatArray
    words: LexicalQuery


@dataclass(frozen=True, slots=True)
class Candidate:
    """One document that was found.

    Attributes:
        row: of the snapshot.
        key: the listing.
        language: of the document.
        relevance: calibrated, 0 to 1.
        cosine: with the query.
        share: of what a document with every known word of the query would score, what its
            words score, 0 to 1.
    """

    row: int
    key: int
    language: Language
    relevance: float
    cosine: float
    share: float


class Retriever:
    """Asks both indexes and weighs what they say. Safe to share between threads.

    Args:
        encoder: of the index.
        weights: constants of the fusion.
        mode: which sides are asked; the others are for evaluation.
    """

    def __init__(self, encoder: Encoder, weights: FusionWeights, mode: Mode = Mode.HYBRID) -> None:
        self._encoder = encoder
        self._weights = weights
        self._mode = mode
        texts = json.loads(BACKGROUND_FILE.read_text(encoding="utf-8"))
        self._reference = {
            language: encoder.encode_documents(texts[language]) for language in LANGUAGES
        }

    def queries(self, texts: Sequence[str]) -> list[Query]:
        """Bring texts into the form both indexes take, encoding them in one batch."""
        vectors = self._encoder.encode_queries(texts)
        return [
            Query(vector, LexicalQuery.of(text))
            for text, vector in zip(texts, vectors, strict=True)
        ]

    def candidates(self, snapshot: Snapshot, query: Query, k: int, where: Where) -> list[Candidate]:
        """Return the best documents of all languages, best first; some k of each language."""
        found: list[Candidate] = []
        for language in snapshot.documents_by_language:
            if where.languages is None or language in where.languages:
                own = replace(where, languages=(language,))
                found += self._of_language(snapshot, query, max(k, POOL), own, language)
        found.sort(key=lambda candidate: (-candidate.relevance, candidate.key))
        return found

    def _of_language(
        self, snapshot: Snapshot, query: Query, k: int, where: Where, language: Language
    ) -> list[Candidate]:
        near: IntArray = np.empty(0, dtype=np.int64)
        if self._mode is not Mode.LEXICAL and np.any(query.vector):
            ((near, _),) = snapshot.nearest(query.vector[None, :], k, snapshot.mask(where))
        hits = NOTHING
        if self._mode is not Mode.DENSE:
            hits = snapshot.generation.lexical.search(query.words, language, k, where)
        worded = snapshot.rows_of_serials(hits.serials)
        rows = np.union1d(near, worded[worded >= 0])
        if not len(rows):
            return []
        scores = np.zeros(len(rows), dtype=np.float32)
        live = worded >= 0
        scores[np.searchsorted(rows, worded[live])] = hits.scores[live]
        chance = _rescore(snapshot, query, language, np.setdiff1d(near, worded), rows, scores, hits)
        cosines = snapshot.cosines(query.vector, rows)
        value = self._value(snapshot, query, language, hits, cosines, scores, chance)
        keys = snapshot.column("key", rows)
        shares = np.minimum(scores / max(hits.best, _LEAST_BEST), 1.0)
        return [
            Candidate(int(row), int(key), language, float(v), float(cosine), float(share))
            for row, key, v, cosine, share in zip(rows, keys, value, cosines, shares, strict=True)
        ]

    def _value(
        self,
        snapshot: Snapshot,
        query: Query,
        language: Language,
        hits: LexicalHits,
        cosines: FloatArray,
        scores: FloatArray,
        chance: FloatArray,
    ) -> FloatArray:
        if self._mode is Mode.LEXICAL:
            return (scores / (1 + scores)).astype(np.float32)
        if self._mode is Mode.DENSE:
            return ((1 + cosines) / 2).astype(np.float32)
        background = np.concatenate(
            [
                snapshot.background[language] @ query.vector,
                self._reference[language] @ query.vector,
            ]
        )
        evidence = weigh(
            cosines,
            background,
            scores,
            chance,
            known=hits.known,
            best=hits.best,
            documents=snapshot.documents_by_language[language],
            weights=self._weights,
        )
        return relevance(evidence, self._weights)


def best_by_key(found: Iterable[Candidate]) -> dict[int, list[Candidate]]:
    """Group candidates by listing, keeping the order; each group's first is its best."""
    groups: dict[int, list[Candidate]] = {}
    for candidate in found:
        groups.setdefault(candidate.key, []).append(candidate)
    return groups


def _rescore(
    snapshot: Snapshot,
    query: Query,
    language: Language,
    missing: IntArray,
    rows: IntArray,
    scores: FloatArray,
    hits: LexicalHits,
) -> FloatArray:
    """Ask the words once more, for what they did not propose.

    Fills in ``scores`` of the ``missing`` rows, which only the vectors proposed, and returns
    the BM25 sums of documents that stand for any text of the language.
    """
    anything = snapshot.background_serials[language]
    if not len(hits.serials):
        return np.zeros(len(anything), dtype=np.float32)
    wanted = snapshot.column("serial", missing)
    among = np.union1d(wanted, anything)
    found = snapshot.generation.lexical.search(
        query.words, language, len(among), Where(), among=among.tolist()
    )
    sums = np.zeros(len(among), dtype=np.float32)
    sums[np.searchsorted(among, found.serials)] = found.scores
    scores[np.searchsorted(rows, missing)] = sums[np.searchsorted(among, wanted)]
    return sums[np.searchsorted(among, anything)]
