"""The write side of the index: one writer per folder, held by a lock file.

The writer is fed by whoever owns the database. It loses nothing that the database cannot
give again, whenever it is killed: a commit first makes the journal durable (from which
readers and the next writer take what is new), then the words; a build becomes visible by
one rename, when it is whole.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from matching import store
from matching.build import GenerationBuilder
from matching.dense import FloatArray
from matching.documents import Document
from matching.encoder import Encoder
from matching.errors import IndexMissing
from matching.journal import Entry, JournalWriter
from matching.lexical import LexicalWriter, copy_index
from matching.results import IndexState
from matching.snapshot import Snapshot, SnapshotKeeper

BATCH: Final = 1_000
"""Documents that are encoded at once."""

COMMIT_EVERY: Final = 4_000
"""Documents after which ``add`` commits by itself, to bound memory in a bulk import."""

FOLD_AT: Final = 5_000
FOLD_SHARE: Final = 4
"""The journal is folded in when it has FOLD_AT records and a FOLD_SHARE-th of the build."""

Progress = Callable[[int], None]


class IndexWriter:
    """Adds, replaces and removes documents; a context manager.

    Args:
        encoder: makes the vectors.
        folder: the index folder; made if absent.
        create: build an empty index if there is none.

    Raises:
        IndexLocked: another process (or object) is the writer.
        IndexMissing: nothing there and ``create`` is False.
        IndexNeedsRebuild: what is there cannot be used; call ``IndexWriter.rebuild``.
    """

    def __init__(self, encoder: Encoder, folder: Path, *, create: bool = True) -> None:
        self._encoder = encoder
        self._folder = folder
        self._closed = False
        self._encoding = ThreadPoolExecutor(1, thread_name_prefix="encoding")
        self._lock = store.WriterLock(folder)
        try:
            if store.pointer_stamp(folder) is None:
                if not create:
                    raise IndexMissing(folder)
                _build(encoder, folder, iter(()), None)
            self._open()
        except BaseException:
            self._lock.release()
            raise

    def _open(self) -> None:
        """Open the current generation for writing; finish what a killed writer left."""
        self._keeper = SnapshotKeeper(self._folder, self._encoder.id)
        snapshot = self._keeper.get()
        generation = snapshot.generation.path
        self._journal = JournalWriter(generation / store.JOURNAL, self._keeper.journal_end)
        self._lexical = LexicalWriter(generation / store.WORDS)
        self._waiting: list[Entry] = []
        live = snapshot.live.values["serial"]
        self._serial = int(live.max()) + 1 if len(live) else snapshot.generation.meta.next_serial
        if snapshot.pending:
            self._repeat(snapshot)
        store.remove_stale(self._folder, {generation})

    def _repeat(self, snapshot: Snapshot) -> None:
        """Give the words everything of the journal again; doing it twice changes nothing."""
        gone = {int(key) for key in snapshot.live.values["key"]}
        dead = np.flatnonzero(~snapshot.alive_base)
        gone.update(int(key) for key in snapshot.column("key", dead))
        self._lexical.remove(gone)
        for row in np.flatnonzero(snapshot.alive_live).tolist():
            serial = int(snapshot.live.values["serial"][row])
            self._lexical.add(snapshot.live_documents[row], serial)
        self._lexical.commit()

    def add(self, documents: Iterable[Document]) -> int:
        """Add or replace documents; returns how many.

        All documents of a listing must come next to each other in the same call: what the
        index held under their key is replaced as a whole. Findable everywhere after
        ``commit``; a long import commits by itself now and then. If it fails, nothing since
        the last commit counts, and the writer can go on.
        """
        count = 0
        for batch in _batches(documents):
            try:
                self._put(batch)
            except BaseException:
                # words without their vectors must never be committed
                self._waiting.clear()
                self._lexical.rollback()
                raise
            count += len(batch)
            if sum(len(entry.documents) for entry in self._waiting) >= COMMIT_EVERY:
                self.commit()
        return count

    def _put(self, batch: list[Document]) -> None:
        """Cut the words of a batch while its vectors are made on the other core."""
        vectors = self._encoding.submit(_encode, self._encoder, batch)
        placed = []
        for key, group in groupby(batch, key=lambda document: document.key):
            own = tuple(group)
            serials = tuple(range(self._serial, self._serial + len(own)))
            self._serial += len(own)
            self._lexical.remove((key,))
            for document, serial in zip(own, serials, strict=True):
                self._lexical.add(document, serial)
            placed.append((key, own, serials))
        start = 0
        for key, own, serials in placed:
            made = vectors.result()[start : start + len(own)]
            self._waiting.append(Entry((key,), own, serials, made))
            start += len(own)

    def remove(self, keys: Iterable[int]) -> int:
        """Remove listings in all their languages; returns how many keys were given."""
        gone = tuple(dict.fromkeys(keys))
        if gone:
            nothing = np.empty((0, 0), dtype=np.float32)
            self._waiting.append(Entry(gone, (), (), nothing))
            self._lexical.remove(gone)
        return len(gone)

    def commit(self) -> None:
        """Make everything since the last commit durable and findable by all processes.

        Folds the journal in by itself when it has grown large.

        Raises:
            OSError: the disk is full or failing; nothing since the last commit counts, and
                the writer can go on.
        """
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        try:
            self._journal.append(waiting)
        except OSError:
            self._lexical.rollback()
            raise
        self._lexical.commit()
        snapshot = self._keeper.get()
        if snapshot.pending >= max(FOLD_AT, snapshot.base.count // FOLD_SHARE):
            self.fold()

    def fold(self) -> None:
        """Write a new generation with the journal folded in, and move readers to it.

        Raises:
            OSError: the disk is full or failing; the index stays as it was.
        """
        self.commit()
        snapshot = self._keeper.get()
        self._journal.close()
        self._lexical.close()
        old = snapshot.generation.path
        generation = store.new_generation(self._folder)
        try:
            builder = GenerationBuilder(
                generation, encoder=self._encoder.id, dimensions=self._encoder.dimensions
            )
            rows = snapshot.live_rows()
            for start in range(0, len(rows), BATCH):
                part = rows[start : start + BATCH]
                documents = [snapshot.document(int(row)) for row in part]
                serials = snapshot.column("serial", part).tolist()
                builder.add(documents, serials, snapshot.vectors(part))
            copy_index(old / store.WORDS, generation / store.WORDS)
            builder.finish(self._serial)
            store.switch_to(generation)
        except BaseException:
            shutil.rmtree(generation, ignore_errors=True)
            self._reopen(keep={old})
            raise
        self._reopen(keep={old, generation})

    def _reopen(self, keep: set[Path]) -> None:
        snapshot = self._keeper.get()
        current = snapshot.generation.path
        self._journal = JournalWriter(current / store.JOURNAL, self._keeper.journal_end)
        self._lexical = LexicalWriter(current / store.WORDS)
        # The generation before stays: a reader may be between the pointer and its files.
        store.remove_stale(self._folder, keep)

    @classmethod
    def rebuild(
        cls,
        encoder: Encoder,
        folder: Path,
        documents: Iterable[Document],
        *,
        progress: Progress | None = None,
    ) -> IndexState:
        """Build a new generation from nothing and move readers to it.

        Works whatever the folder holds. ``progress`` gets the number of documents so far.

        Raises:
            IndexLocked: another process is the writer; its ``replace_all`` does the same.
        """
        with store.WriterLock(folder):
            generation = _build(encoder, folder, iter(documents), progress)
            store.remove_stale(folder, {generation})
        return SnapshotKeeper(folder, encoder.id).get().state()

    def replace_all(
        self, documents: Iterable[Document], *, progress: Progress | None = None
    ) -> IndexState:
        """Do what ``rebuild`` does, by the writer that is open; readers see old, then new."""
        self.commit()
        old = self._keeper.get().generation.path
        self._journal.close()
        self._lexical.close()
        try:
            _build(self._encoder, self._folder, iter(documents), progress)
        finally:
            snapshot = self._keeper.get()
            self._reopen(keep={old, snapshot.generation.path})
        self._serial = snapshot.generation.meta.next_serial
        return snapshot.state()

    def versions(self) -> Mapping[int, int]:
        """Return key -> search version of every live listing, for the sweeper."""
        snapshot = self._keeper.get()
        rows = snapshot.live_rows()
        keys = snapshot.column("key", rows).tolist()
        return dict(zip(keys, snapshot.column("version", rows).tolist(), strict=True))

    def state(self) -> IndexState:
        """Return what the index holds now, without what is not committed."""
        return self._keeper.get().state()

    def close(self) -> None:
        """Commit and let the lock go; harmless when repeated."""
        if self._closed:
            return
        self._closed = True
        try:
            self.commit()
            self._journal.close()
            self._lexical.close()
        finally:
            self._encoding.shutdown()
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _build(
    encoder: Encoder, folder: Path, documents: Iterator[Document], progress: Progress | None
) -> Path:
    """Write a generation from nothing and switch to it; returns its folder."""
    generation = store.new_generation(folder)
    builder = GenerationBuilder(generation, encoder=encoder.id, dimensions=encoder.dimensions)
    try:
        lexical = LexicalWriter(generation / store.WORDS)
        with ThreadPoolExecutor(1, thread_name_prefix="encoding") as encoding:
            for batch in _batches(documents):
                vectors = encoding.submit(_encode, encoder, batch)
                serials = list(range(len(builder), len(builder) + len(batch)))
                for document, serial in zip(batch, serials, strict=True):
                    lexical.add(document, serial)
                builder.add(batch, serials, vectors.result())
                if progress is not None:
                    progress(len(builder))
        lexical.close()
        builder.finish(len(builder))
        store.switch_to(generation)
    except BaseException:
        builder.abandon()
        shutil.rmtree(generation, ignore_errors=True)
        raise
    return generation


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Cut a stream into batches that never part the documents of one listing."""
    batch: list[Document] = []
    for _, group in groupby(documents, key=lambda document: document.key):
        batch += group
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _encode(encoder: Encoder, documents: list[Document]) -> FloatArray:
    return encoder.encode_documents([document.full_text for document in documents])
