"""The guess of which side a text is: right on most of the demo set, and on plain cases always."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import matching
from tenon import demo
from tenon.matches.sides import guess_side

SET = Path(demo.__file__).parent / "set"
JUDGED = Path(matching.__file__).parent / "judged"


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("求一种耐高温的密封材料", "need"),
        ("求能在高温管道外壁连续测温的办法，200℃以上，不停产更换，误差小于0.5℃。", "need"),
        ("求解器：一种求解大规模方程的方法，速度提高十倍。", "achievement"),
        ("我们厂的轴承老是坏，有没有办法提前知道？", "need"),
        ("We are looking for a coating that sheds ice without power.", "need"),
        ("our customers complain about noise; how can we get rid of it?", "need"),
        ("激光焊接 紫铜", "need"),
        ("我们研制了一种光纤测温装置，误差0.5℃，已授权发明专利三项。", "achievement"),
        ("本成果提出了一种自适应算法，精度达99%。", "achievement"),
        ("We have developed a novel sensor; a prototype was demonstrated.", "achievement"),
        ("This invention relates to a method of casting; two patents are granted.", "achievement"),
    ],
)
def test_plain_cases_are_told_apart(text: str, side: str) -> None:
    assert guess_side(text) == side


@pytest.mark.parametrize(
    ("kind", "side", "least"), [("needs", "need", 0.9), ("achievements", "achievement", 0.85)]
)
def test_most_of_the_demo_set_is_told_apart(kind: str, side: str, least: float) -> None:
    rows = [
        json.loads(line)
        for path in sorted(SET.glob(f"?_{kind}.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    texts = [f"{row['title']}\n{row.get('summary') or row.get('background')}" for row in rows]
    right = sum(guess_side(text) == side for text in texts)
    assert right / len(texts) >= least


@pytest.mark.parametrize(
    ("name", "side", "least"),
    [("queries", "need", 0.95), ("unanswered", "need", 0.9), ("corpus", "achievement", 0.93)],
)
def test_most_of_the_judged_set_is_told_apart_which_nothing_was_fitted_on(
    name: str, side: str, least: float
) -> None:
    lines = (JUDGED / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [f"{row.get('title', '')}\n{row['text']}" for row in map(json.loads, lines)]
    right = sum(guess_side(text) == side for text in texts)
    assert right / len(texts) >= least


def test_a_call_by_an_agency_is_a_need() -> None:
    call = (
        "Proposals are sought for sensors that measure the moisture of grain in a moving stream. "
        "Current instruments drift and cannot be cleaned in place. A solution must survive dust, "
        "weigh less than two kilograms and be affordable for small mills."
    )
    assert guess_side(call) == "need"
