"""The read side: views of an index in Milvus, as ``matching.protocols`` has them.

Milvus keeps no state of the past, so a view is the newest one at each call: what is withdrawn
while an answer is made may be missing from it, never come back in it. What is read once for all
answers (how many documents there are, what any text of the index is like) is kept by the keeper.
Knows neither ranking nor how the rows came there.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from matching.asking import Asked, LexicalQuery, Size, weigh_words
from matching.columns import BoolArray, IntArray
from matching.dense import FloatArray
from matching.documents import LANGUAGES, Document, Language, Where
from matching.errors import IndexNeedsRebuild
from matching.lexical import NOTHING, RUN_BOOST, LexicalHits
from matching.milvus.connection import (
    MOST_PARTS,
    MOST_VERSIONS,
    Build,
    Meta,
    Place,
    connect,
    current_build,
    read_meta,
    rows_by_id,
)
from matching.milvus.expressions import expression
from matching.milvus.weights import GRAMS, dimension, rounded, saturated
from matching.results import IndexState
from matching.snapshot import BACKGROUND_ROWS, LEXICAL_BACKGROUND

log = logging.getLogger("matching")

DRAWS: Final = 2**31
"""Every document has drawn a number below this: a range of it is a fair sample."""

LOOK_SECONDS: Final = 0.5
"""So long a view is handed out again before the keeper looks for news."""

STIRRED: Final = 0.02
"""The sample of any texts is drawn anew when so large a share of the documents came or went."""

MOST_FOUND: Final = 16_384
"""Milvus returns no more at once."""


class MilvusView:
    """The newest state of a build. Safe to share between threads.

    Args:
        client: of pymilvus.
        build: the collections.
        meta: what the build said of itself when the view was made.
        older: a view of the same build whose sample of any texts will do; None to draw anew.
    """

    def __init__(
        self,
        client: Any,
        build: Build,
        meta: Meta,
        older: MilvusView | None = None,
    ) -> None:
        self._client = client
        self.build = build
        self.meta = meta
        self._frequencies: dict[int, Mapping[str, Any]] = {}
        self.sample: Mapping[Language, tuple[IntArray, FloatArray]] = (
            self._drawn() if older is None else older.sample
        )
        self.drawn_at: int = meta.touched if older is None else older.drawn_at

    @property
    def documents_by_language(self) -> dict[Language, int]:
        """Number of documents of each language that has any."""
        counts = self.meta.documents
        return {language: counts[language] for language in LANGUAGES if counts.get(language)}

    @property
    def background(self) -> dict[Language, FloatArray]:
        """Vectors of documents drawn from each language."""
        return {language: vectors for language, (_, vectors) in self.sample.items()}

    @cached_property
    def background_serials(self) -> dict[Language, IntArray]:
        """Rows of a part of the same documents."""
        found: dict[Language, IntArray] = {}
        for language, (rows, _) in self.sample.items():
            step = max(1, len(rows) // LEXICAL_BACKGROUND)
            found[language] = rows[::step][:LEXICAL_BACKGROUND]
        return found

    def _drawn(self) -> dict[Language, tuple[IntArray, FloatArray]]:
        found: dict[Language, tuple[IntArray, FloatArray]] = {}
        for language, count in self.documents_by_language.items():
            below = min(DRAWS, int(DRAWS * 1.2 * BACKGROUND_ROWS / count) + 1)
            rows = self._client.query(
                self.build.documents,
                filter=f"language == {LANGUAGES.index(language)} and draw < {below}",
                output_fields=["id", "vector"],
                limit=BACKGROUND_ROWS,
            )
            numbers = np.array([row["id"] for row in rows], dtype=np.int64)
            vectors = np.array([row["vector"] for row in rows], dtype=np.float32)
            order = np.argsort(numbers)
            found[language] = numbers[order], vectors.reshape(len(rows), -1)[order]
        return found

    def mask(self, where: Where) -> Where:
        """Return the filter itself; Milvus applies it."""
        return where

    def includes(self, rows: IntArray, where: Where) -> BoolArray:
        """Return which rows a filter does not exclude by organisation or key."""
        kept = np.ones(len(rows), dtype=np.bool_)
        if where.organisation_not:
            kept &= ~np.isin(self.column("organisation", rows), where.organisation_not)
        if where.keys_not:
            kept &= ~np.isin(self.column("key", rows), list(where.keys_not))
        return kept

    def nearest(
        self, queries: FloatArray, k: int, masks: Where
    ) -> list[tuple[IntArray, FloatArray]]:
        """Return for each query the rows and inner products of its k nearest, nearest first."""
        wanted = expression(masks)
        if wanted is None or not k:
            empty = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
            return [empty] * len(queries)
        found = self._client.search(
            self.build.documents,
            data=list(np.ascontiguousarray(queries, dtype=np.float32)),
            anns_field="vector",
            filter=wanted,
            limit=min(k, MOST_FOUND),
            output_fields=["id"],
            search_params={"metric_type": "IP"},
        )
        return [_hits(own) for own in found]

    def worded(self, query: LexicalQuery, language: Language, k: int, where: Where) -> LexicalHits:
        """Return the k best documents of one language by words, of those that are admitted."""
        return self._by_words(query, language, k, expression(replace(where, languages=(language,))))

    def scored(self, query: LexicalQuery, language: Language, among: Sequence[int]) -> LexicalHits:
        """Score these rows by words, without a filter; those without a word are left out."""
        one = f"language == {LANGUAGES.index(language)} and id in {sorted(among)}"
        return self._by_words(query, language, len(among), one if among else None)

    def masses(self, query: LexicalQuery, language: Language) -> Mapping[str, float]:
        """Return what each word of a query tells in a language."""
        return self._weigh(query, language).masses

    def _by_words(
        self, query: LexicalQuery, language: Language, k: int, wanted: str | None
    ) -> LexicalHits:
        asked = self._weigh(query, language)
        told = replace(
            NOTHING,
            known=asked.known,
            rendered=asked.rendered,
            best=asked.best,
            masses=asked.masses,
        )
        weights = self._sparse(asked, language)
        if not weights:
            return NOTHING
        if wanted is None or not k:
            return told
        found = self._client.search(
            self.build.documents,
            data=[weights],
            anns_field="words",
            filter=wanted,
            limit=min(k, MOST_FOUND),
            output_fields=["id"],
            search_params={"metric_type": "IP"},
        )
        rows, scores = _hits(found[0])
        if language == "zh" and query.runs and len(rows):
            scores = scores + self._run_scores(query.runs, rows)
            order = np.argsort(-scores, kind="stable")
            rows, scores = rows[order], scores[order]
        return replace(told, serials=rows, scores=scores)

    def _sparse(self, asked: Asked, language: Language) -> dict[int, float]:
        found: dict[int, float] = {}
        for field, factors in ((language, asked.words), (GRAMS, asked.grams)):
            for word, factor in factors:
                rarity = self._size(language).idf(self._count(field, word))
                found[dimension(field, word)] = factor * rarity
        return found

    def _run_scores(self, runs: Sequence[str], rows: IntArray) -> FloatArray:
        """Return what documents get that hold all neighbouring pairs of a run, shape (n,)."""
        found = np.zeros(len(rows), dtype=np.float32)
        read = rows_by_id(self._client, self.build.documents, rows.tolist(), ["words", "grams"])
        mean = self.meta.lengths.grams
        self._know([dimension(GRAMS, pair) for run in runs for pair in _pairs(run)])
        for run in runs:
            pairs = {dimension(GRAMS, pair): self._count(GRAMS, pair) for pair in _pairs(run)}
            rarity = sum(self._size("zh").idf(count) for count in pairs.values())
            for place, row in enumerate(rows.tolist()):
                if row in read and pairs.keys() <= read[row]["words"].keys():
                    length = rounded(int(read[row]["grams"]))
                    found[place] += RUN_BOOST * rarity * saturated(1, length, mean)
        return found

    def _weigh(self, query: LexicalQuery, language: Language) -> Asked:
        """Choose what is asked; first find out which words' frequencies that takes."""
        wanted: list[int] = []

        def note(field: str, word: str) -> int:
            wanted.append(dimension(field, word))
            return 0

        self._weighed(query, language, note)
        self._know(wanted)
        return self._weighed(query, language, self._count)

    def _weighed(
        self, query: LexicalQuery, language: Language, count: Callable[[str, str], int]
    ) -> Asked:
        return weigh_words(
            query,
            language,
            self._size(language),
            word_frequency=lambda word: count(language, word),
            gram_frequency=lambda pair: count(GRAMS, pair),
        )

    def _size(self, language: Language) -> Size:
        counts = self.documents_by_language
        return Size(max(counts.get(language, 0), 1), sum(counts.values()))

    def _know(self, wanted: Sequence[int]) -> None:
        """Read in how many documents words stand, those that are not known yet."""
        new = [one for one in dict.fromkeys(wanted) if one not in self._frequencies]
        if new:
            found = rows_by_id(self._client, self.build.words, new, ["zh", "en"])
            self._frequencies.update({one: found.get(one, _UNKNOWN) for one in new})

    def _count(self, field: str, word: str) -> int:
        row = self._frequencies.get(dimension(field, word), _UNKNOWN)
        return int(row["zh"]) + int(row["en"])

    def rows_of_serials(self, serials: IntArray) -> IntArray:
        """Serials are rows here."""
        return serials

    def column(self, name: str, rows: IntArray) -> IntArray:
        """Return one number of every row; -1 where the row has gone."""
        if name == "key":
            return rows // MOST_VERSIONS
        if name == "serial":
            return rows
        read = rows_by_id(self._client, self.build.documents, rows.tolist(), [name])
        found = [int(read[row][name]) if row in read else -1 for row in rows.tolist()]
        return np.array(found, dtype=np.int64)

    def cosines(self, query: FloatArray, rows: IntArray) -> FloatArray:
        """Return the exact cosines of one query, shape (d,), with the given rows."""
        found: FloatArray = self.vectors(rows) @ query
        return found

    def vectors(self, rows: IntArray) -> FloatArray:
        """Return the vectors of the rows, float32 (len(rows), d); zeros for one that has gone."""
        read = rows_by_id(self._client, self.build.documents, rows.tolist(), ["vector"])
        found = np.zeros((len(rows), self.meta.dimensions), dtype=np.float32)
        for place, row in enumerate(rows.tolist()):
            if row in read:
                found[place] = read[row]["vector"]
        return found

    def documents(self, rows: Sequence[int]) -> dict[int, Document]:
        """Read documents by row, at once; what has gone meanwhile is left out."""
        found: dict[int, Document] = {}
        waiting = dict.fromkeys(rows, "")
        for part in range(MOST_PARTS):
            ids = [row * MOST_PARTS + part for row in waiting]
            read = rows_by_id(self._client, self.build.texts, ids, ["part"]) if ids else {}
            for row in list(waiting):
                text = str(read.get(row * MOST_PARTS + part, {}).get("part", ""))
                waiting[row] += text[1:]
                if not text.startswith(MORE):
                    record = waiting.pop(row)
                    if text:
                        found[row] = Document.from_record(json.loads(record))
            if not waiting:
                break
        return found

    def state(self) -> IndexState:
        """Return the figures of status pages; Milvus does not tell bytes."""
        return IndexState(
            generation=self.build.documents,
            encoder=self.meta.encoder,
            documents=sum(self.documents_by_language.values()),
            listings=self.meta.listings,
            pending=0,
            bytes=0,
        )


MORE: Final = "+"
LAST: Final = "."
"""The first character of a part of a text tells whether another part follows."""

_UNKNOWN: Final[Mapping[str, Any]] = {"zh": 0, "en": 0}


def _pairs(run: str) -> list[str]:
    return sorted({run[i : i + 2] for i in range(len(run) - 1)})


def _hits(found: Sequence[Mapping[str, Any]]) -> tuple[IntArray, FloatArray]:
    rows = np.array([hit["id"] for hit in found], dtype=np.int64)
    return rows, np.array([hit["distance"] for hit in found], dtype=np.float32)


class MilvusKeeper:
    """Hands out the newest view of an index and follows its writer.

    Where a new build is of another encoder, the build before it goes on serving.

    Safe to share between threads; news is looked for every LOOK_SECONDS at most.

    Args:
        place: of the index.
        encoder: id that the vectors must be of; None to accept any.
        look_seconds: how long a view is handed out again before news is looked for.

    Raises:
        MilvusUnavailable: pymilvus is not installed, or nobody answers.
    """

    def __init__(
        self, place: Place, encoder: str | None, *, look_seconds: float = LOOK_SECONDS
    ) -> None:
        self._client = connect(place)
        self._place = place
        self._encoder = encoder
        self._look_seconds = look_seconds
        self._lock = threading.Lock()
        self._view: MilvusView | None = None
        self._looked = 0.0

    def get(self) -> MilvusView:
        """Return the newest view.

        Raises:
            IndexMissing, IndexNeedsRebuild: there is nothing that can be read.
        """
        with self._lock:
            now = time.monotonic()
            if self._view is None or now - self._looked >= self._look_seconds:
                try:
                    self._view = self._newest(self._view)
                except IndexNeedsRebuild as error:
                    if self._view is None:
                        raise
                    # Another model's build, most likely: the one before it is still there.
                    log.warning("the last build that can be read stays in use: %s", error)
                self._looked = now
            return self._view

    def _newest(self, old: MilvusView | None) -> MilvusView:
        build = current_build(self._client, self._place)
        meta = read_meta(self._client, build, self._encoder, self._place.name)
        if old is None or old.build != build:
            return MilvusView(self._client, build, meta)
        if old.meta == meta:
            return old
        stirred = meta.touched - old.drawn_at > STIRRED * sum(meta.documents.values())
        return MilvusView(self._client, build, meta, None if stirred else old)

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()
