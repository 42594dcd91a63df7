"""Headers are understood in both languages; a file's kind is told by them."""

from __future__ import annotations

import pytest

from ingest.errors import FileError
from ingest.format import FORMATS, column_name, guess_kind, match_header
from ingest.records import KINDS, Kind


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_answers_to_its_names_however_written(kind: Kind) -> None:
    for column in FORMATS[kind]:
        for word in (column.name, column.zh, *column.aliases):
            spaced = f" {word.upper().replace('_', ' ')}* "
            assert column_name(kind, spaced) == column.name
            assert column_name(kind, f"{word}（必填）") == column.name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_guess_kind_tells_every_full_header(kind: Kind, language: str) -> None:
    assert guess_kind([c.zh if language == "zh" else c.name for c in FORMATS[kind]]) == kind


def test_guess_kind_says_none_of_other_tables() -> None:
    assert guess_kind(["date", "amount"]) is None
    assert guess_kind([]) is None


def test_match_header_names_all_that_is_missing() -> None:
    with pytest.raises(FileError) as caught:
        match_header("achievements", ["标题", "备注"])
    assert caught.value.code == "missing_columns"
    assert caught.value.facts == {"columns": ["external_id", "language", "summary"]}


def test_match_header_refuses_two_names_for_one_column() -> None:
    with pytest.raises(FileError) as caught:
        match_header("needs", ["编号", "标题", "Title", "背景", "语言", "编号"])
    assert caught.value.code == "duplicate_header"
    assert caught.value.facts == {"columns": ["Title", "编号"]}


def test_match_header_lists_unknown_columns() -> None:
    match = match_header("organisations", ["编号", "机构类型", "内部备注", ""])
    assert match.columns == {"编号": "external_id", "机构类型": "kind"}
    assert match.unknown == ("内部备注",)


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_explained_in_both_languages(kind: Kind) -> None:
    for column in FORMATS[kind]:
        assert column.about_zh.endswith("。"), column.name
        assert column.about_en.endswith("."), column.name
