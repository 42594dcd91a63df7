"""What the encoder learns from: reading the training files into plain tuples.

What it is for: one place that says which files the shipped model may use. All have a licence
that lets the weights ship: tatoeba_zh_en (CC BY 2.0 FR), nsfc_disciplines (MIT), csl_titles
(Apache-2.0), sbir_topics_unpaired (texts of a programme of the US government).
What it must not know: vectors, tokenizers, test sets.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matching.script import simplify


class SourceMissing(Exception):
    """A training file is not where it was looked for.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(f"training file {path} is missing")
        self.path = path


@dataclass(frozen=True)
class Sources:
    """Training text, simplified.

    Attributes:
        pairs: sentences (Chinese, English) of one meaning.
        names: names of disciplines (Chinese, English).
        topics: (title, text) of English calls for technology.
        titles: (title, category) of Chinese papers.
    """

    pairs: tuple[tuple[str, str], ...]
    names: tuple[tuple[str, str], ...]
    topics: tuple[tuple[str, str], ...]
    titles: tuple[tuple[str, str], ...]

    def chinese(self) -> Iterator[str]:
        """Every Chinese text."""
        yield from (chinese for chinese, _ in self.pairs)
        yield from (chinese for chinese, _ in self.names)
        yield from (title for title, _ in self.titles)

    def english(self) -> Iterator[str]:
        """Every English text."""
        yield from (english for _, english in self.pairs)
        yield from (english for _, english in self.names)
        for title, text in self.topics:
            yield title
            yield text


def read_sources(folder: Path) -> Sources:
    """Read the training files, gzip-compressed JSON Lines each.

    Args:
        folder: holds tatoeba_zh_en, nsfc_disciplines, sbir_topics_unpaired and csl_titles,
            all ending in ``.jsonl.gz``.

    Raises:
        SourceMissing: one of them is not there.
    """
    return Sources(
        pairs=_tuples(folder / "tatoeba_zh_en.jsonl.gz", "zh", "en"),
        names=_tuples(folder / "nsfc_disciplines.jsonl.gz", "name", "name_en"),
        topics=_tuples(folder / "sbir_topics_unpaired.jsonl.gz", "title", "text"),
        titles=_tuples(folder / "csl_titles.jsonl.gz", "title", "category"),
    )


def _tuples(path: Path, first: str, second: str) -> tuple[tuple[str, str], ...]:
    """The two fields of every line that has both."""
    return tuple(
        (simplify(str(row[first])), simplify(str(row[second])))
        for row in _rows(path)
        if row.get(first) and row.get(second)
    )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        raise SourceMissing(path)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
