"""One consistent view of the index: the mapped generation and what came since, as rows.

Rows are numbered through: first the generation's, then those of the journal. A snapshot
never changes; a ``SnapshotKeeper`` makes the next one when the writer has written. Knows
nothing of ranking or reasons.
"""

from __future__ import annotations

import json
import mmap
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from matching import store
from matching.columns import BoolArray, Columns, ColumnsBuilder, IntArray, load_columns
from matching.dense import DenseIndex, FloatArray
from matching.documents import LANGUAGES, Document, Language, Where
from matching.errors import IndexNeedsRebuild
from matching.journal import Entry, JournalReader
from matching.lexical import LexicalReader
from matching.results import IndexState

BACKGROUND_ROWS: Final = 600
"""Documents per language that stand for 'any text of this index' when scores are judged."""

LEXICAL_BACKGROUND: Final = 200
"""The same for the words, where looking costs more."""


class Generation:
    """The mapped files of one build.

    Args:
        path: the generation's folder.
        encoder: id that the vectors must be of; None to accept any.

    Raises:
        IndexNeedsRebuild: the files cannot be used.
    """

    def __init__(self, path: Path, encoder: str | None) -> None:
        self.path = path
        self.meta = store.read_meta(path, encoder)
        clusters = path / store.CLUSTERS
        try:
            self.columns = load_columns(path / store.COLUMNS)
            self.dense = DenseIndex(path / store.VECTORS, clusters if clusters.exists() else None)
            self.lexical = LexicalReader(path / store.WORDS)
            self._documents = _map(path / store.DOCUMENTS)
        except (OSError, ValueError, RuntimeError) as error:
            raise IndexNeedsRebuild("damaged", str(error), path.parent) from error
        if not self.columns.count == self.dense.count == self.meta.documents:
            raise IndexNeedsRebuild("damaged", "rows and vectors differ in number", path.parent)
        self._by_key = np.argsort(self.columns.values["key"], kind="stable")
        self._sorted_keys = self.columns.values["key"][self._by_key]

    def rows_of(self, keys: Iterable[int]) -> IntArray:
        """Return the rows of these listings, dead ones included."""
        wanted = np.fromiter(keys, np.int64)
        low = np.searchsorted(self._sorted_keys, wanted, "left")
        high = np.searchsorted(self._sorted_keys, wanted, "right")
        spans = [self._by_key[a:b] for a, b in zip(low, high, strict=True) if b > a]
        return np.concatenate(spans) if spans else np.empty(0, dtype=np.int64)

    def document(self, row: int) -> Document:
        """Read one document."""
        start = int(self.columns.values["offset"][row])
        end = start + int(self.columns.values["length"][row])
        return Document.from_record(json.loads(self._documents[start:end]))


def _map(path: Path) -> mmap.mmap | bytes:
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


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

    def mask(self, where: Where) -> tuple[BoolArray, BoolArray]:
        """Return which rows of the generation and of the journal are alive and admitted."""
        if where.is_open:
            return self.alive_base, self.alive_live
        return (
            self.base.mask(where) & self.alive_base,
            self.live.mask(where) & self.alive_live,
        )

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
        found[in_base] = self.generation.dense.vectors[rows[in_base]]
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
                place = np.searchsorted(columns.values["serial"], serials)
                place[place == columns.count] = 0
                hit = (columns.values["serial"][place] == serials) & alive[place]
                rows[hit] = place[hit] + start
        return rows

    def document(self, row: int) -> Document:
        """Return one document by row."""
        if row < self.base.count:
            return self.generation.document(row)
        return self.live_documents[row - self.base.count]

    def live_rows(self) -> IntArray:
        """Return all rows that count, ascending."""
        return np.concatenate(
            [np.flatnonzero(self.alive_base), np.flatnonzero(self.alive_live) + self.base.count]
        )

    @cached_property
    def _background_rows(self) -> dict[Language, IntArray]:
        rows = self.live_rows()
        languages = self.column("language", rows)
        found: dict[Language, IntArray] = {}
        for number, language in enumerate(LANGUAGES):
            own = rows[languages == number]
            if len(own):
                step = max(1, len(own) // BACKGROUND_ROWS)
                found[language] = own[::step][:BACKGROUND_ROWS]
        return found

    @cached_property
    def documents_by_language(self) -> dict[Language, int]:
        """Number of live documents of each language that has any."""
        counts = np.bincount(self.column("language", self.live_rows()), minlength=len(LANGUAGES))
        return {
            language: int(count) for language, count in zip(LANGUAGES, counts, strict=True) if count
        }

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


class SnapshotKeeper:
    """Holds the newest snapshot of a folder and follows the writer.

    Safe to share between threads. Looking for news costs three ``stat`` calls.

    Args:
        folder: the index folder.
        encoder: id that the vectors must be of; None to accept any.
    """

    def __init__(self, folder: Path, encoder: str | None) -> None:
        self._folder = folder
        self._encoder = encoder
        self._lock = threading.Lock()
        self._pointer: tuple[int, int] | None = None
        self._snapshot: Snapshot | None = None

    def get(self) -> Snapshot:
        """Return the newest snapshot.

        Raises:
            IndexMissing, IndexNeedsRebuild: there is nothing that can be read.
        """
        with self._lock:
            pointer = store.pointer_stamp(self._folder)
            if self._snapshot is None or pointer != self._pointer:
                self._snapshot, self._pointer = self._open(pointer)
            elif self._journal.has_news():
                self._snapshot = self._follow()
            self._snapshot.generation.lexical.reload()
            return self._snapshot

    def _open(self, pointer: tuple[int, int] | None) -> tuple[Snapshot, tuple[int, int] | None]:
        """Open the current generation; also return the pointer's stamp that it belongs to."""
        try:
            generation = Generation(store.current_generation(self._folder), self._encoder)
        except IndexNeedsRebuild:
            # The writer may have moved on, and cleaned up, while we were opening.
            if (moved := store.pointer_stamp(self._folder)) == pointer:
                raise
            pointer = moved
            generation = Generation(store.current_generation(self._folder), self._encoder)
        self._journal = JournalReader(generation.path / store.JOURNAL)
        self._live = _Live(generation.meta.dimensions)
        self._alive_base = np.ones(generation.columns.count, dtype=np.bool_)
        self._generation = generation
        return self._follow(), pointer

    def _follow(self) -> Snapshot:
        """Take in the journal's new records and make the next snapshot."""
        replaced: list[int] = []
        live = self._live
        for entry in self._journal.read():
            replaced += entry.keys
            for key in entry.keys:
                live.dead.update(live.rows_by_key.pop(key, ()))
            _append(live, entry)
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
