"""Reasons: verbatim, sensible, and what they cite is what the match rests on."""

from __future__ import annotations

from pathlib import Path

import pytest

from matching.documents import Document
from matching.encoder import Encoder, load_encoder
from matching.engine import MatchEngine
from matching.reasons import MOST_REASONS, Explainer
from matching.results import Reason
from matching.writer import IndexWriter

NEED = Document(
    0, "need", "zh", "求耐高温涂层",
    "我厂生产汽车排气管。排气管需要一种耐高温又不易脱落的涂层。厂里有两条喷涂线。",
)  # fmt: skip
CITED = "该涂层耐高温，在排气管上长期使用不脱落。"
RESULT = Document(
    1, "achievement", "zh", "有机硅新材料",
    f"课题组长期从事有机硅研究。{CITED}已获发明专利两项。",
)  # fmt: skip


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


def explain(encoder: Encoder, need: Document, result: Document) -> list[Reason]:
    explainer = Explainer(encoder)
    query, candidate = explainer.split([need, result])
    return explainer.explain(query, candidate)


def test_the_sentences_that_belong_together_come_first(encoder: Encoder) -> None:
    first = explain(encoder, NEED, RESULT)[0]

    assert first.query_sentence == "排气管需要一种耐高温又不易脱落的涂层。"
    assert first.candidate_sentence == CITED
    assert {"排气管", "涂层"} <= set(first.shared)


def test_each_sentence_is_cited_once(encoder: Encoder) -> None:
    reasons = explain(encoder, NEED, RESULT)

    assert len(reasons) <= MOST_REASONS
    assert len({r.candidate_sentence for r in reasons}) == len(reasons)
    assert len({r.query_sentence for r in reasons}) == len(reasons)


def test_a_chinese_and_an_english_sentence_meet(encoder: Encoder) -> None:
    english = Document(
        2, "achievement", "en", "Silicones",
        "The group has studied silicones for years. The coating resists high temperature and "
        "does not peel off exhaust pipes. Two patents were granted.",
    )  # fmt: skip
    first = explain(encoder, NEED, english)[0]

    assert first.candidate_sentence.startswith("The coating resists")
    assert (first.query_language, first.candidate_language) == ("zh", "en")
    assert "涂层 = coating" in first.shared


def test_a_sentence_that_says_little_is_no_reason(encoder: Encoder) -> None:
    cited = [reason.candidate_sentence for reason in explain(encoder, NEED, RESULT)]

    assert cited == [CITED]


def test_texts_without_sentences_have_no_reasons(encoder: Encoder) -> None:
    assert explain(encoder, NEED, Document(3, "achievement", "zh", "", "……")) == []


def test_removing_the_cited_sentence_lowers_the_score(encoder: Encoder, tmp_path: Path) -> None:
    others = [
        Document(10, "achievement", "zh", "水稻育种", "选育抗倒伏水稻品种，亩产提高。"),
        Document(11, "achievement", "en", "Satellite receiver", "A receiver for ships."),
    ]
    scores = []
    for text in (RESULT.text, RESULT.text.replace(CITED, "")):
        shown = Document(1, "achievement", "zh", RESULT.title, text)
        IndexWriter.rebuild(encoder, tmp_path, [shown, *others])
        found = {m.key: m.score for m in MatchEngine(encoder, tmp_path).match(NEED)}
        scores.append(found.get(1, 0.0))

    assert scores[0] > scores[1]
