"""One consistent view of the index: the mapped generation and what came since, as rows.

Rows are numbered through: first the generation's, then those of the journal. A snapshot
never changes; a ``SnapshotKeeper`` makes the next one when the writer has written. Knows
nothing of ranking or reasons.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from matching import store
from matching.asking import LexicalQuery
from matching.columns import BoolArray, Columns, ColumnsBuilder, IntArray
from matching.dense import FloatArray
from matching.documents import LANGUAGES, Document, Language, Where
from matching.errors import IndexNeedsRebuild
from matching.generation import Generation
from matching.journal import Entry, JournalReader
from matching.lexical import LexicalHits
from matching.masks import Filters, Masks, holds
from matching.results import IndexState

log = logging.getLogger("matching")

OPENINGS: Final = 10
"""So often an opening is tried again where the writer moves on, and cleans up, meanwhile."""

BACKGROUND_ROWS: Final = 600
"""Documents per language that stand for 'any text of this index' when scores are judged."""

LEXICAL_BACKGROUND: Final = 200
"""The same for the words, where looking costs more."""

POST_FILTERED: Final = 30_000
WIDE: Final = 0.3
"""A filter that leaves so many documents of a language, and this share, is applied to what
the words find; any other goes along with the words."""

SPARE: Final = 1.2
"""So many times more are asked for than the filter's share would call for."""


class _Live:
    """Rows that came by the journal; only grows."""

    def __init__(self, dimensions: int) -> None:
        self.builder = ColumnsBuilder()
        self.documents: list[Document] = []
        self.rows_by_key: dict[int, list[int]] = {}
        self.dead: set[int] = set()
        self._vectors = np.empty((64, dimensions), dtype=np.float32)

    def append(self, document: Document, serial: int, vector: FloatArray) -> None:
        row = len(self.documents)
        if row == len(self._vectors):
            self._vectors = np.concatenate([self._vectors, np.empty_like(self._vectors)])
        self._vectors[row] = vector
        self.builder.append(document, serial=serial, offset=0, length=0)
        self.documents.append(document)
        self.rows_by_key.setdefault(document.key, []).append(row)

    def vectors(self) -> FloatArray:
        return self._vectors[: len(self.documents)]


@dataclass(frozen=True)
class Snapshot:
    """What readers search. Rows from 0 to ``base.count`` are the generation's.

    Attributes:
        generation: the mapped build.
        live: columns of the journal's rows.
        live_vectors: float32 (live.count, dimensions).
        live_documents: the journal's documents by live row; may be longer than live.count.
        alive_base, alive_live: which rows still count.
        pending: records in the journal.
    """

    generation: Generation
    live: Columns
    live_vectors: FloatArray
    live_documents: Sequence[Document]
    alive_base: BoolArray
    alive_live: BoolArray
    pending: int

    @property
    def base(self) -> Columns:
        """The generation's columns."""
        return self.generation.columns

    @cached_property
    def count(self) -> int:
        """Number of live documents."""
        return int(np.count_nonzero(self.alive_base)) + int(np.count_nonzero(self.alive_live))

    def mask(self, where: Where) -> Masks:
        """Return which rows of the generation and of the journal are alive and admitted.

        The arrays are shared between callers: copy before changing them.
        """
        return self._filters.masks(where)

    @cached_property
    def _filters(self) -> Filters:
        alive = self.alive_base, self.alive_live
        return Filters((self.base, self.live), alive, self.generation.rows_of)

    def includes(self, rows: IntArray, where: Where) -> BoolArray:
        """Return which rows a filter does not exclude by organisation or key."""
        kept = np.ones(len(rows), dtype=np.bool_)
        if where.organisation_not:
            kept &= ~np.isin(self.column("organisation", rows), where.organisation_not)
        if where.keys_not:
            kept &= ~np.isin(self.column("key", rows), list(where.keys_not))
        return kept

    def worded(self, query: LexicalQuery, language: Language, k: int, where: Where) -> LexicalHits:
        """Return the k best documents of one language by words, of those that are admitted.

        Among many documents a filter that leaves a good part of them is applied afterwards:
        without it the words need not be looked up in most documents at all.

        Args:
            query: the cut text.
            language: which documents.
            k: how many at most.
            where: the filter, of this language alone.
        """
        lexical = self.generation.lexical
        masks = self.mask(where)
        left = int(np.count_nonzero(masks[0])) + int(np.count_nonzero(masks[1]))
        share = left / max(self.documents_by_language.get(language, 0), 1)
        if left < POST_FILTERED or share < WIDE:
            return lexical.search(query, language, k, where)
        wanted = int(k / share * SPARE) + k
        hits = lexical.search(query, language, wanted, None)
        kept = np.flatnonzero(holds(masks, self.rows_of_serials(hits.serials)))[:k]
        if len(kept) < k and len(hits.serials) == wanted:
            return lexical.search(query, language, k, where)
        return replace(hits, serials=hits.serials[kept], scores=hits.scores[kept])

    def scored(self, query: LexicalQuery, language: Language, among: Sequence[int]) -> LexicalHits:
        """Score these serials by words, without a filter; those without a word are left out."""
        lexical = self.generation.lexical
        return lexical.search(query, language, len(among), Where(), among=among)

    def masses(self, query: LexicalQuery, language: Language) -> Mapping[str, float]:
        """Return what each word of a query tells in a language."""
        return self.generation.lexical.masses(query, language)

    def nearest(
        self, queries: FloatArray, k: int, masks: tuple[BoolArray, BoolArray]
    ) -> list[tuple[IntArray, FloatArray]]:
        """Return for each query the rows and cosines of its k nearest, nearest first."""
        found = self.generation.dense.search(queries, k, masks[0])
        live_rows = np.flatnonzero(masks[1])
        if not len(live_rows):
            return found
        live_scores = queries @ self.live_vectors[live_rows].T
        merged = []
        for (rows, scores), fresh in zip(found, live_scores, strict=True):
            all_rows = np.concatenate([rows, live_rows + self.base.count])
            all_scores = np.concatenate([scores, fresh])
            order = np.argsort(-all_scores, kind="stable")[:k]
            merged.append((all_rows[order], all_scores[order]))
        return merged

    def cosines(self, query: FloatArray, rows: IntArray) -> FloatArray:
        """Return the exact cosines of one query, shape (d,), with the given rows."""
        return self.vectors(rows) @ query

    def vectors(self, rows: IntArray) -> FloatArray:
        """Return the vectors of the given rows, float32 (len(rows), d)."""
        found = np.empty((len(rows), self.generation.dense.dimensions), dtype=np.float32)
        in_base = rows < self.base.count
        found[in_base] = self.generation.dense.vectors(rows[in_base])
        found[~in_base] = self.live_vectors[rows[~in_base] - self.base.count]
        return found

    def column(self, name: str, rows: IntArray) -> IntArray:
        """Return one number column at the given rows."""
        found = np.empty(len(rows), dtype=np.int64)
        in_base = rows < self.base.count
        found[in_base] = self.base.values[name][rows[in_base]]
        found[~in_base] = self.live.values[name][rows[~in_base] - self.base.count]
        return found

    def rows_of_serials(self, serials: IntArray) -> IntArray:
        """Return the live row of each serial, -1 where it is gone or not known yet."""
        rows = np.full(len(serials), -1, dtype=np.int64)
        for columns, alive, start in (
            (self.base, self.alive_base, 0),
            (self.live, self.alive_live, self.base.count),
        ):
            if columns.count:
                place = _places(columns.values["serial"], serials)
                hit = (columns.values["serial"][place] == serials) & alive[place]
                rows[hit] = place[hit] + start
        return rows

    def document(self, row: int) -> Document:
        """Return one document by row."""
        if row < self.base.count:
            return self.generation.document(row)
        return self.live_documents[row - self.base.count]

    def documents(self, rows: Sequence[int]) -> dict[int, Document]:
        """Return several documents by row."""
        return {row: self.document(row) for row in rows}

    def live_rows(self) -> IntArray:
        """Return all rows that count, ascending."""
        return np.concatenate(
            [np.flatnonzero(self.alive_base), np.flatnonzero(self.alive_live) + self.base.count]
        )

    def _rows_in(self, language: Language) -> IntArray:
        """Return the rows of one language that count, ascending."""
        number = LANGUAGES.index(language)
        base = (self.base.values["language"] == number) & self.alive_base
        live = (self.live.values["language"] == number) & self.alive_live
        return np.concatenate([np.flatnonzero(base), np.flatnonzero(live) + self.base.count])

    @cached_property
    def _background_rows(self) -> dict[Language, IntArray]:
        found: dict[Language, IntArray] = {}
        for language in self.documents_by_language:
            own = self._rows_in(language)
            step = max(1, len(own) // BACKGROUND_ROWS)
            found[language] = own[::step][:BACKGROUND_ROWS]
        return found

    @cached_property
    def documents_by_language(self) -> dict[Language, int]:
        """Number of live documents of each language that has any."""
        found: dict[Language, int] = {}
        for language in LANGUAGES:
            masks = self.mask(Where(languages=(language,)))
            if count := sum(int(np.count_nonzero(mask)) for mask in masks):
                found[language] = count
        return found

    @cached_property
    def background(self) -> dict[Language, FloatArray]:
        """Vectors of documents drawn evenly from each language, at most BACKGROUND_ROWS."""
        return {language: self.vectors(rows) for language, rows in self._background_rows.items()}

    @cached_property
    def background_serials(self) -> dict[Language, IntArray]:
        """Serials of a part of the same documents, at most LEXICAL_BACKGROUND."""
        found: dict[Language, IntArray] = {}
        for language, rows in self._background_rows.items():
            step = max(1, len(rows) // LEXICAL_BACKGROUND)
            part = rows[::step][:LEXICAL_BACKGROUND]
            found[language] = self.column("serial", part)
        return found

    def state(self) -> IndexState:
        """Return the figures of status pages."""
        keys = self.column("key", self.live_rows())
        return IndexState(
            generation=self.generation.path.name,
            encoder=self.generation.meta.encoder,
            documents=self.count,
            listings=len(np.unique(keys)),
            pending=self.pending,
            bytes=store.bytes_used(self.generation.path),
        )


def _places(ascending: IntArray, serials: IntArray) -> IntArray:
    """Return where in the column each serial stands, if it does; any place if not."""
    # a build from nothing numbers its rows through, and then there is nothing to look for
    place = np.minimum(serials, len(ascending) - 1)
    if len(place) and np.array_equal(ascending[place], serials):
        return place
    place = np.searchsorted(ascending, serials)
    place[place == len(ascending)] = 0
    return place


class SnapshotKeeper:
    """Holds the newest snapshot of a folder and follows the writer.

    Safe to share between threads. Looking for news costs reading two small files and a ``stat``.

    Args:
        folder: the index folder.
        encoder: id that the vectors must be of; None to accept any.
        holding: keep the last good snapshot where what CURRENT names is damaged or of another
            encoder, until CURRENT changes again; for readers, never for the writer.
    """

    def __init__(self, folder: Path, encoder: str | None, *, holding: bool = False) -> None:
        self._folder = folder
        self._encoder = encoder
        self._holding = holding
        self._lock = threading.Lock()
        self._pointer: bytes | None = None
        self._snapshot: Snapshot | None = None
        self._held = False

    def get(self) -> Snapshot:
        """Return the newest snapshot.

        Raises:
            IndexMissing, IndexNeedsRebuild: there is nothing that can be read.
        """
        with self._lock:
            pointer = store.pointer_stamp(self._folder)
            if self._snapshot is not None and pointer == self._pointer:
                if not self._held:
                    self._look(self._snapshot)
                return self._snapshot
            try:
                self._snapshot, self._pointer = self._open(pointer)
                self._held = False
            except IndexNeedsRebuild as error:
                if self._snapshot is None or not self._holding:
                    raise
                self._hold(pointer, error)
            return self._snapshot

    def _look(self, snapshot: Snapshot) -> None:
        """Take in what the writer has committed since."""
        if self._journal.has_news():
            try:
                self._snapshot = self._follow()
            except IndexNeedsRebuild as error:
                self._pointer = None
                if not self._holding:
                    raise
                self._hold(store.pointer_stamp(self._folder), error)
        snapshot.generation.lexical.reload()

    def _hold(self, pointer: bytes | None, error: IndexNeedsRebuild) -> None:
        """Stay with what there is, and say so once."""
        self._pointer, self._held = pointer, True
        log.warning("the last state that can be read stays in use: %s", error)

    def _open(self, pointer: bytes | None) -> tuple[Snapshot, bytes | None]:
        """Open the current generation; also return the pointer's stamp that it belongs to."""
        for turn in range(OPENINGS):
            try:
                generation = Generation(store.current_generation(self._folder), self._encoder)
                break
            except IndexNeedsRebuild:
                # The writer may have moved on, and cleaned up, while we were opening.
                if (moved := store.pointer_stamp(self._folder)) == pointer or turn == OPENINGS - 1:
                    raise
                pointer = moved
        self._journal = JournalReader(generation.path / store.JOURNAL)
        self._live = _Live(generation.meta.dimensions)
        self._alive_base = np.ones(generation.columns.count, dtype=np.bool_)
        self._generation = generation
        return self._follow(), pointer

    def _follow(self) -> Snapshot:
        """Take in the journal's new records and make the next snapshot."""
        replaced: list[int] = []
        live = self._live
        try:
            for entry in self._journal.read():
                replaced += entry.keys
                for key in entry.keys:
                    live.dead.update(live.rows_by_key.pop(key, ()))
                _append(live, entry)
        except (OSError, ValueError, TypeError, KeyError) as error:
            # A sound record of another index's form: whatever follows it cannot be told.
            raise IndexNeedsRebuild(
                "damaged", f"{store.JOURNAL}: {error!r}", self._folder
            ) from error
        # Older snapshots keep their own array.
        self._alive_base = self._alive_base.copy()
        self._alive_base[self._generation.rows_of(replaced)] = False
        view = live.builder.view()
        alive_live = np.ones(view.count, dtype=np.bool_)
        alive_live[list(live.dead)] = False
        return Snapshot(
            generation=self._generation,
            live=view,
            live_vectors=live.vectors(),
            live_documents=live.documents,
            alive_base=self._alive_base,
            alive_live=alive_live,
            pending=self._journal.records,
        )

    @property
    def journal_end(self) -> int:
        """Where the last whole record of the journal ends, for the writer."""
        return self._journal.offset


def _append(live: _Live, entry: Entry) -> None:
    for document, serial, vector in zip(entry.documents, entry.serials, entry.vectors, strict=True):
        live.append(document, serial, vector)
