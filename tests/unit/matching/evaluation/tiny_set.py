"""A test set small enough to count by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

CORPUS = {"a": "激光切割钢板", "b": "水稻种植技术", "c": "激光焊接铝板"}
QUERIES = {"q1": "水稻", "q2": "激光切割", "unjudged": "什么"}
JUDGEMENTS = "query-id\tcorpus-id\tscore\nq1\tb\t1\nq2\tc\t1\nq2\tb\t0\n"


def lines_of(texts: dict[str, str]) -> str:
    return "".join(json.dumps({"_id": k, "text": t}) + "\n" for k, t in texts.items())


def write_set(folder: Path, *, judgements: str = JUDGEMENTS, packed: bool = True) -> Path:
    folder.mkdir(parents=True)
    if packed:
        (folder / "corpus.jsonl.gz").write_bytes(gzip.compress(lines_of(CORPUS).encode()))
    else:
        (folder / "corpus.jsonl").write_text(lines_of(CORPUS), encoding="utf-8")
    (folder / "queries.jsonl").write_text(lines_of(QUERIES), encoding="utf-8")
    (folder / "qrels.tsv").write_text(judgements, encoding="utf-8")
    return folder
