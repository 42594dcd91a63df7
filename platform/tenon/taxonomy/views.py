"""Let templates name coded terms in the page's language; the room has no pages of its own.

Must not know listings or any other room.
"""

from __future__ import annotations

from flask import Flask

from tenon.taxonomy import catalogue, pickers
from tenon.taxonomy.pickers import ChoiceGroup
from tenon.web.languages import language
from tenon.web.page_words import add_page_words


def term(scheme: str, code: str | None) -> str:
    """Return a code's label in the page's language; empty for None."""
    return catalogue.label(scheme, code, language())


def term_path(scheme: str, code: str | None) -> str:
    """Return a code's label with what it lies in: 湖北省武汉市洪山区."""
    return catalogue.path_label(scheme, code, language())


def term_note(scheme: str, code: str | None) -> str:
    """Return a code's full wording or definition."""
    return catalogue.note(scheme, code, language())


def term_choices(scheme: str, depth: int | None = None) -> list[ChoiceGroup]:
    """Return a scheme's groups for a select element."""
    return pickers.as_choices(scheme, language(), depth)


def install(app: Flask) -> None:
    """Give templates ``term``, ``term_path``, ``term_note`` and ``term_choices``."""
    add_page_words(
        app, term=term, term_path=term_path, term_note=term_note, term_choices=term_choices
    )
