"""Candidates of one query from both indexes, with comparable relevance. No reading of texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np

from matching.asking import LexicalQuery
from matching.columns import IntArray
from matching.dense import FloatArray
from matching.documents import LANGUAGES, Language, Where
from matching.encoder import Encoder, finite
from matching.fusion import Evidence, FusionWeights, relevance, weigh
from matching.lexical import NOTHING, LexicalHits
from matching.protocols import View

POOL: Final = 200
"""Candidates that each side proposes for each language, unless more are asked for."""

SIDE_BY_SIDE: Final = 100_000
"""From so many documents on the languages are asked side by side: both indexes work outside the
interpreter, and a thread costs a tenth of a millisecond."""

_EXCLUDED: Final = 50
"""So many more are looked up at once than are wanted: room for what each query excludes."""

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
        near: rows that the vectors propose, by language, where they were looked up for many
            queries at once (``Retriever.looked_up``); None to look them up.
    """

    vector: FloatArray
    words: LexicalQuery
    near: Mapping[Language, IntArray] | None = None


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


@dataclass(frozen=True, slots=True)
class Pool:
    """What both sides propose of one language for one query, and say of it; before weighing.

    Attributes:
        language: of the documents.
        rows, keys: of the snapshot and of the listings, shape (n,).
        cosines: with the query, (n,).
        background: cosines of the query with texts that stand for any text, (m,).
        scores: BM25 sums, (n,).
        chance: BM25 sums of documents that stand for any, (b,).
        known, rendered: shares of the query's weight on words known here as they stand, and by
            translation only.
        best: BM25 sum of a document with every word that was asked.
        documents: how many the language has in the index.
        masses: what each word of the query tells in this language.
    """

    language: Language
    rows: IntArray
    keys: IntArray
    cosines: FloatArray
    background: FloatArray
    scores: FloatArray
    chance: FloatArray
    known: float
    rendered: float
    best: float
    documents: int
    masses: Mapping[str, float]

    def evidence(self, weights: FusionWeights) -> Evidence:
        """Bring the scores into evidence."""
        return weigh(
            self.cosines,
            self.background,
            self.scores,
            self.chance,
            known=self.known,
            rendered=self.rendered,
            best=self.best,
            documents=self.documents,
            weights=weights,
        )

    def shares(self, weights: FusionWeights) -> FloatArray:
        """Return what part of the query's weight each document's words have, (n,), 0 to 1.

        A word that is met in translation counts for as much as the weights trust translations.
        """
        whole = self.known + self.rendered
        trust = (self.known + weights.rendered * self.rendered) / whole if whole else 0.0
        found: FloatArray = np.minimum(self.scores / max(self.best, _LEAST_BEST), 1.0) * trust
        return found.astype(np.float32)


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
            language: finite(encoder.encode_documents(texts[language])) for language in LANGUAGES
        }

    def queries(self, texts: Sequence[str]) -> list[Query]:
        """Bring texts into the form both indexes take, encoding them in one batch."""
        vectors = finite(self._encoder.encode_queries(texts))
        return [
            Query(vector, LexicalQuery.of(text))
            for text, vector in zip(texts, vectors, strict=True)
        ]

    def looked_up(
        self, snapshot: View, queries: Sequence[Query], k: int, wheres: Sequence[Where]
    ) -> list[Query]:
        """Return the queries with what the vectors propose, looked up all at once.

        Args:
            snapshot: what to search.
            queries: with a filter each.
            k: as for ``candidates``.
            wheres: filters that differ in what they exclude (``organisation_not`` and
                ``keys_not``) and in nothing else.
        """
        if self._mode is Mode.LEXICAL or not queries:
            return list(queries)
        vectors = np.array([query.vector for query in queries], dtype=np.float32)
        near: list[dict[Language, IntArray] | None] = [{} for _ in queries]
        shared = replace(wheres[0], organisation_not=(), keys_not=frozenset())
        wanted = max(k, POOL)
        for language in self._languages(snapshot, shared):
            masks = snapshot.mask(replace(shared, languages=(language,)))
            found = snapshot.nearest(vectors, wanted + _EXCLUDED, masks)
            for place, (rows, _) in enumerate(found):
                kept = rows[snapshot.includes(rows, wheres[place])][:wanted]
                own = near[place]
                if own is not None:
                    own[language] = kept
                if len(kept) < wanted and len(rows) == wanted + _EXCLUDED:
                    near[place] = None  # more were excluded than expected: look again, alone
        for place, query in enumerate(queries):
            if not np.any(query.vector):
                near[place] = {}
        return [replace(query, near=own) for query, own in zip(queries, near, strict=True)]

    def candidates(self, snapshot: View, query: Query, k: int, where: Where) -> list[Candidate]:
        """Return the best documents of all languages, best first; some k of each language."""
        found: list[Candidate] = []
        for pool in self.pools(snapshot, query, k, where):
            values = self._value(pool)
            shares = pool.shares(self._weights)
            found += [
                Candidate(row, key, pool.language, value, cosine, share)
                for row, key, value, cosine, share in zip(
                    pool.rows.tolist(),
                    pool.keys.tolist(),
                    values.tolist(),
                    pool.cosines.tolist(),
                    shares.tolist(),
                    strict=True,
                )
            ]
        found.sort(key=lambda candidate: (-candidate.relevance, candidate.key))
        return found

    def measured(
        self, snapshot: View, query: Query, k: int, where: Where
    ) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return keys, relevances and shares of what ``candidates`` gives, (n,) each, unordered."""
        pools = self.pools(snapshot, query, k, where)
        if not pools:
            nothing: FloatArray = np.empty(0, dtype=np.float32)
            return np.empty(0, dtype=np.int64), nothing, nothing
        return (
            np.concatenate([pool.keys for pool in pools]),
            np.concatenate([self._value(pool) for pool in pools]),
            np.concatenate([pool.shares(self._weights) for pool in pools]),
        )

    def pools(self, snapshot: View, query: Query, k: int, where: Where) -> list[Pool]:
        """Return what both sides propose and say, language by language; empty ones left out."""

        def look(language: Language) -> Pool:
            own = replace(where, languages=(language,))
            return self._pool(snapshot, query, max(k, POOL), own, language)

        languages = self._languages(snapshot, where)
        if len(languages) > 1 and sum(snapshot.documents_by_language.values()) >= SIDE_BY_SIDE:
            # Started for this query alone: threads that are kept would not live through a fork.
            with ThreadPoolExecutor(len(languages) - 1) as beside:
                rest = [beside.submit(look, language) for language in languages[1:]]
                found = [look(languages[0]), *(each.result() for each in rest)]
        else:
            found = [look(language) for language in languages]
        return [pool for pool in found if len(pool.rows)]

    @staticmethod
    def _languages(snapshot: View, where: Where) -> list[Language]:
        wanted = LANGUAGES if where.languages is None else where.languages
        return [language for language in snapshot.documents_by_language if language in wanted]

    def _pool(self, snapshot: View, query: Query, k: int, where: Where, language: Language) -> Pool:
        near: IntArray = np.empty(0, dtype=np.int64)
        if query.near is not None:
            near = query.near.get(language, near)
        elif self._mode is not Mode.LEXICAL and np.any(query.vector):
            ((near, _),) = snapshot.nearest(query.vector[None, :], k, snapshot.mask(where))
        hits = NOTHING
        if self._mode is not Mode.DENSE:
            hits = snapshot.worded(query.words, language, k, where)
        worded = snapshot.rows_of_serials(hits.serials)
        live = worded >= 0
        rows = np.union1d(near, worded[live])
        scores = np.zeros(len(rows), dtype=np.float32)
        scores[np.searchsorted(rows, worded[live])] = hits.scores[live]
        chance = _rescore(snapshot, query, language, np.setdiff1d(near, worded), rows, scores, hits)
        return Pool(
            language=language,
            rows=rows,
            keys=snapshot.column("key", rows),
            cosines=snapshot.cosines(query.vector, rows),
            background=np.concatenate(
                [
                    snapshot.background[language] @ query.vector,
                    self._reference[language] @ query.vector,
                ]
            ),
            scores=scores,
            chance=chance,
            known=hits.known,
            rendered=hits.rendered,
            best=hits.best,
            documents=snapshot.documents_by_language[language],
            masses=hits.masses,
        )

    def _value(self, pool: Pool) -> FloatArray:
        if self._mode is Mode.LEXICAL:
            return (pool.scores / (1 + pool.scores)).astype(np.float32)
        if self._mode is Mode.DENSE:
            return ((1 + pool.cosines) / 2).astype(np.float32)
        return relevance(pool.evidence(self._weights), self._weights)


def best_by_key(found: Iterable[Candidate]) -> dict[int, list[Candidate]]:
    """Group candidates by listing, keeping the order; each group's first is its best."""
    groups: dict[int, list[Candidate]] = {}
    for candidate in found:
        groups.setdefault(candidate.key, []).append(candidate)
    return groups


def _rescore(
    snapshot: View,
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
    found = snapshot.scored(query.words, language, among.tolist())
    sums = np.zeros(len(among), dtype=np.float32)
    sums[np.searchsorted(among, found.serials)] = found.scores
    scores[np.searchsorted(rows, missing)] = sums[np.searchsorted(among, wanted)]
    return sums[np.searchsorted(among, anything)]
