"""chromadb: vectors by its HNSW. Its local form ranks by no words, so it has no hybrid."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from matching.dense import FloatArray
from tools.peers.peer import DENSE, Text, zeros_filled

_AT_ONCE: Final = 2_000


class Chroma:
    """A persistent client in the work folder."""

    packages: Sequence[str] = ("chromadb",)
    modules: Sequence[str] = ("chromadb",)
    modes: Sequence[str] = (DENSE,)
    configuration = "PersistentClient, HNSW cosine with its defaults; no ranking by words locally"

    def build(self, folder: Path, texts: Sequence[Text], vectors: FloatArray) -> None:
        """Add in batches."""
        collection = self._client(folder).create_collection(
            "texts", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
        )
        filled = zeros_filled(vectors)
        for start in range(0, len(texts), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            places = range(start, min(start + _AT_ONCE, len(texts)))
            collection.add(
                ids=[str(place) for place in places],
                embeddings=filled[part],
                documents=[text.text for text in texts[part]],
            )

    def open(self, folder: Path, dimensions: int) -> None:  # noqa: ARG002 - the protocol's
        """Open the collection."""
        self._collection = self._client(folder).get_collection("texts", embedding_function=None)

    def search(self, mode: str, query: Text, vector: FloatArray, k: int) -> list[int]:  # noqa: ARG002
        """Ask for ids only."""
        filled = zeros_filled(vector[None, :])
        found = self._collection.query(query_embeddings=filled, n_results=k, include=[])
        return [int(name) for name in found["ids"][0]]

    def processes(self) -> list[int]:
        """All is in this process."""
        return []

    def close(self) -> None:
        """Nothing needs closing."""

    def _client(self, folder: Path) -> Any:
        # Imported here: the package is optional.
        import chromadb  # noqa: PLC0415
        from chromadb.config import Settings  # noqa: PLC0415

        return chromadb.PersistentClient(
            str(folder / "index"), settings=Settings(anonymized_telemetry=False)
        )
