"""Words and languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.text import bigrams, detect_language, normalise, surface_words, words


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("激光切割设备", "zh"),
        ("GaN HEMT 器件", "zh"),
        ("GaN器件的可靠性", "zh"),
        ("A study of the 榫卯 joint in timber frames", "en"),
        ("laser cutting", "en"),
        ("", "en"),
        ("12345 %", "en"),
    ],
)
def test_language_is_detected(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_words_of_two_characters_stand_by_themselves_within_longer_ones() -> None:
    assert {"激光", "激光器"} <= set(words("一种新型激光器"))


def test_words_cut_mixed_scripts() -> None:
    assert words("GaN器件") == ["gan", "器件"]


def test_traditional_characters_give_the_same_words() -> None:
    assert words("鋰電池隔膜塗層") == words("锂电池隔膜涂层")


def test_full_width_letters_give_the_same_words() -> None:
    assert words("ＧａＮ　ＨＥＭＴ") == words("gan hemt")


def test_english_words_meet_in_their_stem() -> None:
    assert words("cutting machines") == words("cuts machine")


def test_stop_words_are_left_out() -> None:
    assert words("这种方法和那个的") == ["方法"]
    assert words("the of and") == []


@given(st.text(max_size=200))
def test_any_text_can_be_cut(text: str) -> None:
    assert all(word and not word.isspace() for word in words(text))
    assert normalise(normalise(text)) == normalise(text) or not text.isascii()


def test_bigrams_cross_the_borders_of_words() -> None:
    assert bigrams("研究生命") == ["研究", "究生", "生命"]


def test_surface_words_show_what_was_written() -> None:
    shown = dict(surface_words("鋰電池 Coatings"))

    assert shown["coat"] == "Coatings"
    assert "鋰電池" in shown.values() or {"鋰", "電池"} <= set(shown.values())


def test_degrees_are_not_a_word() -> None:
    assert words("耐温≥200℃") == words("耐温≥200")
    assert words("survives 600 °C") == words("survives 600")
    assert "c" in words("维生素C")
