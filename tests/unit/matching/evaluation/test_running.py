"""A set is asked through the site's own index and retrieval; tables can be read back."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matching.evaluation import evaluate, report
from matching.evaluation.command import evaluate_sets
from matching.retrieval import Mode
from tests.unit.matching.evaluation.tiny_set import write_set
from tests.unit.matching.small_encoder import WordEncoder


def command(*arguments: str | Path) -> Result:
    return CliRunner().invoke(evaluate_sets, [str(argument) for argument in arguments])


def test_figures_are_means_over_judged_queries(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "tiny")
    lexical, bm25 = evaluate(folder, WordEncoder(), [Mode.LEXICAL], baseline=True)

    # q1 finds its document first, q2 second
    assert (lexical.name, lexical.mode) == ("tiny", "lexical")
    assert (lexical.documents, lexical.queries) == (3, 2)
    for result in (lexical, bm25):
        assert result.ndcg10 == pytest.approx((1 + 1 / math.log2(3)) / 2)
        assert result.means.mrr10 == pytest.approx(0.75)
        assert (result.means.recall10, result.means.recall100) == (1.0, 1.0)


def test_command_prints_one_json_object(tmp_path: Path) -> None:
    done = command(write_set(tmp_path / "tiny"), "--mode", "lexical", "--json")
    found = json.loads(done.output)

    assert done.exit_code == 0
    assert (found["set"], found["mode"], found["queries"]) == ("tiny", "lexical", 2)
    assert {"nDCG@10", "recall@10", "recall@100", "MRR@10", "seconds"} <= set(found)


def test_all_sets_become_a_table_that_can_be_read_back(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_set(tmp_path / "sets" / name)
    page = tmp_path / "page.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", encoding="utf-8")

    done = command("--all", "--under", tmp_path / "sets", "--into", page, "--commit", "abc")
    text = page.read_text(encoding="utf-8")

    assert done.exit_code == 0
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert [row["set"] for row in report.read_rows(text)] == ["one", "two"]
    (objects,) = {
        tuple(json.loads(line)["nDCG@10"].items())
        for line in command("--all", "--under", tmp_path / "sets", "--json").output.splitlines()
    }
    assert f"{dict(objects)['hybrid']:.3f}" == report.read_rows(text)[0]["hybrid"]


def test_wrong_use_and_wrong_folders_are_one_line(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "tiny")
    assert command().exit_code == 2
    assert command("--all", "--mode", "dense").exit_code == 2
    assert command(tmp_path / "absent").exit_code == 2
    assert "no test set under" in command("--all", "--under", folder).output
    (folder / "qrels.tsv").unlink()
    refused = command(folder)
    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)
    assert "qrels.tsv is missing" in refused.output
    missing = command(folder, "--encoder", str(tmp_path / "no-model"))
    assert missing.exit_code == 1
    assert missing.output.startswith("Error: ")
