"""Names that every page may use: one home, so that no room takes another's name unnoticed.

Pages share one namespace. A room that calls its function as another room does would change what
the other's pages say: whose name they show, for one. So a name is given once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Flask


class NameTaken(ValueError):
    """A name that pages know already was given again."""


def add_page_words(app: Flask, **words: object) -> None:
    """Let every page use these functions and values.

    Raises:
        NameTaken: a page knows one of the names already.
    """
    _add(app.jinja_env.globals, words)


def add_page_filters(app: Flask, **filters: Callable[..., object]) -> None:
    """Let every page use these filters.

    Raises:
        NameTaken: a page knows one of the filters already.
    """
    _add(app.jinja_env.filters, filters)


def _add(known: dict[str, object], added: Mapping[str, object]) -> None:
    for name, word in added.items():
        if name in known:
            raise NameTaken(f"pages know {name!r} already: choose another name")
        known[name] = word
