"""txtai: its own hybrid of BM25 and FAISS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from matching.dense import FloatArray
from tools.peers.peer import DENSE, HYBRID, LEXICAL, Text, segmented, zeros_filled

_WEIGHTS = {LEXICAL: 0.0, DENSE: 1.0, HYBRID: 0.5}


class Txtai:
    """One Embeddings object; vectors come from outside by its ``transform``."""

    packages: Sequence[str] = ("txtai",)
    modules: Sequence[str] = ("txtai",)
    modes: Sequence[str] = (LEXICAL, DENSE, HYBRID)
    configuration = "hybrid=True (BM25, terms, normalised; faiss chosen by size), equal weights"

    def build(self, folder: Path, texts: Sequence[Text], vectors: FloatArray) -> None:
        """Index all at once, as its documentation has it, and save."""
        said = [segmented(text.text) for text in texts]
        known = dict(zip(said, zeros_filled(vectors), strict=True))
        self._known = known
        embeddings = self._new()
        embeddings.index((place, text, None) for place, text in enumerate(said))
        embeddings.save(str(folder / "index"))

    def open(self, folder: Path, dimensions: int) -> None:  # noqa: ARG002 - the protocol's
        """Load what was saved."""
        self._known = {}
        self._embeddings = self._new()
        self._embeddings.load(str(folder / "index"), config={"transform": self._function()})

    def search(self, mode: str, query: Text, vector: FloatArray, k: int) -> list[int]:
        """Ask with the weight of the mode."""
        said = segmented(query.text)
        self._known[said] = vector
        found = self._embeddings.search(said, k, weights=_WEIGHTS[mode])
        return [int(place) for place, _ in found]

    def processes(self) -> list[int]:
        """All is in this process."""
        return []

    def close(self) -> None:
        """Close its files."""
        self._embeddings.close()

    def _new(self) -> Any:
        # Imported here: the package is optional.
        from txtai import Embeddings  # noqa: PLC0415

        return Embeddings(method="external", transform=self._function(), hybrid=True)

    def _function(self) -> Callable[[Sequence[str]], FloatArray]:
        """Return a plain function: a method it would call for another."""

        def transform(texts: Sequence[str]) -> FloatArray:
            return np.stack([self._known[text] for text in texts])

        return transform
