"""An index in Milvus kept up with index files: how a site moves over, and keeps a way back.

What it is for: the dispatcher goes on writing the files; a follower brings every change into
Milvus as well, so both hold the same until the operator lets the files go.
What it must not know: the database, settings.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.columns import IntArray
from matching.documents import Document
from matching.encoder import Encoder
from matching.milvus.connection import Place
from matching.milvus.writing import MilvusWriter
from matching.protocols import Progress
from matching.results import IndexState
from matching.snapshot import Snapshot, SnapshotKeeper


def copy_over(
    encoder: Encoder, keeper: SnapshotKeeper, place: Place, progress: Progress | None = None
) -> IndexState:
    """Build an index in Milvus of what the files hold now; what was there serves until then."""
    snapshot = keeper.get()
    documents = _documents(snapshot, snapshot.live_rows())
    return MilvusWriter.rebuild(encoder, place, documents, progress=progress)


class Follower:
    """Brings what changes in the files into Milvus.

    Args:
        keeper: of the files.
        writer: of the index in Milvus.
    """

    def __init__(self, keeper: SnapshotKeeper, writer: MilvusWriter) -> None:
        self._keeper = keeper
        self._writer = writer
        self._seen: Snapshot | None = None

    def catch_up(self) -> int:
        """Write what changed since the last look; return how many listings that were.

        At the first look, and after a build of the files, all versions are compared.
        """
        snapshot = self._keeper.get()
        seen, rows = self._seen, snapshot.live_rows()
        if seen is snapshot:
            return 0
        keys = snapshot.column("key", rows)
        if seen is None or seen.generation.path != snapshot.generation.path:
            changed = self._differing(snapshot, rows)
        else:
            changed = _changed(seen, snapshot)
        kept = np.isin(keys, list(changed))
        there = np.unique(keys[kept])
        order = np.argsort(keys[kept], kind="stable")
        self._writer.add(_documents(snapshot, rows[kept][order]))
        self._writer.remove(changed - set(there.tolist()))
        self._writer.commit()
        self._seen = snapshot
        return len(changed)

    def _differing(self, snapshot: Snapshot, rows: IntArray) -> set[int]:
        held = self._writer.versions()
        keys, versions = (snapshot.column(name, rows).tolist() for name in ("key", "version"))
        wanted = dict(zip(keys, versions, strict=True))
        return {key for key in held.keys() | wanted.keys() if held.get(key) != wanted.get(key)}


def _changed(seen: Snapshot, snapshot: Snapshot) -> set[int]:
    """Return the keys whose documents came or went between two states of one build."""
    changed: set[int] = set()
    states = [(one, one.column("serial", one.live_rows())) for one in (seen, snapshot)]
    for (one, own), (_, other) in (states, states[::-1]):
        rows = one.live_rows()[~np.isin(own, other)]
        changed.update(one.column("key", rows).tolist())
    return changed


def _documents(snapshot: Snapshot, rows: IntArray) -> Iterator[Document]:
    keys = snapshot.column("key", rows)
    for row in rows[np.argsort(keys, kind="stable")].tolist():
        yield snapshot.document(row)
