"""milvus-lite: its BM25 function beside HNSW, fused by its RRFRanker."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from matching.dense import FloatArray
from tools.peers.peer import DENSE, HYBRID, LEXICAL, Text, segmented, zeros_filled

_AT_ONCE: Final = 2_000
_LONGEST: Final = 60_000
"""Bytes; its text fields take 65,535."""


class MilvusLite:
    """One database file in the work folder."""

    packages: Sequence[str] = ("milvus-lite", "pymilvus")
    modules: Sequence[str] = ("milvus_lite", "pymilvus")
    modes: Sequence[str] = (LEXICAL, DENSE, HYBRID)
    configuration = (
        "BM25 function with its standard analyzer over rjieba's words, HNSW (M 16, "
        "efConstruction 200, ef 100) cosine, hybrid by its RRFRanker"
    )

    def build(self, folder: Path, texts: Sequence[Text], vectors: FloatArray) -> None:
        """Insert in batches, flush, index."""
        client = self._client(folder)
        client.create_collection("texts", schema=_schema(vectors.shape[1]))
        filled = zeros_filled(vectors)
        for start in range(0, len(texts), _AT_ONCE):
            places = range(start, min(start + _AT_ONCE, len(texts)))
            rows = [
                {
                    "id": place,
                    "text": _cut(segmented(texts[place].text)),
                    "vector": filled[place],
                }
                for place in places
            ]
            client.insert("texts", rows)
        client.flush("texts")
        client.create_index("texts", _indexes(client))
        client.close()

    def open(self, folder: Path, dimensions: int) -> None:  # noqa: ARG002 - the protocol's
        """Open the file and load the collection."""
        self._milvus = self._client(folder)
        self._milvus.load_collection("texts")

    def search(self, mode: str, query: Text, vector: FloatArray, k: int) -> list[int]:
        """Ask for ids only."""
        said = _cut(segmented(query.text))
        (filled,) = zeros_filled(vector[None, :])
        near = {"metric_type": "COSINE", "params": {"ef": 100}}
        if mode == LEXICAL:
            found = self._milvus.search("texts", data=[said], anns_field="sparse", limit=k)
        elif mode == DENSE:
            found = self._milvus.search(
                "texts", data=[filled], anns_field="vector", limit=k, search_params=near
            )
        else:
            from pymilvus import AnnSearchRequest, RRFRanker  # noqa: PLC0415 - optional

            requests = [
                AnnSearchRequest([filled], "vector", near, limit=max(k, 60)),
                AnnSearchRequest([said], "sparse", {"metric_type": "BM25"}, limit=max(k, 60)),
            ]
            found = self._milvus.hybrid_search("texts", requests, RRFRanker(), limit=k)
        return [int(hit["id"]) for hit in found[0]]

    def processes(self) -> list[int]:
        """Its server runs in threads of this process."""
        return []

    def close(self) -> None:
        """Close the client."""
        self._milvus.close()

    def _client(self, folder: Path) -> Any:
        from pymilvus import MilvusClient  # noqa: PLC0415 - the package is optional

        return MilvusClient(str(folder / "index.db"))


def _schema(dimensions: int) -> Any:
    from pymilvus import DataType, Function, FunctionType, MilvusClient  # noqa: PLC0415

    schema = MilvusClient.create_schema(auto_id=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=65_535, enable_analyzer=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimensions)
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(
        Function(
            name="bm25",
            function_type=FunctionType.BM25,
            input_field_names=["text"],
            output_field_names=["sparse"],
        )
    )
    return schema


def _indexes(client: Any) -> Any:
    indexes = client.prepare_index_params()
    indexes.add_index(
        "vector",
        index_type="HNSW",
        metric_type="COSINE",
        params={"M": 16, "efConstruction": 200},
    )
    indexes.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    return indexes


def _cut(text: str) -> str:
    return text.encode()[:_LONGEST].decode(errors="ignore")
