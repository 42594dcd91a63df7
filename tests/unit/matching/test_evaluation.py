"""The evaluation counts right, and on the shared sets fusion is no worse than its sides."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import pytest

from matching.encoder import load_encoder
from matching.evaluation import evaluate, main
from matching.retrieval import Mode
from tests.unit.matching.small_encoder import WordEncoder

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "retrieval"


def write_set(folder: Path) -> Path:
    folder.mkdir()
    corpus = {"a": "激光切割钢板", "b": "水稻种植技术", "c": "激光焊接铝板"}
    lines = "".join(json.dumps({"_id": k, "text": t}) + "\n" for k, t in corpus.items())
    (folder / "corpus.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    queries = {"q1": "水稻", "q2": "激光切割", "unjudged": "什么"}
    (folder / "queries.jsonl").write_text(
        "".join(json.dumps({"_id": k, "text": t}) + "\n" for k, t in queries.items()),
        encoding="utf-8",
    )
    (folder / "qrels.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\tb\t1\nq2\tc\t1\nq2\tb\t0\n", encoding="utf-8"
    )
    return folder


def test_figures_are_means_over_judged_queries(tmp_path: Path) -> None:
    (result,) = evaluate(write_set(tmp_path / "tiny"), WordEncoder(), [Mode.LEXICAL])

    # q1 finds its document first, q2 second
    assert (result.name, result.mode, result.documents, result.queries) == ("tiny", "lexical", 3, 2)
    assert result.ndcg10 == pytest.approx((1 + 1 / math.log2(3)) / 2)
    assert result.mrr10 == pytest.approx(0.75)
    assert (result.recall10, result.recall100) == (1.0, 1.0)


def test_command_prints_one_json_object_a_mode(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main([str(write_set(tmp_path / "tiny")), "--json"])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert status == 0
    assert [row["mode"] for row in rows] == ["hybrid", "dense", "lexical"]


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["needs-zh", "needs-en", "xquad-zh-en", "ipc-en-zh", "cranfield"])
def test_fusion_is_no_worse_than_its_better_side(name: str) -> None:
    """A fixed mixture fails this: it ruins the queries that cross languages."""
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip("the retrieval sets are not beside this checkout")
    figures = {r.mode: r.ndcg10 for r in evaluate(folder, load_encoder())}

    assert figures["hybrid"] >= max(figures["dense"], figures["lexical"]) - 0.005
