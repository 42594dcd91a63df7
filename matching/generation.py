"""The mapped files of one build, as the reader opens them; ``matching.build`` writes them.

Knows the files together, nothing of the journal, ranking or reasons.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from matching import store
from matching.columns import IntArray, load_columns
from matching.dense import DenseIndex
from matching.documents import Document
from matching.errors import IndexNeedsRebuild, opening
from matching.lexical import LexicalReader


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
        with opening(path.parent, path.name):
            self.columns = load_columns(path / store.COLUMNS)
            self.dense = DenseIndex(path / store.VECTORS, clusters if clusters.exists() else None)
            self.lexical = LexicalReader(path / store.WORDS)
            self._documents = _map(path / store.DOCUMENTS)
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
        try:
            return Document.from_record(json.loads(self._documents[start:end]))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            detail = f"{store.DOCUMENTS}: {error!r}"
            raise IndexNeedsRebuild("damaged", detail, self.path.parent) from error


def _map(path: Path) -> mmap.mmap | bytes:
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
