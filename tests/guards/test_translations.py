"""Every text of the site is there in Chinese, once, with the same placeholders."""

from __future__ import annotations

from tenon.web import catalogues


def test_every_text_is_translated_exactly_once() -> None:
    report = catalogues.check()
    assert [f"{one.kind}: {one.message!r} {one.places}" for one in report.findings] == []


def test_texts_are_found_at_all() -> None:
    said = catalogues.said_messages()
    assert "Skip to the content" in said  # in a template
    assert "Please fill this in." in said  # in code
