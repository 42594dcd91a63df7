"""Coverage: the share of a query's telling words that a document answers, by form or meaning."""

from __future__ import annotations

import pytest

from matching.coverage import Coverage, QueryWords, words_encoder
from matching.documents import Document, Language
from matching.encoder import load_encoder
from matching.ranking import cap_band, load_weights
from matching.results import Band
from tests.unit.matching.small_encoder import WordEncoder


@pytest.fixture(scope="module")
def coverage() -> Coverage:
    return Coverage(load_encoder())


def result(text: str, language: Language) -> Document:
    return Document(1, "achievement", language, "", text)


def shares(coverage: Coverage, asked: str, *results: Document) -> list[float]:
    words = QueryWords.of(asked)
    found = coverage.shares(words, dict.fromkeys(words.indexed, 1.0), results)
    return [float(share) for share in found]


def test_one_shared_word_covers_little_and_the_same_subject_much(coverage: Coverage) -> None:
    asked = "喷洒农药的无人机喷头总被粉剂堵塞，需要自动清洗"
    stranger, answer = shares(
        coverage,
        asked,
        result("Speed estimator for a drone from a camera and an inertial unit.", "en"),
        result("Self-cleaning spray nozzle for pesticide drones: clogging is flushed away.", "en"),
    )

    assert stranger < 0.2 < answer


def test_the_very_words_cover_everything_even_unknown_ones(coverage: Coverage) -> None:
    assert shares(coverage, "blorptang X9000", result("x9000 blorptang", "en")) == [1.0]


def test_weights_decide_what_a_word_is_worth(coverage: Coverage) -> None:
    words = QueryWords.of("laser pump")
    found = coverage.shares(words, {"laser": 3.0, "pump": 1.0}, [result("a laser diode", "en")])

    assert float(found[0]) == pytest.approx(0.75)


def test_nothing_asked_is_nothing_covered(coverage: Coverage) -> None:
    assert shares(coverage, "的和这个", result("激光切割", "zh")) == [0.0]
    assert shares(coverage, "激光") == []


def test_remembering_changes_nothing(coverage: Coverage) -> None:
    asked, document = "激光切割不锈钢板", result("Laser cutting of stainless steel sheet.", "en")
    first = shares(coverage, asked, document)

    assert (
        shares(coverage, asked, document)
        == first
        == shares(Coverage(load_encoder()), asked, document)
    )


def test_words_are_asked_of_the_fast_table_whatever_encodes_the_texts() -> None:
    assert words_encoder(WordEncoder()).id == load_encoder().id
    own = load_encoder()
    assert words_encoder(own) is own


def test_a_band_asks_for_coverage() -> None:
    weights = load_weights()
    enough, some = weights.coverage[Band.STRONG], weights.coverage[Band.GOOD]

    assert cap_band(Band.STRONG, enough, weights) is Band.STRONG
    assert cap_band(Band.STRONG, some, weights) is Band.GOOD
    assert cap_band(Band.STRONG, 0.0, weights) is Band.POSSIBLE
    assert cap_band(Band.WEAK, 1.0, weights) is Band.WEAK
    assert cap_band(None, 1.0, weights) is None
