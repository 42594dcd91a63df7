"""What is asked of the words: the telling ones, in the documents' own language."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from matching.asking import (
    GRAM_WEIGHT,
    MOST_GRAMS,
    MOST_RENDERED,
    MOST_RENDERINGS,
    MOST_WORDS,
    Asked,
    LexicalQuery,
    Size,
    weigh_words,
)
from matching.documents import Language

SIZE = Size(documents=1000, whole=2000)


def asked(
    text: str,
    language: Language,
    found: Mapping[str, int],
    grams: Mapping[str, int] | None = None,
) -> Asked:
    return weigh_words(
        LexicalQuery.of(text),
        language,
        SIZE,
        word_frequency=lambda word: found.get(word, 0),
        gram_frequency=lambda pair: (grams or {}).get(pair, 0),
    )


def test_a_chinese_word_asks_english_documents_in_english() -> None:
    found = asked("激光", "en", {"laser": 12})

    assert [word for word, _ in found.words] == ["laser"]
    assert (found.known, found.rendered) == (0.0, 1.0)


def test_an_english_word_asks_chinese_documents_in_chinese() -> None:
    found = asked("seal", "zh", {"密封": 20})

    assert [word for word, _ in found.words] == ["密封"]
    assert (found.known, found.rendered) == (0.0, 1.0)


def test_a_word_asks_documents_of_its_own_language_as_it_stands() -> None:
    found = asked("laser", "en", {"laser": 12, "激光": 5})

    assert [word for word, _ in found.words] == ["laser"]
    assert (found.known, found.rendered) == (1.0, 0.0)


def test_names_and_figures_go_over_as_they_are() -> None:
    found = asked("GaN 650", "zh", {"gan": 3, "650": 7})

    assert {word for word, _ in found.words} == {"gan", "650"}
    assert found.known + found.rendered == 1.0


def test_renderings_share_the_weight_of_the_word() -> None:
    one = asked("水", "en", {"water": 30})
    many = asked("水", "en", {"water": 30, "liquid": 30, "river": 30})
    factor = dict(one.words)["water"]

    assert len(many.words) == 3
    assert abs(sum(factor for _, factor in many.words) - factor) < 1e-6


def test_unknown_words_lower_the_known_share() -> None:
    assert asked("laser blorptang", "en", {"laser": 12}).known < 0.6
    assert asked("blorptang", "en", {}).words == ()


def test_rare_words_weigh_more() -> None:
    weights = dict(asked("laser pump", "en", {"laser": 3, "pump": 400}).words)

    assert weights["laser"] > weights["pump"]


def test_neighbouring_characters_ask_where_no_word_does() -> None:
    found = asked("雾化盘自清洁", "zh", {"清洁": 9}, {"化盘": 2, "清洁": 9})

    assert [pair for pair, _ in found.grams] == ["化盘"]
    assert asked("雾化盘自清洁", "en", {}, {"化盘": 2}).grams == ()
    assert GRAM_WEIGHT < 1


@given(
    st.text(alphabet="激光切割无人机雾化 laserpumt0159", max_size=400),
    st.sampled_from(["zh", "en"]),
)
def test_however_long_a_text_few_words_are_asked(text: str, language: Language) -> None:
    found = weigh_words(
        LexicalQuery.of(text),
        language,
        SIZE,
        word_frequency=len,
        gram_frequency=lambda _: 1,
    )

    most = MOST_WORDS + MOST_RENDERED * (MOST_RENDERINGS + 1)
    assert len(found.words) <= most
    assert len(found.grams) <= MOST_GRAMS
    assert 0 <= found.known + found.rendered <= 1 + 1e-9
    assert found.best >= 0
    assert all(factor > 0 for _, factor in (*found.words, *found.grams))
