"""An index encoded anew with another model, in slices, while the old one serves.

What it is for: a change of model takes from seconds to hours. What was encoded lies in a folder
of its own, by a hash of the text, so that a process that is killed goes on where it stopped, and
texts that come, change or go meanwhile cost nothing but themselves. The move itself is one new
generation, written by ``IndexWriter.move_to``.
What it must not know: who decides on the model, databases.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from matching import store
from matching.dense import FloatArray
from matching.documents import Document
from matching.encoder import Encoder, finite
from matching.snapshot import Snapshot, SnapshotKeeper

FOLDER: Final = "recoding"
_MODEL: Final = "model.json"
_HASHES: Final = "hashes.bin"
_VECTORS: Final = "vectors.bin"
_HASH_BYTES: Final = 16

BATCH: Final = 32
"""Documents between two looks at the clock: a large model needs some 50 ms for each."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is.

    Attributes:
        done: documents that have been looked at.
        total: documents of the index.
    """

    done: int
    total: int

    @property
    def complete(self) -> bool:
        """Whether nothing is left but the move."""
        return self.done >= self.total


class Encoded:
    """Vectors by the hash of their text, in two files that only grow; one user at a time.

    Args:
        folder: of the files; what it holds of another encoder, or not at all, is begun anew.
        encoder: whose vectors they are.

    Raises:
        OSError: the folder cannot be written.
    """

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        self._row = 4 * encoder.dimensions
        model = {"encoder": encoder.id, "dimensions": encoder.dimensions}
        if _read_json(folder / _MODEL) != model:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            store.write_durably(folder / _MODEL, json.dumps(model))
        self._hashes = os.open(folder / _HASHES, os.O_RDWR | os.O_CREAT, 0o644)
        self._vectors = os.open(folder / _VECTORS, os.O_RDWR | os.O_CREAT, 0o644)
        self._places: dict[bytes, int] = {}
        self._open_rows()

    def _open_rows(self) -> None:
        """Take what both files hold whole; a killed process may have written one of them only."""
        rows = min(
            os.fstat(self._hashes).st_size // _HASH_BYTES,
            os.fstat(self._vectors).st_size // self._row,
        )
        self._cut_to(rows)
        found = _read_at(self._hashes, 0, rows * _HASH_BYTES)
        for row in range(rows):
            self._places[found[row * _HASH_BYTES : (row + 1) * _HASH_BYTES]] = row
        self._rows = rows

    def _cut_to(self, rows: int) -> None:
        os.ftruncate(self._hashes, rows * _HASH_BYTES)
        os.ftruncate(self._vectors, rows * self._row)

    def __len__(self) -> int:
        return self._rows

    def add(self, documents: Sequence[Document]) -> int:
        """Encode those whose text is new, and keep their vectors; returns how many.

        Raises:
            OSError: the disk is full or failing; nothing of these documents is kept.
        """
        fresh = {
            name: document.full_text
            for document in documents
            if (name := _name(document)) not in self._places
        }
        if not fresh:
            return 0
        made = finite(self._encoder.encode_documents(list(fresh.values())))
        try:
            # In this order: a hash without its vector must never be read.
            _write_at(self._vectors, self._rows * self._row, made.astype("<f4").tobytes())
            os.fsync(self._vectors)
            _write_at(self._hashes, self._rows * _HASH_BYTES, b"".join(fresh))
        except OSError:
            self._cut_to(self._rows)
            raise
        for name in fresh:
            self._places[name] = self._rows
            self._rows += 1
        return len(fresh)

    def vectors_of(self, documents: Sequence[Document]) -> FloatArray:
        """Return the documents' vectors, float32 (n, dimensions); what is missing is encoded."""
        self.add(documents)
        places = [self._places[_name(document)] for document in documents]
        found = np.empty((len(places), self._encoder.dimensions), dtype=np.float32)
        for row, place in enumerate(places):
            content = _read_at(self._vectors, place * self._row, self._row)
            found[row] = np.frombuffer(content, dtype="<f4")
        return found

    def close(self) -> None:
        """Close the files."""
        os.close(self._hashes)
        os.close(self._vectors)


class Recoding:
    """Goes through an index, slice by slice, until every text has its vector of the new model.

    Args:
        folder: the index folder.
        old: id of the encoder that the index is of.
        new: the model to come.
    """

    def __init__(self, folder: Path, old: str, new: Encoder) -> None:
        self.encoder = new
        self._keeper = SnapshotKeeper(folder, old)
        self._encoded = Encoded(folder / FOLDER, new)
        self._generation: Path | None = None
        self._row = 0

    def step(self, seconds: float) -> Progress:
        """Encode for about so long; what was published meanwhile comes at the end.

        Raises:
            OSError: the disk is full or failing.
            matching.errors.IndexMissing, matching.errors.IndexNeedsRebuild: the old index is gone.
        """
        until = time.monotonic() + seconds
        while True:
            snapshot = self._keeper.get()
            if snapshot.generation.path != self._generation:
                # Folded in or built anew meanwhile: rows are counted from the start, and what
                # is encoded is found again by its text.
                self._generation, self._row = snapshot.generation.path, 0
            total = _rows(snapshot)
            part = _alive(snapshot, self._row, min(self._row + BATCH, total))
            self._encoded.add([snapshot.document(row) for row in part])
            self._row = min(self._row + BATCH, total)
            progress = Progress(self._row, total)
            if progress.complete or time.monotonic() >= until:
                return progress

    def vectors_of(self, documents: Sequence[Document]) -> FloatArray:
        """Return the vectors of documents, float32 (n, dimensions), for ``IndexWriter.move_to``."""
        return self._encoded.vectors_of(documents)

    def close(self) -> None:
        """Close the files; the work can be taken up again."""
        self._encoded.close()


def forget(folder: Path) -> None:
    """Remove what was encoded, when the index has moved or the work is no longer wanted."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)


def _rows(snapshot: Snapshot) -> int:
    return snapshot.base.count + snapshot.live.count


def _alive(snapshot: Snapshot, start: int, end: int) -> list[int]:
    """Return the rows from ``start`` up to ``end`` that still count."""
    base = snapshot.base.count
    alive = np.concatenate(
        [
            snapshot.alive_base[start:end],
            snapshot.alive_live[max(start - base, 0) : max(end - base, 0)],
        ]
    )
    return [start + int(place) for place in np.flatnonzero(alive)]


def _name(document: Document) -> bytes:
    content = document.full_text.encode("utf-8", "replace")
    return hashlib.blake2b(content, digest_size=_HASH_BYTES).digest()


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _read_at(handle: int, start: int, length: int) -> bytes:
    """Read exactly so many bytes.

    Raises:
        OSError: the file ends before.
    """
    parts: list[bytes] = []
    while length:
        part = os.pread(handle, length, start)
        if not part:
            raise OSError("a file of the encoding ends too early")
        parts.append(part)
        start, length = start + len(part), length - len(part)
    return b"".join(parts)


def _write_at(handle: int, start: int, content: bytes) -> None:
    while content:
        written = os.pwrite(handle, content, start)
        start, content = start + written, content[written:]
