"""The append-only file of what is new since the last build.

One writer appends records; any number of readers in other processes follow by offset. A
record is whole or it is not there: each carries its length and checksum, and whatever
stands after the last whole record is ignored by readers and cut off by the next writer.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from matching.documents import Document

FloatArray = npt.NDArray[np.float32]

MAGIC: Final = b"TNJ1"
_HEAD = struct.Struct("<4sIII")  # magic, bytes of JSON, bytes of vectors, CRC-32 of both


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: what was under ``keys`` goes, ``documents`` come.

    Attributes:
        keys: listings whose documents are replaced or removed.
        documents: the new documents, empty for a removal.
        serials: their serials, ascending, one per document.
        vectors: float32 (len(documents), dimensions).
    """

    keys: tuple[int, ...]
    documents: tuple[Document, ...]
    serials: tuple[int, ...]
    vectors: FloatArray


def pack(entry: Entry) -> bytes:
    """Return the entry as one self-checking record."""
    head: dict[str, Any] = {
        "keys": entry.keys,
        "serials": entry.serials,
        "documents": [document.to_record() for document in entry.documents],
    }
    body = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    vectors = np.ascontiguousarray(entry.vectors, dtype="<f4").tobytes()
    checksum = zlib.crc32(vectors, zlib.crc32(body))
    return _HEAD.pack(MAGIC, len(body), len(vectors), checksum) + body + vectors


def _unpack(body: bytes, vectors: bytes) -> Entry:
    head = json.loads(body)
    documents = tuple(Document.from_record(record) for record in head["documents"])
    flat = np.frombuffer(vectors, dtype="<f4")
    return Entry(
        keys=tuple(head["keys"]),
        documents=documents,
        serials=tuple(head["serials"]),
        vectors=flat.reshape(len(documents), -1) if documents else flat.reshape(0, 0),
    )


class JournalReader:
    """Reads whole records from where it stopped last time.

    Attributes:
        offset: bytes read so far; always the end of a whole record.
        records: records read so far.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.offset = 0
        self.records = 0

    def has_news(self) -> bool:
        """Say, by one stat, whether the file is longer than what was read."""
        try:
            return self._path.stat().st_size > self.offset
        except FileNotFoundError:
            return False

    def read(self) -> Iterator[Entry]:
        """Yield the new whole records; stop at the first that is not whole or not sound."""
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return
        with file:
            file.seek(self.offset)
            while (entry := _read_record(file)) is not None:
                self.offset = file.tell()
                self.records += 1
                yield entry


def _read_record(file: BinaryIO) -> Entry | None:
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    magic, body_length, vector_length, checksum = _HEAD.unpack(head)
    if magic != MAGIC:
        return None
    body = file.read(body_length)
    vectors = file.read(vector_length)
    if len(body) < body_length or len(vectors) < vector_length:
        return None
    if zlib.crc32(vectors, zlib.crc32(body)) != checksum:
        return None
    return _unpack(body, vectors)


class JournalWriter:
    """Appends records; what it was given is durable when ``append`` returns.

    Args:
        path: the journal file; made if absent.
        size: end of the last whole record; whatever stands behind it is cut off.
    """

    def __init__(self, path: Path, size: int) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        os.ftruncate(self._file, size)
        os.lseek(self._file, size, os.SEEK_SET)
        self.size = size

    def append(self, entries: Sequence[Entry]) -> None:
        """Write the entries and fsync; on an error the file is cut back to where it was.

        Raises:
            OSError: the disk is full or failing; nothing of these entries counts.
        """
        block = b"".join(pack(entry) for entry in entries)
        try:
            written = 0
            while written < len(block):
                written += os.write(self._file, block[written:])
            os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, self.size)
            os.lseek(self._file, self.size, os.SEEK_SET)
            raise
        self.size += len(block)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
