"""What a listing says in a language, part by part."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.factories.listings import make_achievement


@pytest.mark.parametrize(
    ("part", "language", "said"),
    [
        ("title", "en", ("Fibre thermometer", "en")),
        ("summary", "en", ("光纤测温。", "zh")),
        ("problem", "en", ("热电偶寿命短。", "zh")),
        ("advantages", "en", ("", "zh")),
        ("title", "zh", ("光纤测温装置", "zh")),
    ],
)
def test_part_is_in_the_source_language_where_nobody_translated_it(
    session: Session, part: str, language: str, said: tuple[str, str]
) -> None:
    listing = make_achievement(
        session,
        title="光纤测温装置",
        summary="光纤测温。",
        problem="热电偶寿命短。",
        advantages=None,
        translated={"title": "Fibre thermometer", "summary": ""},
    )
    assert listing.said(part, language) == said
