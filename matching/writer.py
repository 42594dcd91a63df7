"""The write side of the index: one writer per folder, held by a lock file.

The writer is fed by whoever owns the database. It loses nothing that the database cannot
give again, whenever it is killed: a commit first makes the journal durable (from which
readers and the next writer take what is new), then the words; a build becomes visible by
one rename, when it is whole.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from matching import store
from matching.build import GenerationBuilder
from matching.columns import IntArray
from matching.dense import FloatArray
from matching.documents import Document
from matching.encoder import Encoder
from matching.errors import IndexMissing, IndexNeedsRebuild, opening
from matching.generation import Generation
from matching.journal import Entry, JournalWriter
from matching.lexical import BUILD_HEAP, LexicalWriter, copy_index
from matching.preparing import BATCH, batches, encode, prepared
from matching.results import IndexState
from matching.snapshot import Snapshot, SnapshotKeeper

COMMIT_EVERY: Final = 4_000
"""Documents after which ``add`` commits by itself, to bound memory in a bulk import."""

FOLD_AT: Final = 5_000
FOLD_SHARE: Final = 4
FOLD_MOST: Final = 50_000
"""The journal is folded in when it has FOLD_AT records and a FOLD_SHARE-th of the build, and at
FOLD_MOST whatever the build's size: every reader keeps the journal's texts in memory of its own."""

Progress = Callable[[int], None]
VectorsOf = Callable[[list[Document]], FloatArray]


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
        self._cut = False
        self._files = ExitStack()
        self._encoding = ThreadPoolExecutor(1, thread_name_prefix="encoding")
        self._lock = store.WriterLock(folder)
        try:
            if store.pointer_stamp(folder) is None:
                if not create:
                    raise IndexMissing(folder)
                _build(encoder, folder, iter(()), None)
            self._open()
        except BaseException:
            with suppress(Exception):
                self._files.close()
            self._lock.release()
            raise

    def _open(self) -> None:
        """Open the current generation for writing; finish what a killed writer left."""
        self._spoilt = False
        self._keeper = SnapshotKeeper(self._folder, self._encoder.id)
        snapshot = self._keeper.get()
        generation = snapshot.generation.path
        self._open_files(generation)
        self._waiting: list[Entry] = []
        live = snapshot.live.values["serial"]
        self._serial = int(live.max()) + 1 if len(live) else snapshot.generation.meta.next_serial
        if snapshot.pending:
            with opening(self._folder, store.WORDS):
                self._repeat(snapshot)
        store.remove_stale(self._folder, {generation})

    def _open_files(self, generation: Path) -> None:
        self._journal = JournalWriter(generation / store.JOURNAL, self._keeper.journal_end)
        self._files.callback(self._journal.close)
        with opening(self._folder, store.WORDS):
            self._lexical = LexicalWriter(generation / store.WORDS)
        self._files.callback(self._lexical.close)

    def _roll_back(self) -> None:
        """Forget what was not committed; words that cannot even do that are opened anew later."""
        self._waiting.clear()
        try:
            self._lexical.rollback()
        except (OSError, ValueError, RuntimeError):
            self._spoilt = True

    def _recover(self) -> None:
        """Begin anew with the words after they failed; the journal tells what they lack."""
        if self._spoilt:
            with suppress(Exception):
                self._files.close()
            self._open()

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
        self._recover()
        count = 0
        for batch in batches(documents):
            try:
                self._put(batch)
            except BaseException:
                # words without their vectors must never be committed
                self._roll_back()
                raise
            count += len(batch)
            if sum(len(entry.documents) for entry in self._waiting) >= COMMIT_EVERY:
                self.commit()
        return count

    def _put(self, batch: list[Document]) -> None:
        """Cut the words of a batch while its vectors are made on the other core."""
        vectors = self._encoding.submit(encode, self._encoder, batch)
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
        self._recover()
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
            # A reader may have seen the first records of what is cut off again.
            self._cut = True
            self._roll_back()
            raise
        if self._cut:
            store.switch_to(self._keeper.get().generation.path)
            self._cut = False
        try:
            self._lexical.commit()
        except BaseException:
            self._spoilt = True
            raise
        snapshot = self._keeper.get()
        if snapshot.pending >= max(FOLD_AT, min(snapshot.base.count // FOLD_SHARE, FOLD_MOST)):
            self.fold()

    def fold(self) -> None:
        """Write a new generation with the journal folded in, and move readers to it.

        Raises:
            OSError: the disk is full or failing; the index stays as it was.
        """
        self.commit()
        snapshot = self._keeper.get()
        self._write_anew(snapshot, self._encoder, lambda rows, _: snapshot.vectors(rows))

    def move_to(self, encoder: Encoder, vectors_of: VectorsOf) -> IndexState:
        """Write a new generation with the vectors of another encoder, and move readers to it.

        The words are taken over as they are. From here on the writer is of that encoder.

        Args:
            encoder: whose vectors they are.
            vectors_of: makes the vectors of some documents, float32 (n, encoder.dimensions).

        Raises:
            OSError: the disk is full or failing; the index stays as it was.
        """
        self.commit()
        snapshot = self._keeper.get()
        self._write_anew(snapshot, encoder, lambda _, documents: vectors_of(documents))
        return self.state()

    def _write_anew(
        self,
        snapshot: Snapshot,
        encoder: Encoder,
        vectors_of: Callable[[IntArray, list[Document]], FloatArray],
    ) -> None:
        """Write what is alive as a new generation, switch to it, and go on from there."""
        self._files.close()
        old = snapshot.generation.path
        generation = store.new_generation(self._folder)
        builder = GenerationBuilder(generation, encoder=encoder.id, dimensions=encoder.dimensions)
        try:
            rows = snapshot.live_rows()
            for start in range(0, len(rows), BATCH):
                part = rows[start : start + BATCH]
                documents = [snapshot.document(int(row)) for row in part]
                serials = snapshot.column("serial", part).tolist()
                builder.add(documents, serials, vectors_of(part, documents))
            copy_index(old / store.WORDS, generation / store.WORDS)
            _switch_to_sound(builder, generation, self._serial)
        except BaseException:
            builder.abandon()
            shutil.rmtree(generation, ignore_errors=True)
            self._reopen(keep={old})
            raise
        self._encoder = encoder
        self._keeper = SnapshotKeeper(self._folder, encoder.id)
        self._reopen(keep={old, generation})

    def _reopen(self, keep: set[Path]) -> None:
        snapshot = self._keeper.get()
        current = snapshot.generation.path
        self._open_files(current)
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
            keep = store.kept_for_readers(folder)
            generation = _build(encoder, folder, iter(documents), progress)
            store.remove_stale(folder, {generation, *keep})
        return SnapshotKeeper(folder, encoder.id).get().state()

    def replace_all(
        self, documents: Iterable[Document], *, progress: Progress | None = None
    ) -> IndexState:
        """Do what ``rebuild`` does, by the writer that is open; readers see old, then new."""
        self.commit()
        old = self._keeper.get().generation.path
        self._files.close()
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
        with ExitStack() as last:
            last.callback(self._lock.release)
            last.callback(self._encoding.shutdown)
            last.callback(self._files.close)
            self.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _switch_to_sound(builder: GenerationBuilder, generation: Path, next_serial: int) -> None:
    """Finish a generation, see that it can be read, and only then move readers to it.

    Not every library says that the disk was full when it wrote.

    Raises:
        OSError: what was written cannot be read.
    """
    meta = builder.finish(next_serial)
    try:
        Generation(generation, meta.encoder)
    except IndexNeedsRebuild as error:
        raise OSError(errno.EIO, f"the new index cannot be read: {error.detail}") from error
    store.switch_to(generation)


def _build(
    encoder: Encoder, folder: Path, documents: Iterator[Document], progress: Progress | None
) -> Path:
    """Write a generation from nothing and switch to it; returns its folder."""
    generation = store.new_generation(folder)
    builder = GenerationBuilder(generation, encoder=encoder.id, dimensions=encoder.dimensions)
    try:
        lexical = LexicalWriter(generation / store.WORDS, BUILD_HEAP)
        # closed at once, should anything fail: it may hold processes
        with closing(prepared(encoder, documents)) as ready:
            for batch in ready:
                serials = range(len(builder), len(builder) + len(batch.documents))
                for document, serial, text in zip(
                    batch.documents, serials, batch.texts, strict=True
                ):
                    lexical.add(document, serial, text)
                builder.add(batch.documents, serials, batch.vectors, batch.records)
                if progress is not None:
                    progress(len(builder))
        lexical.close()
        _switch_to_sound(builder, generation, len(builder))
    except BaseException:
        builder.abandon()
        shutil.rmtree(generation, ignore_errors=True)
        raise
    return generation
