"""Writing one generation's files, row by row. Knows the file layout, not who calls it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from matching import store
from matching.columns import ColumnsBuilder
from matching.dense import DenseBuilder, FloatArray
from matching.documents import Document
from matching.preparing import record_of


class GenerationBuilder:
    """Collects rows and writes everything of a generation but its words.

    Args:
        path: the generation's new, empty folder.
        encoder: id of the encoder of the vectors.
        dimensions: length of a vector.
    """

    def __init__(self, path: Path, *, encoder: str, dimensions: int) -> None:
        self._path = path
        self._encoder = encoder
        self._dimensions = dimensions
        self._columns = ColumnsBuilder()
        self._dense = DenseBuilder(dimensions)
        self._documents = (path / store.DOCUMENTS).open("wb")
        self._offset = 0

    def add(
        self,
        documents: Sequence[Document],
        serials: Sequence[int],
        vectors: FloatArray,
        records: Sequence[bytes] | None = None,
    ) -> None:
        """Add rows.

        Args:
            documents: one a row.
            serials: ascending.
            vectors: float32 (len(documents), dimensions).
            records: each document as ``record_of`` writes it, if that is done already.
        """
        records = records or [record_of(document) for document in documents]
        for document, serial, content in zip(documents, serials, records, strict=True):
            self._documents.write(content)
            self._columns.append(document, serial=serial, offset=self._offset, length=len(content))
            self._offset += len(content)
        self._dense.add(np.asarray(vectors, dtype=np.float32))

    def __len__(self) -> int:
        return len(self._columns)

    def finish(self, next_serial: int) -> store.Meta:
        """Write all files and the meta file; afterwards the generation may be switched to."""
        self._documents.close()
        (self._path / store.JOURNAL).touch()
        self._columns.save(self._path / store.COLUMNS)
        self._dense.save(self._path / store.VECTORS, self._path / store.CLUSTERS)
        return store.finish_generation(
            self._path,
            encoder=self._encoder,
            dimensions=self._dimensions,
            documents=len(self._columns),
            next_serial=next_serial,
        )

    def abandon(self) -> None:
        """Close what is open; the caller removes the folder."""
        self._documents.close()
