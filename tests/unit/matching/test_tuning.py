"""Choosing constants: what is held out stays out, and the search only ever gains."""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from matching.ranking import load_weights
from matching.retrieval import Pool
from matching.tuning import sets
from matching.tuning.choosing import Part, choose, quality, standing
from matching.tuning.recording import Recorded
from matching.tuning.sets import DEMO, JUDGED, Question, needs_of_demo, needs_of_judged

WEIGHTS = load_weights().fusion


def recorded(seed: int) -> Recorded:
    """Return a question whose answer the words know and the vectors do not."""
    rng = np.random.default_rng(seed)
    scores = rng.uniform(0, 3, 40).astype(np.float32)
    scores[7] = 9.0
    rows = np.arange(40)
    pool = Pool(
        language="en",
        rows=rows,
        keys=rows,
        cosines=rng.normal(0.2, 0.1, 40).astype(np.float32),
        background=rng.normal(0.1, 0.1, 200).astype(np.float32),
        scores=scores,
        chance=rng.uniform(0, 1, 100).astype(np.float32),
        known=0.6,
        rendered=0.2,
        best=20.0,
        documents=500,
        masses={},
    )
    return Recorded(Question("", "en", {7: 2.0}), (pool,))


def test_the_search_only_gains_and_gives_the_same_each_time() -> None:
    parts = [Part("made up", "needs", [recorded(seed) for seed in range(8)])]
    steps = list(choose(parts, WEIGHTS, rounds=2))
    reached = [one for one, _ in steps]

    assert reached == sorted(reached)
    assert reached[0] == quality(parts, WEIGHTS)
    assert [asdict(weights) for _, weights in choose(parts, WEIGHTS, rounds=2)] == [
        asdict(weights) for _, weights in steps
    ]


def test_an_answer_taken_out_is_gone() -> None:
    one = recorded(1)
    keys, values = one.valued(WEIGHTS)
    left, _ = one.without_answers().valued(WEIGHTS)
    found = standing([one], WEIGHTS)

    assert len(keys) == len(values) == 40
    assert set(keys) - set(left) == {7}
    assert found.shares(-1e9) == (1.0, 1.0)
    assert found.shares(1e9) == (0.0, 0.0)


def test_held_out_pairs_are_not_in_the_reduced_sources(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for name, field in (*sets.HELD_BY.items(), ("csl_titles", "title")):
        rows = [json.dumps({field: f"{name} {number}"}) for number in range(200)]
        with gzip.open(source / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.write("\n".join(rows) + "\n")
    counts = sets.write_reduced_sources(source, target)

    for name, field in sets.HELD_BY.items():
        kept = [str(row[field]) for row in sets.read_rows(target / f"{name}.jsonl.gz")]
        assert 0 < len(kept) < 200
        assert not any(sets.is_held(text) for text in kept)
    assert counts["csl_titles"] == (200, 200)


@pytest.mark.parametrize("name", ["judged", "demo"])
def test_the_sets_of_needs_are_whole(name: str) -> None:
    made = needs_of_judged(JUDGED, ["x"]) if name == "judged" else needs_of_demo(DEMO, ["x"])

    for one, language in zip(made, ("zh", "en"), strict=True):
        keys = {document.key for document in one.documents}
        assert len(keys) == len(one.documents)
        assert {question.language for question in one.questions} == {language}
        assert all(keys >= question.answers.keys() for question in one.questions)
        assert any(not question.answers for question in one.questions)
