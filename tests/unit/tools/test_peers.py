"""The comparison's harness: Tenon in its own processes, a peer that fails, one that is missing."""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from matching.documents import Document
from matching.encoder import load_encoder
from matching.evaluation.sets import TestSet
from tools.peers import __main__ as command
from tools.peers import report
from tools.peers.peer import DENSE, HYBRID, LEXICAL, MATCH, Text, missing_of, segmented
from tools.peers.running import Corpus, Result, corpus_of, run_system
from tools.peers.systems import SYSTEMS, system

SUBJECTS = (
    "激光切割不锈钢板的设备",
    "水稻钻心虫的生物防治方法",
    "锂电池隔膜的陶瓷涂层",
    "a satellite navigation receiver for ships",
)


def small_corpus() -> Corpus:
    texts = [Text(one, "zh" if not one.isascii() else "en") for one in SUBJECTS]
    queries = {"laser": Text("不锈钢激光切割", "zh"), "ships": Text("ship navigation", "en")}
    return Corpus("small", texts, queries, {"laser": {0: 1.0}, "ships": {3: 1.0}})


def test_every_system_can_be_named_without_its_packages() -> None:
    for name in SYSTEMS:
        peer = system(name)
        assert len(peer.packages) == len(peer.modules)
        assert peer.modes
        assert peer.configuration


def test_tenon_runs_in_processes_of_its_own(tmp_path: Path) -> None:
    corpus, encoder = small_corpus(), load_encoder()
    vectors = encoder.encode_documents([text.text for text in corpus.texts])
    asked = encoder.encode_queries([query.text for query in corpus.queries.values()])
    results = run_system(
        "tenon", corpus, "ours", (vectors, asked), tmp_path / "work", threads=1, limit=300
    )
    assert {one.mode for one in results} == {LEXICAL, DENSE, HYBRID, MATCH}
    assert not [one.problem for one in results if one.problem]
    hybrid = next(one for one in results if one.mode == HYBRID)
    assert hybrid.ndcg10 == 1.0
    assert hybrid.p95 is not None
    assert hybrid.p50 is not None
    assert 0 < hybrid.p50 <= hybrid.p95
    assert (hybrid.documents, hybrid.queries) == (4, 2)
    assert not (tmp_path / "work").exists()


def test_a_failing_process_is_a_line_and_no_end(tmp_path: Path) -> None:
    vectors = np.zeros((4, 3), dtype=np.float32)
    (result,) = run_system(
        "tenon",
        small_corpus(),
        "ours",
        (vectors[:2], vectors),
        tmp_path / "w",
        threads=1,
        limit=300,
    )
    assert result.problem.startswith("build: ValueError")
    assert report.problems([result]) == [f"tenon, small ours: {result.problem}"]


def test_what_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    peer = importlib.import_module("tools.peers.systems.lance").Lance
    monkeypatch.setattr(peer, "modules", ("no_such_module",))
    assert missing_of(peer()) == ["lancedb"]
    nothing = np.zeros((4, 3), dtype=np.float32)
    (result,) = run_system(
        "lancedb", small_corpus(), "ours", (nothing, nothing), tmp_path, threads=1, limit=5
    )
    assert result.problem == "not installed: lancedb"


def test_judgements_follow_the_documents_places() -> None:
    documents = tuple(Document(place, "need", "en", "", "t") for place in range(2))
    found = TestSet("s", ("a", "b"), documents, {"q": "text"}, {"q": {"b": 2.0, "gone": 1.0}})
    assert corpus_of(found).judged == {"q": {1: 2.0, -1: 1.0}}


def test_chinese_is_cut_and_english_left_alone() -> None:
    assert segmented("Laser cutting, 10 mm") == "Laser cutting, 10 mm"
    assert {"激光", "切割"} <= set(segmented("采用激光切割 steel。").split())


def result(name: str, mode: str, encoder: str = "ours", **figures: float) -> Result:
    return Result(name, "c", encoder, mode, 10, **figures)  # type: ignore[arg-type]  # numbers of either kind


def test_verdicts_take_the_peers_best_and_say_where_tenon_is_behind() -> None:
    judged = [
        result("tenon", HYBRID, ndcg10=0.5),
        result("a", HYBRID, ndcg10=0.4),
        result("a", DENSE, "minilm", ndcg10=0.6),
        result("b", DENSE, ndcg10=0.3),
    ]
    assert report.verdicts(judged) == [
        "c, a at its best (dense, minilm): quality behind by 0.100",
        "c, b at its best (dense, ours): quality ahead by 0.200",
    ]
    timed = [
        result("tenon", HYBRID, p50=2.0, p95=4.0, build_seconds=10.0, memory=100),
        result("a", HYBRID, p50=1.0, p95=4.1, build_seconds=30.0, memory=100),
    ]
    (line,) = report.verdicts(timed)
    assert "p50 behind (0.5x), p95 level (1.0x)" in line
    assert "build ahead (3.0x), memory level (1.0x)" in line


def test_the_command_writes_tables_and_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "retrieval" / "tiny"
    folder.mkdir(parents=True)
    rows = [{"_id": str(place), "text": text} for place, text in enumerate(SUBJECTS)]
    _write(folder / "corpus.jsonl", rows)
    _write(folder / "queries.jsonl", [{"_id": "q", "text": "锂电池涂层"}])
    (folder / "qrels.tsv").write_text("q\t2\t1\n", encoding="utf-8")
    into = tmp_path / "found.json"
    options = ["--only", "tenon", "--sizes", "0", "--encoders", "ours", "--threads", "1"]
    places = ["--data", str(tmp_path), "--kept", str(tmp_path / "kept"), "--json", str(into)]
    done = CliRunner().invoke(command.peers, [*options, *places])
    assert done.exit_code == 0, done.output
    assert "| tenon | hybrid | ours | 1.000 |" in done.output
    found = json.loads(into.read_text(encoding="utf-8"))
    assert found["conditions"]["threads"] == 1
    assert {one["mode"] for one in found["results"]} == {LEXICAL, DENSE, HYBRID, MATCH}


def test_a_system_that_does_not_exist_is_refused() -> None:
    done = CliRunner().invoke(command.peers, ["--only", "nothing"])
    assert done.exit_code == 2
    assert "no system nothing" in done.output


def _write(path: Path, rows: Sequence[dict[str, str]]) -> None:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
