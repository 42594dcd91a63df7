"""Sentences are verbatim and of readable length."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from matching.sentences import LONGEST, sentences


@given(st.text(alphabet="激光。；！ab .,;!?\nA1%", max_size=300))
def test_sentences_are_verbatim_and_in_order(text: str) -> None:
    place = 0
    for sentence in sentences(text):
        place = text.index(sentence, place) + len(sentence)


def test_chinese_stops_end_sentences() -> None:
    assert sentences("耐温200℃。成本低！能否试用？可以") == [
        "耐温200℃。",
        "成本低！",
        "能否试用？",
        "可以",
    ]


def test_a_latin_full_stop_ends_a_chinese_sentence() -> None:
    assert sentences("精度为0.5 mm.结果表明方法有效.") == ["精度为0.5 mm.", "结果表明方法有效."]


def test_english_abbreviations_and_decimals_end_nothing() -> None:
    text = "Coatings, e.g. Al2O3, last 1.5 times longer. Dr. Lee of ACME Inc. Wuhan agrees."

    assert sentences(text) == [
        "Coatings, e.g. Al2O3, last 1.5 times longer.",
        "Dr. Lee of ACME Inc. Wuhan agrees.",
    ]


def test_text_without_punctuation_is_cut_at_blanks() -> None:
    found = sentences("word " * 400)

    assert len(found) > 4
    assert max(map(len, found)) <= LONGEST


def test_fragments_without_words_are_left_out() -> None:
    assert sentences("1. 2. — 。") == []
