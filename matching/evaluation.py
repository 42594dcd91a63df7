"""Quality on a test set in BEIR's form, by the very code that serves.

``python -m matching.evaluation FOLDER --mode hybrid --json``. The folder holds
``corpus.jsonl`` (or ``.gz``; ``_id``, ``text``, perhaps ``title``), ``queries.jsonl`` and
``qrels.tsv`` (query, document, grade; with a header line).
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from matching.documents import Document, Where
from matching.encoder import Encoder, load_encoder
from matching.ranking import RankingWeights, load_weights
from matching.retrieval import Mode, Retriever
from matching.snapshot import SnapshotKeeper
from matching.text import detect_language
from matching.writer import IndexWriter

DEPTH: Final = 100
"""Results looked at for each query."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of one test set in one mode.

    Attributes:
        name: of the set's folder.
        mode: hybrid, dense or lexical.
        encoder: id.
        documents, queries: how many.
        ndcg10, recall10, recall100, mrr10: means over the queries that have a judgement.
        index_seconds: for building the index.
        query_seconds: for all queries, encoding included.
    """

    name: str
    mode: str
    encoder: str
    documents: int
    queries: int
    ndcg10: float
    recall10: float
    recall100: float
    mrr10: float
    index_seconds: float
    query_seconds: float


def evaluate(
    folder: Path,
    encoder: Encoder,
    modes: Sequence[Mode] = tuple(Mode),
    weights: RankingWeights | None = None,
) -> list[Evaluation]:
    """Index the set's corpus in a temporary folder and ask all its queries in each mode.

    Raises:
        OSError, ValueError, KeyError: the folder is not a test set.
    """
    weights = weights or load_weights()
    names, documents = _corpus(folder)
    asked = {str(row["_id"]): str(row["text"]) for row in _rows(folder, "queries.jsonl")}
    judged = _judgements(folder / "qrels.tsv")
    texts = {name: asked[name] for name in judged if name in asked}
    results = []
    with tempfile.TemporaryDirectory(prefix="matching-evaluation-") as place:
        started = time.perf_counter()
        IndexWriter.rebuild(encoder, Path(place), documents)
        index_seconds = time.perf_counter() - started
        for mode in modes:
            started = time.perf_counter()
            ranked = _ask(Path(place), encoder, texts, mode, weights)
            seconds = time.perf_counter() - started
            figures = [
                _figures([names[key] for key in keys], judged[name])
                for name, keys in ranked.items()
            ]
            means = [sum(column) / len(figures) for column in zip(*figures, strict=True)]
            results.append(
                Evaluation(
                    name=folder.name,
                    mode=mode.value,
                    encoder=encoder.id,
                    documents=len(documents),
                    queries=len(figures),
                    ndcg10=means[0],
                    recall10=means[1],
                    recall100=means[2],
                    mrr10=means[3],
                    index_seconds=index_seconds,
                    query_seconds=seconds,
                )
            )
    return results


def _corpus(folder: Path) -> tuple[list[str], list[Document]]:
    names: list[str] = []
    documents: list[Document] = []
    for key, row in enumerate(_rows(folder, "corpus.jsonl")):
        text, title = str(row["text"]), str(row.get("title") or "")
        names.append(str(row["_id"]))
        documents.append(
            Document(key, "achievement", detect_language(f"{title}\n{text}"), title, text)
        )
    return names, documents


def _rows(folder: Path, name: str) -> Iterator[Mapping[str, Any]]:
    packed = folder / f"{name}.gz"
    content = (
        gzip.decompress(packed.read_bytes()) if packed.exists() else (folder / name).read_bytes()
    )
    for line in content.decode("utf-8").split("\n"):
        if line.strip():
            yield json.loads(line)


def _judgements(path: Path) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if float(grade) > 0:
            found.setdefault(query, {})[document] = float(grade)
    return found


def _ask(
    folder: Path,
    encoder: Encoder,
    texts: Mapping[str, str],
    mode: Mode,
    weights: RankingWeights,
) -> dict[str, list[int]]:
    """Return the keys found for each query, best first, at most DEPTH."""
    snapshot = SnapshotKeeper(folder, encoder.id).get()
    retriever = Retriever(encoder, weights.fusion, mode)
    ranked = {}
    for name, query in zip(texts, retriever.queries(list(texts.values())), strict=True):
        found = retriever.candidates(snapshot, query, DEPTH, Where())
        ranked[name] = [candidate.key for candidate in found[:DEPTH]]
    return ranked


def _figures(found: Sequence[str], judged: Mapping[str, float]) -> tuple[float, ...]:
    """Return nDCG@10, recall@10, recall@100 and reciprocal rank within 10 of one query."""
    gains = [2 ** judged.get(name, 0.0) - 1 for name in found[:10]]
    ideal = sorted((2**grade - 1 for grade in judged.values()), reverse=True)[:10]
    first = next((rank for rank, gain in enumerate(gains, 1) if gain > 0), None)
    return (
        _discounted(gains) / _discounted(ideal),
        sum(name in judged for name in found[:10]) / len(judged),
        sum(name in judged for name in found[:100]) / len(judged),
        1 / first if first else 0.0,
    )


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m matching.evaluation", description="Quality on a test set in BEIR's form."
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--mode", choices=[*Mode, "all"], default="all")
    parser.add_argument("--model", help="folder or name of the encoder; the shipped one if absent")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    chosen = parser.parse_args(arguments)
    encoder = load_encoder(chosen.model)
    modes = tuple(Mode) if chosen.mode == "all" else (Mode(chosen.mode),)
    for folder in chosen.folders:
        for result in evaluate(folder, encoder, modes):
            sys.stdout.write(_line(result, as_json=chosen.json) + "\n")
            sys.stdout.flush()
    return 0


def _line(result: Evaluation, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(asdict(result), ensure_ascii=False)
    return (
        f"{result.name:16} {result.mode:8} nDCG@10 {result.ndcg10:.3f}  R@10 {result.recall10:.3f}"
        f"  R@100 {result.recall100:.3f}  MRR@10 {result.mrr10:.3f}  {result.queries} queries"
        f" in {result.query_seconds:.1f} s, {result.documents} documents"
        f" indexed in {result.index_seconds:.1f} s"
    )


if __name__ == "__main__":
    raise SystemExit(main())
