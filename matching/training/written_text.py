"""What the project wrote itself for the encoder to learn from: terms, and needs with results.

What it is for: reading ``matching/training/written`` into plain tuples.
What it must not know: vectors, tokenizers, the judged set or any other test set.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

from matching.script import simplify
from matching.training.sources import SourceMissing

SHIPPED = Path(__file__).parent / "written"
TERMS_FILE = "terms.tsv"
NEEDS_FILE = "pairs.jsonl"


@dataclass(frozen=True)
class Served:
    """A need and a result that serves it, each in both languages."""

    need_zh: str
    need_en: str
    result_zh: str
    result_en: str


@dataclass(frozen=True)
class Written:
    """The project's own training text.

    Attributes:
        terms: technical terms and everyday words for the same, (Chinese, English).
        served: needs beside what serves them.
    """

    terms: tuple[tuple[str, str], ...]
    served: tuple[Served, ...]

    def chinese(self) -> list[str]:
        """Every Chinese text."""
        needs = [text for each in self.served for text in (each.need_zh, each.result_zh)]
        return [chinese for chinese, _ in self.terms] + needs

    def english(self) -> list[str]:
        """Every English text."""
        needs = [text for each in self.served for text in (each.need_en, each.result_en)]
        return [english for _, english in self.terms] + needs


def read_written(folder: Path = SHIPPED) -> Written:
    """Read the terms (tab-separated, with a header) and the needs (JSON Lines).

    Raises:
        SourceMissing: one of the two files is not there.
    """
    terms, needs = folder / TERMS_FILE, folder / NEEDS_FILE
    for path in (terms, needs):
        if not path.is_file():
            raise SourceMissing(path)
    with terms.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        pairs = tuple((simplify(row["zh"]), row["en"]) for row in rows if row["zh"] and row["en"])
    return Written(pairs, tuple(_served(needs)))


def _served(path: Path) -> list[Served]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [
        Served(
            simplify(row["need_zh"]), row["need_en"], simplify(row["result_zh"]), row["result_en"]
        )
        for row in rows
    ]
