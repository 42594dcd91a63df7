"""The weights that run: followed as soon as the file changes, and the shipped ones otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from matching.learning.running import RunningWeights, write_running
from matching.ranking import LEARNT, Learned, RankingWeights, load_weights, with_learned

SHIPPED = load_weights()


def learned(number: int = 1, **changes: object) -> Learned:
    made = Learned(number, SHIPPED.base, 0.1 + 0.2, -1 / 3, dict.fromkeys(LEARNT, 1 / 7 + number))
    return replace(made, **changes)  # type: ignore[arg-type]  # names of fields, in these tests


def test_processes_follow_the_file_and_come_back_bit_for_bit(tmp_path: Path) -> None:
    file = tmp_path / "ranking" / "running.json"
    follows = RunningWeights(file)
    assert follows() is follows()
    assert follows() == SHIPPED
    assert write_running(file, learned(1))
    assert follows() == with_learned(SHIPPED, learned(1))
    assert write_running(file, learned(2))
    assert follows().learned == 2
    assert not write_running(file, learned(2))
    assert write_running(file, None)
    assert not write_running(file, None)
    assert repr(follows()) == repr(SHIPPED)
    assert follows() == SHIPPED
    assert [path.name for path in file.parent.iterdir()] == []


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"number": 1, "base": "another", "slope": 1, "intercept": 0, "features": {}}',
        json.dumps(learned().to_record() | {"base": "0" * 16}),
        json.dumps(learned().to_record() | {"slope": 0}),
        json.dumps(learned().to_record() | {"intercept": float("nan")}),
        json.dumps(learned().to_record() | {"slope": float("inf")}),
        json.dumps(learned().to_record() | {"number": 0}),
    ],
)
def test_a_file_that_is_no_version_of_ours_is_as_none(tmp_path: Path, content: str) -> None:
    file = tmp_path / "running.json"
    follows = RunningWeights(file)
    write_running(file, learned())
    assert follows().learned == 1
    file.write_text(content)
    assert follows() == SHIPPED


def test_learned_weights_survive_json_to_the_last_bit() -> None:
    told = json.dumps(learned().to_record())
    assert Learned.from_record(json.loads(told)) == learned()


def test_search_keeps_its_order() -> None:
    """The weight of a search's words grows with the slope, so that only the scale changes."""
    weights: RankingWeights = with_learned(SHIPPED, learned())
    assert weights.features["words"] / weights.slope == pytest.approx(
        SHIPPED.features["words"] / SHIPPED.slope
    )
