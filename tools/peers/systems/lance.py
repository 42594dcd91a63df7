"""lancedb: its own hybrid of full text and vectors, fused by reciprocal ranks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from matching.dense import FloatArray
from tools.peers.peer import DENSE, HYBRID, LEXICAL, Text, segmented, zeros_filled

_INDEXED_FROM: Final = 100_000
"""Below, a scan is exact and quick, and its documentation advises no vector index."""

_AT_ONCE: Final = 10_000


class Lance:
    """One table in the work folder."""

    packages: Sequence[str] = ("lancedb",)
    modules: Sequence[str] = ("lancedb",)
    modes: Sequence[str] = (LEXICAL, DENSE, HYBRID)
    configuration = (
        "its FTS index over rjieba's words (stemming, stop words), scan below 100,000 and "
        "IVF_HNSW_SQ from there, hybrid by its RRFReranker"
    )

    def build(self, folder: Path, texts: Sequence[Text], vectors: FloatArray) -> None:
        """Add in large batches, index, compact."""
        import pyarrow as pa  # noqa: PLC0415 - comes with the optional package

        filled = zeros_filled(vectors)
        kind = pa.schema(
            [
                pa.field("id", pa.int64()),
                pa.field("text", pa.string()),
                pa.field("vector", pa.list_(pa.float32(), vectors.shape[1])),
            ]
        )
        table = self._database(folder).create_table("texts", schema=kind)
        for start in range(0, len(texts), _AT_ONCE):
            part = range(start, min(start + _AT_ONCE, len(texts)))
            rows = [
                {"id": place, "text": segmented(texts[place].text), "vector": filled[place]}
                for place in part
            ]
            table.add(rows)
        table.create_fts_index("text", with_position=False, replace=True)
        if len(texts) >= _INDEXED_FROM:
            table.create_index(metric="cosine", vector_column_name="vector", index_type="HNSW_SQ")
        table.optimize()

    def open(self, folder: Path, dimensions: int) -> None:  # noqa: ARG002 - the protocol's
        """Open the table."""
        from lancedb.rerankers import RRFReranker  # noqa: PLC0415 - the package is optional

        self._table = self._database(folder).open_table("texts")
        self._fusion = RRFReranker()

    def search(self, mode: str, query: Text, vector: FloatArray, k: int) -> list[int]:
        """Ask for ids only."""
        said = segmented(query.text)
        (filled,) = zeros_filled(vector[None, :])
        if mode == LEXICAL:
            asked = self._table.search(said, query_type="fts", fts_columns="text")
        elif mode == DENSE:
            asked = self._table.search(filled, vector_column_name="vector").metric("cosine")
        else:
            both = self._table.search(query_type="hybrid", vector_column_name="vector")
            asked = both.vector(filled).text(said).metric("cosine").rerank(self._fusion)
        return [int(row["id"]) for row in asked.select(["id"]).limit(k).to_list()]

    def processes(self) -> list[int]:
        """All is in this process."""
        return []

    def close(self) -> None:
        """Nothing needs closing."""

    def _database(self, folder: Path) -> Any:
        # Imported here: the package is optional.
        import lancedb  # noqa: PLC0415

        return lancedb.connect(str(folder / "index"))
