"""The project's own judged set is whole: pairs of languages, an answer each, no text twice."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from matching.evaluation import read_set
from matching.evaluation.sets import TestSet
from matching.text import detect_language

FOLDER = Path(__file__).resolve().parents[3] / "matching" / "judged"
WRITTEN = FOLDER.parent / "training" / "written"


@pytest.fixture(scope="module")
def judged() -> TestSet:
    return read_set(FOLDER)


@pytest.fixture(scope="module")
def unanswered() -> dict[str, str]:
    lines = (FOLDER / "unanswered.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["_id"]: row["text"] for row in map(json.loads, lines)}


def test_it_is_large_enough_to_hold_a_ranker_to(
    judged: TestSet, unanswered: dict[str, str]
) -> None:
    assert len(judged.queries) >= 200
    assert len(unanswered) >= 60


def test_every_need_stands_in_both_languages(judged: TestSet, unanswered: dict[str, str]) -> None:
    asked = {**judged.queries, **unanswered}

    assert {name.rpartition("-")[0] + "-zh" for name in asked} <= asked.keys()
    for name, text in asked.items():
        assert detect_language(text) == name.rpartition("-")[2]


def test_both_languages_of_a_need_have_the_same_answers(judged: TestSet) -> None:
    known = set(judged.ids)
    for name, grades in judged.judgements.items():
        assert grades == judged.judgements[name.rpartition("-")[0] + "-en"]
        assert 2.0 in grades.values()
        assert grades.keys() <= known


def test_answers_stand_in_either_language(judged: TestSet) -> None:
    language = {
        name: document.language for name, document in zip(judged.ids, judged.documents, strict=True)
    }
    best = [n for grades in judged.judgements.values() for n, grade in grades.items() if grade == 2]
    counts = Counter(language[name] for name in best)

    assert min(counts.values()) > 0.4 * len(best)


def test_no_text_stands_twice(judged: TestSet, unanswered: dict[str, str]) -> None:
    texts = [*judged.queries.values(), *unanswered.values()]
    texts += [document.text for document in judged.documents]

    assert not [text for text, times in Counter(texts).items() if times > 1]


def test_training_text_holds_nothing_of_it(judged: TestSet) -> None:
    """A set that was trained on measures nothing."""
    pairs = (WRITTEN / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    learned = {text for row in map(json.loads, pairs) for text in row.values()}
    own = {*judged.queries.values(), *(document.text for document in judged.documents)}

    assert not learned & own
