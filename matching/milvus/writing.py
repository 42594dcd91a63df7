"""The write side: one writer feeds the collections of an index in Milvus.

Milvus has no transaction over collections. So a commit writes in an order in which whatever is
found can also be read (texts, then documents; the other way round for what goes), everything by
numbers that follow from the listing's key, and marks the index while it is at it: the next writer
finds the mark of one that was killed and counts the words anew. What the database's owner brings a
second time replaces itself. That there is one writer is the caller's care; Milvus knows no lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from types import TracebackType
from typing import Final, Self

from matching.documents import Document
from matching.encoder import Encoder
from matching.errors import IndexMissing
from matching.milvus.build import built
from matching.milvus.connection import Place, connect, current_build, read_meta
from matching.milvus.reading import MilvusView
from matching.milvus.rows import Ready, counted, lengths_of, parts_of, ready_of
from matching.milvus.steps import (
    add_counts,
    all_rows,
    delete,
    delete_texts,
    recount,
    rows_of,
    totals,
    write,
    write_meta,
)
from matching.protocols import Progress
from matching.results import IndexState

COMMIT_EVERY: Final = 4_000
"""Documents after which ``add`` commits by itself."""


class MilvusWriter:
    """Adds, replaces and removes documents; a context manager.

    Args:
        encoder: makes the vectors.
        place: of the index.
        create_missing: make an empty index if there is none.

    Raises:
        MilvusUnavailable: pymilvus is not installed, or nobody answers.
        IndexMissing: nothing there and ``create_missing`` is False.
        IndexNeedsRebuild: what is there cannot be used; call ``MilvusWriter.rebuild``.
    """

    def __init__(self, encoder: Encoder, place: Place, *, create_missing: bool = True) -> None:
        self._encoder = encoder
        self._place = place
        self._client = connect(place)
        self._closed = False
        self._broken = False
        self._waiting: dict[int, list[Ready]] = {}
        try:
            self._open(create_missing=create_missing)
        except BaseException:
            self._client.close()
            raise

    def _open(self, *, create_missing: bool) -> None:
        try:
            self._build = current_build(self._client, self._place)
        except IndexMissing:
            if not create_missing:
                raise
            self._build = built(self._client, self._place, self._encoder, iter(()), None)
        self._meta = read_meta(self._client, self._build, self._encoder.id, self._place.name)
        if self._meta.dirty:
            recount(self._client, self._build)
            self._tell(touched=0)

    def add(self, documents: Iterable[Document]) -> int:
        """Add or replace documents, those of a listing next to each other; return how many.

        Findable after ``commit``; a long import commits by itself now and then.

        Raises:
            ValueError: a key below zero or too large, or a listing of more than eight documents.
        """
        count = 0
        for ready in ready_of(self._encoder, documents):
            for key, group in groupby(ready, key=lambda one: one.document.key):
                self._waiting[key] = list(group)
            count += len(ready)
            if sum(map(len, self._waiting.values())) >= COMMIT_EVERY:
                self.commit()
        return count

    def remove(self, keys: Iterable[int]) -> int:
        """Remove listings in all their languages; returns how many keys were given."""
        gone = list(dict.fromkeys(keys))
        for key in gone:
            self._waiting[key] = []
        return len(gone)

    def commit(self) -> None:
        """Make everything since the last commit durable and findable by all.

        What fails may be committed again: the same rows are written once more.

        Raises:
            MilvusUnavailable: the server refused or is gone.
        """
        if not self._waiting:
            return
        ready = [one for group in self._waiting.values() for one in group]
        again, self._broken = self._broken, True
        if not self._meta.documents:
            self._meta = replace(self._meta, lengths=lengths_of(ready))
        write_meta(self._client, self._build, replace(self._meta, dirty=True))
        old = rows_of(self._client, self._build, list(self._waiting))
        counts = write(self._client, self._build, ready, self._meta.lengths)
        stale = sorted(old.keys() - {one.row for one in ready})
        delete(self._client, self._build, stale)
        kept = {one.row: parts_of(one) for one in ready if one.row in old}
        delete_texts(self._client, self._build, kept)
        if again:
            recount(self._client, self._build)
        else:
            counts.subtract(counted(old.values()))
            add_counts(self._client, self._build, counts)
        self._tell(touched=len(ready) + len(stale))
        self._waiting.clear()
        self._broken = False

    def _tell(self, *, touched: int) -> None:
        """Write what the index holds now, and that it is whole."""
        self._meta = replace(
            self._meta,
            revision=self._meta.revision + 1,
            touched=self._meta.touched + touched,
            dirty=False,
            **totals(self._client, self._build),
        )
        write_meta(self._client, self._build, self._meta)

    @classmethod
    def rebuild(
        cls,
        encoder: Encoder,
        place: Place,
        documents: Iterable[Document],
        *,
        progress: Progress | None = None,
    ) -> IndexState:
        """Build anew from nothing and move readers over, whatever was there."""
        client = connect(place)
        try:
            build = built(client, place, encoder, iter(documents), progress)
            meta = read_meta(client, build, encoder.id, place.name)
            return MilvusView(client, build, meta).state()
        finally:
            client.close()

    def replace_all(
        self, documents: Iterable[Document], *, progress: Progress | None = None
    ) -> IndexState:
        """Do what ``rebuild`` does, by the writer that is open; readers see old, then new."""
        self.commit()
        self._build = built(self._client, self._place, self._encoder, iter(documents), progress)
        self._meta = read_meta(self._client, self._build, self._encoder.id, self._place.name)
        return self.state()

    def versions(self) -> Mapping[int, int]:
        """Return key -> search version of every listing, for the sweeper."""
        return {
            int(row["key"]): int(row["version"])
            for row in all_rows(self._client, self._build.documents, ["key", "version"])
        }

    def state(self) -> IndexState:
        """Return what the index holds now, without what is not committed."""
        return MilvusView(self._client, self._build, self._meta).state()

    def close(self) -> None:
        """Commit and let the connection go; harmless when repeated."""
        if self._closed:
            return
        self._closed = True
        try:
            self.commit()
        finally:
            self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
