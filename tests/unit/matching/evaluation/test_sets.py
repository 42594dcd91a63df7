"""Any folder in BEIR's form is read; what is not in that form is named by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from matching.evaluation.sets import TestSetUnusable, read_set
from tests.unit.matching.evaluation.tiny_set import JUDGEMENTS, write_set


@pytest.mark.parametrize("packed", [True, False])
def test_only_judged_queries_are_asked(tmp_path: Path, *, packed: bool) -> None:
    found = read_set(write_set(tmp_path / "tiny", packed=packed))

    assert (found.name, found.ids) == ("tiny", ("a", "b", "c"))
    assert list(found.queries) == ["q1", "q2"]
    assert found.judgements == {"q1": {"b": 1.0}, "q2": {"c": 1.0}}
    assert [document.language for document in found.documents] == ["zh", "zh", "zh"]


@pytest.mark.parametrize(
    "judgements",
    [
        JUDGEMENTS,
        JUDGEMENTS.partition("\n")[2],  # no header
        "q1\t0\tb\t1\nq2\t0\tc\t1\n",  # TREC's four columns
        JUDGEMENTS.replace("\n", "\r\n") + "\r\n",
    ],
)
def test_judgements_in_the_forms_that_people_have(tmp_path: Path, judgements: str) -> None:
    found = read_set(write_set(tmp_path / "tiny", judgements=judgements))

    assert found.judgements == {"q1": {"b": 1.0}, "q2": {"c": 1.0}}


def test_beir_keeps_its_judgements_in_a_folder(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "tiny")
    (folder / "qrels").mkdir()
    (folder / "qrels.tsv").rename(folder / "qrels" / "test.tsv")

    assert list(read_set(folder).queries) == ["q1", "q2"]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("corpus.jsonl", b'{"_id": "a", "text": "x"}\n{"_id": "b"', "line 2: not JSON"),
        ("corpus.jsonl", b'{"_id": "a", "text": "x"}\n["b"]\n', "line 2: not a JSON object"),
        ("corpus.jsonl", b'{"_id": "a"}\n', "line 1: text is missing"),
        ("corpus.jsonl", b'{"_id": 7, "text": ""}\n{"_id": "7", "text": ""}', "line 2: the id 7"),
        ("corpus.jsonl", b"\xff\xfe\n", "line 1: not UTF-8"),
        ("queries.jsonl", b'{"text": "x"}\n', "line 1: _id is missing"),
        ("qrels.tsv", b"q\td\tscore\nq1 b 1\n", "line 2: wanted query"),
        ("qrels.tsv", b"q\td\tscore\n", "no query has a document judged relevant"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    folder = write_set(tmp_path / "tiny", packed=False)
    (folder / name).write_bytes(content)

    with pytest.raises(TestSetUnusable, match=problem):
        read_set(folder)


@pytest.mark.parametrize("name", ["corpus.jsonl.gz", "queries.jsonl", "qrels.tsv"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = write_set(tmp_path / "tiny")
    (folder / name).unlink()

    with pytest.raises(TestSetUnusable, match=name.removesuffix(".gz")):
        read_set(folder)


def test_a_cut_gzip_file_is_refused(tmp_path: Path) -> None:
    path = write_set(tmp_path / "tiny") / "corpus.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-10])

    with pytest.raises(TestSetUnusable, match="not a whole gzip file"):
        read_set(path.parent)
