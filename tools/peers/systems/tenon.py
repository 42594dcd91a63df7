"""Tenon itself: the index files and the retrieval that the site runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from matching.dense import FloatArray
from matching.documents import Document, Where
from matching.encoder import load_encoder
from matching.engine import MatchEngine
from matching.ranking import load_weights
from matching.retrieval import Mode, Retriever
from matching.snapshot import SnapshotKeeper
from matching.writer import IndexWriter
from tools.peers.peer import DENSE, HYBRID, LEXICAL, MATCH, Text

_NAME: Final = "given"


class GivenVectors:
    """An encoder that knows some texts' vectors and asks the shipped one for all others.

    Every peer gets its vectors from outside; so does Tenon. The encoder that ships is loaded
    for the few texts that Tenon measures queries against, with vectors of its own length only.
    """

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._vectors: dict[str, FloatArray] = {}
        self._own = load_encoder()

    @property
    def id(self) -> str:
        """Fixed, since build and search must agree."""
        return f"{_NAME}-{self._dimensions}"

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._dimensions

    def know(self, text: str, vector: FloatArray) -> None:
        """Remember a vector, shape (d,)."""
        self._vectors[text] = vector

    def forget(self) -> None:
        """Forget all vectors."""
        self._vectors.clear()

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Return the given vectors, float32 (n, d)."""
        return self._encode(texts)

    def encode_documents(self, texts: Sequence[str]) -> FloatArray:
        """Return the given vectors, float32 (n, d)."""
        return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> FloatArray:
        unknown = [text for text in texts if text not in self._vectors]
        if unknown:
            made = self._own.encode_documents(unknown)
            if made.shape[1] != self._dimensions:
                raise ValueError("no vector was given for a text")
            self._vectors.update(zip(unknown, made, strict=True))
        return np.stack([self._vectors[text] for text in texts])


class Tenon:
    """Retriever and engine over an index folder."""

    packages: Sequence[str] = ("tenon",)
    modules: Sequence[str] = ("matching",)
    modes: Sequence[str] = (LEXICAL, DENSE, HYBRID, MATCH)
    configuration = "as the site runs it; always with its own encoder"

    def build(self, folder: Path, texts: Sequence[Text], vectors: FloatArray) -> None:
        """Build the index; the place of a text is its key."""
        encoder = GivenVectors(vectors.shape[1])
        documents = (
            _document(place, text, encoder, vector)
            for place, (text, vector) in enumerate(zip(texts, vectors, strict=True))
        )
        IndexWriter.rebuild(encoder, folder, documents)

    def open(self, folder: Path, dimensions: int) -> None:
        """Map the index."""
        self._encoder = GivenVectors(dimensions)
        weights = load_weights()
        self._keeper = SnapshotKeeper(folder, self._encoder.id)
        self._retrievers = {
            mode.value: Retriever(self._encoder, weights.fusion, mode) for mode in Mode
        }
        self._engine = MatchEngine(self._encoder, folder)

    def search(self, mode: str, query: Text, vector: FloatArray, k: int) -> list[int]:
        """Ask as `tenon eval` does; ``match`` is the engine's whole answer to a need."""
        self._encoder.know(query.text, vector)
        if mode == MATCH:
            asked = Document(-1, "need", query.language, "", query.text)
            return [one.key for one in self._engine.match(asked, k, reasons=False)]
        retriever = self._retrievers[mode]
        (asked_query,) = retriever.queries([query.text])
        found = retriever.candidates(self._keeper.get(), asked_query, k, Where())
        return [candidate.key for candidate in found[:k]]

    def processes(self) -> list[int]:
        """All is in this process."""
        return []

    def close(self) -> None:
        """Nothing is held but mapped files."""


def _document(place: int, text: Text, encoder: GivenVectors, vector: FloatArray) -> Document:
    document = Document(place, "achievement", text.language, "", text.text)
    encoder.know(document.full_text, vector)
    return document
