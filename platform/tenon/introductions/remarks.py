"""Ready remarks for brokers who check a request: data, in ``remarks.toml``, in both languages.

Pure: knows no introduction and no page.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("remarks.toml")


@dataclass(frozen=True, slots=True)
class Remark:
    """A ready sentence; language -> text."""

    code: str
    text: Mapping[str, str]


@cache
def remarks() -> tuple[Remark, ...]:
    """Return the ready remarks in order; raises KeyError where one lacks a language."""
    held = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        Remark(row["code"], {language: row[language] for language in ("zh", "en")})
        for row in held["remarks"]
    )


def with_remarks(text: str, codes: Iterable[str], language: str) -> str:
    """Return a text with the chosen remarks put before it, those that it holds already left out."""
    chosen = set(codes)
    ready = [each.text[language] for each in remarks() if each.code in chosen]
    return "\n".join([*(line for line in ready if line not in text), *filter(None, [text])])
