"""Traditional characters become simplified ones, place by place."""

from __future__ import annotations

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.script import simplify


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("雷射切割機", "雷射切割机"),
        ("鋰電池與儲能系統", "锂电池与储能系统"),
        ("著名的顯著效果", "著名的显著效果"),
        ("already simple 激光", "already simple 激光"),
        ("", ""),
    ],
)
def test_simplify_gives_simplified_characters(written: str, expected: str) -> None:
    assert simplify(written) == expected


def test_simplify_agrees_with_opencc_on_single_characters() -> None:
    converter = opencc.OpenCC("t2s")
    common = [chr(code) for code in range(0x4E00, 0x9FA6, 7)]
    assert [simplify(letter) for letter in common] == [converter.convert(one) for one in common]


@given(st.text())
def test_simplify_keeps_places_and_is_done_at_once(text: str) -> None:
    once = simplify(text)
    assert len(once) == len(text)
    assert simplify(once) == once
