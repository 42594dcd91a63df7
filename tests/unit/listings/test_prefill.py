"""A pasted paragraph becomes the beginning of a draft."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.listings.prefill import begin


@pytest.mark.parametrize(
    ("text", "language", "title", "summary"),
    [
        (
            "求高温测温装置\n热电偶三个月就坏。",
            "zh",
            "求高温测温装置",
            "热电偶三个月就坏。",
        ),
        (
            "求高温测温装置。热电偶三个月就坏。",
            "zh",
            "求高温测温装置",
            "求高温测温装置。热电偶三个月就坏。",
        ),
        (
            "Wanted: a seal that holds. It leaks today.",
            "en",
            "Wanted: a seal that holds",
            "Wanted: a seal that holds. It leaks today.",
        ),
    ],
)
def test_begin_splits_title_and_text(text: str, language: str, title: str, summary: str) -> None:
    content = begin(text, side="achievement")
    assert (content.language, content.words.title, content.words.summary) == (
        language,
        title,
        summary,
    )


def test_begin_cuts_a_long_sentence_at_a_pause() -> None:
    text = "我们在江边码头遇到大雾天气里测距头被水汽糊住，" * 3
    title = begin(text, side="need").words.title
    assert title == "我们在江边码头遇到大雾天气里测距头被水汽糊住"


def test_begin_finds_requirements_of_needs_alone() -> None:
    text = "求测温装置。外壁温度要求耐温≥200℃，价格低于6万元。"
    found = [each.text for each in begin(text, side="need").requirements]
    assert len(found) == 2
    assert all(each in text for each in found)
    assert begin(text, side="achievement").requirements == ()


@given(st.text(min_size=1, max_size=400).filter(str.strip))
def test_begin_loses_nothing_and_keeps_titles_short(text: str) -> None:
    words = begin(text, side="need").words
    assert len(words.title) <= 90
    assert words.summary == text.strip() or text.strip().endswith(words.summary)
