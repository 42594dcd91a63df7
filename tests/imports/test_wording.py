"""Every error of the library has words that its facts fill."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from flask import Flask

from ingest.errors import FILE_CODES, ROW_CODES
from tenon.listings.importing import wording
from tenon.listings.models.imports import IMPORT_KINDS, IMPORT_STATES

FACTS: Mapping[str, Mapping[str, object]] = {
    "duplicate_header": {"columns": ["title"]},
    "expands_too_much": {"limit": 5},
    "missing_columns": {"columns": ["title", "summary"]},
    "too_many_bytes": {"limit": 5},
    "too_many_columns": {"limit": 5},
    "too_many_rows": {"limit": 5},
    "unreadable": {"reason": "no"},
    "bad_character": {"position": 3},
    "duplicate_in_file": {"first_line": 2},
    "not_editable_now": {"state": "concluded"},
    "one_of_required": {"columns": ["name_zh", "name_en"]},
    "out_of_range": {"low": 1, "high": 9},
    "range_reversed": {"low": "price_min", "high": "price_max"},
    "too_long": {"limit": 5, "length": 9},
    "too_many_values": {"limit": 5, "count": 9},
    "too_precise": {"digits": 2},
    "unknown_reference": {"kind": "organisations"},
}


def test_every_code_has_words_and_no_other() -> None:
    assert set(wording.MESSAGES) == FILE_CODES | ROW_CODES
    assert set(wording.STATES) == set(IMPORT_STATES)
    assert set(wording.KINDS) == set(IMPORT_KINDS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_words_are_filled_in_both_languages(app: Flask, language: str) -> None:
    headers = {"Accept-Language": "zh-CN" if language == "zh" else "en"}
    with app.test_request_context(headers=headers):
        for code in sorted(FILE_CODES | ROW_CODES):
            error = {"code": code, "facts": FACTS.get(code, {})}
            words = wording.error_words(error, "achievements", language)
            assert "%(" not in words, code
            chinese = any("一" <= char <= "鿿" for char in words)
            assert chinese == (language == "zh"), code


def test_columns_are_named_as_in_the_template() -> None:
    error = {"code": "missing_columns", "facts": {"columns": ["title", "summary"]}}
    assert wording.error_words(error, "achievements", "zh").endswith("标题, 摘要.")
    assert wording.column_words("price_min", "achievements", "zh") == "最低价格"
    assert wording.column_words("price_min", "achievements", "en") == "price_min"
    assert wording.column_words(None, "needs", "en") == ""
