"""Bands keep their word: strong is seldom wrong, answers are seldom missed, strangers are told."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from matching.documents import Document, Where
from matching.encoder import load_encoder
from matching.engine import MatchEngine
from matching.results import Band
from matching.tuning.sets import JUDGED, DevelopmentSet, needs_of_judged
from matching.writer import IndexWriter

EVERY: Final = 4
ASKING: Final = 1_000_000


@pytest.fixture(scope="module")
def judged() -> list[DevelopmentSet]:
    return needs_of_judged(JUDGED, ())


@pytest.fixture(scope="module")
def engine(judged: list[DevelopmentSet], tmp_path_factory: pytest.TempPathFactory) -> MatchEngine:
    return engine_of(tmp_path_factory.mktemp("bands"), list(judged[0].documents))


def engine_of(folder: Path, documents: list[Document]) -> MatchEngine:
    encoder = load_encoder()
    IndexWriter.rebuild(encoder, folder, documents)
    return MatchEngine(encoder, folder)


def need(text: str) -> Document:
    return Document(ASKING, "need", "zh" if text > "一" else "en", "", text)


@pytest.mark.parametrize("place", [0, 1], ids=["zh", "en"])
def test_without_its_answers_few_needs_show_a_strong_match(
    engine: MatchEngine, judged: list[DevelopmentSet], place: int
) -> None:
    asked = judged[place].questions[::EVERY]
    strong = 0
    for question in asked:
        where = Where(keys_not=frozenset(question.answers))
        found = engine.match(need(question.text), 3, where, reasons=False)
        strong += any(one.band is Band.STRONG for one in found)

    assert strong / len(asked) <= 0.2


@pytest.mark.parametrize("place", [0, 1], ids=["zh", "en"])
def test_most_answers_are_strong_or_good(
    engine: MatchEngine, judged: list[DevelopmentSet], place: int
) -> None:
    asked = [one for one in judged[place].questions[::EVERY] if one.answers]
    shown = 0
    for question in asked:
        best = {key for key, grade in question.answers.items() if grade == 2}
        found = engine.match(need(question.text), 10, reasons=False)
        shown += any(one.key in best and one.band in (Band.STRONG, Band.GOOD) for one in found)

    assert shown / len(asked) >= 0.55  # near misses stand beside every answer here


def test_one_shared_word_makes_nobody_strong(tmp_path: Path) -> None:
    strangers = {
        1: ("Speed estimator for a crop drone", "A camera and an inertial unit are fused."),
        2: (
            "Host-guest chemistry of cucurbiturils",
            "Guests of several sizes were bound in the cavity.",
        ),
        3: ("Wear of ploughshares", "Boron steel was quenched and tempered."),
    }
    documents = [
        Document(key, "achievement", "en", title, text) for key, (title, text) in strangers.items()
    ]
    engine = engine_of(tmp_path, documents)

    for asked in (
        "打药无人机的喷头总被粉剂堵住，想要不用拆就能自己清洗的办法。",
        "Our inn needs warm water for sixty guests without a bigger boiler.",
    ):
        bands = {one.band for one in engine.match(need(asked), 5, reasons=False)}
        assert Band.STRONG not in bands


def test_nothing_fits_where_nothing_does(tmp_path: Path) -> None:
    documents = [
        Document(1, "achievement", "zh", "青铜器纹饰的分期研究", "整理出土青铜器的纹饰并作分期。"),
        Document(2, "achievement", "en", "Medieval parish registers", "Names were transcribed."),
    ]
    asked = need("食堂馒头蒸出来发黄有碱味，怎么让面自己发得稳？")

    assert engine_of(tmp_path, documents).match(asked, 5, reasons=False) == []
