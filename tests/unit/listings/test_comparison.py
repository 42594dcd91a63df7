"""Differences word by word, in Chinese and English."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tenon.listings.comparison import Piece, compare, differences, tokens

texts = st.text(alphabet="高温光纤测温装置 and heat, 200℃\n。", max_size=60)


@given(texts)
def test_tokens_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


@given(texts, texts)
def test_differences_keep_both_texts_and_agree_on_the_rest(before: str, after: str) -> None:
    old, new = differences(before, after)
    assert "".join(piece.text for piece in old) == before
    assert "".join(piece.text for piece in new) == after
    kept = ["".join(p.text for p in side if not p.changed) for side in (old, new)]
    assert kept[0] == kept[1]


def test_differences_are_words_in_chinese() -> None:
    assert differences("寿命三个月，耐高温。", "寿命五年，耐高温。") == (
        (Piece("寿命", False), Piece("三个月", True), Piece("，耐高温。", False)),
        (Piece("寿命", False), Piece("五年", True), Piece("，耐高温。", False)),
    )


def test_differences_are_words_in_english() -> None:
    old, new = differences("lasts three months", "lasts five months")
    assert [piece.text for piece in old if piece.changed] == ["three"]
    assert [piece.text for piece in new if piece.changed] == ["five"]


def test_compare_leaves_out_what_is_empty_on_both_sides() -> None:
    rows = compare({"a": "x", "b": "", "c": "1"}, {"a": "x", "b": "", "d": "2"})
    assert [(row.part, row.same) for row in rows] == [("a", True), ("c", False), ("d", False)]
