"""Sparse vectors against the engine whose sums they are to give."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from matching.lexical import CutText
from matching.milvus.weights import Lengths, dimension, document_weights, rounded, saturated


def test_short_lengths_are_exact_and_long_ones_lose_little() -> None:
    assert [rounded(length) for length in range(41)] == list(range(41))
    assert [rounded(length) for length in (41, 42, 55, 56, 60, 1_000)] == [40, 42, 54, 56, 60, 984]


@given(st.integers(0, 10**7), st.integers(0, 10**4))
def test_rounding_keeps_the_order_and_loses_an_eighth_at_most(length: int, more: int) -> None:
    assert rounded(length) <= length < rounded(length) * 1.125 + 1
    assert rounded(length) <= rounded(length + more)


@given(st.integers(1, 500), st.integers(1, 2_000), st.floats(1, 500))
def test_saying_a_word_more_often_or_in_a_shorter_text_counts_more(
    times: int, length: int, mean: float
) -> None:
    assert saturated(times + 1, length, mean) >= saturated(times, length, mean)
    assert saturated(times, length, mean) >= saturated(times, length + 1, mean)
    assert 0 < saturated(times, length, mean) < 2.2


def test_a_text_without_words_still_has_a_vector() -> None:
    assert len(document_weights("en", CutText("", ""), Lengths(0, 0, 0))) == 1


def test_the_fields_of_one_word_lie_apart() -> None:
    fields = ("zh", "en", "grams")
    assert len({dimension(field, "激光") for field in fields}) == 3


def test_means_count_documents_of_all_languages() -> None:
    lengths = Lengths.of(
        [("zh", CutText("激光 切割", "激光 光切 切割")), ("en", CutText("laser", ""))]
    )
    assert lengths == Lengths(zh=1.0, en=0.5, grams=1.5)
