"""A test set in BEIR's form, read into memory.

What it is for: ``corpus.jsonl``, ``queries.jsonl`` (either may end in ``.gz``) and ``qrels.tsv``
(or BEIR's ``qrels/test.tsv``), checked line by line, so that a wrong file is named and not scored.
What it must not know: indexes, encoders, measures.
"""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matching.documents import Document
from matching.text import detect_language

JUDGEMENTS = ("qrels.tsv", "qrels/test.tsv")


class TestSetUnusable(ValueError):
    """A folder is no test set, or one of its lines is not as BEIR's form wants it.

    Args:
        path: the file (or the folder).
        line: from 1; 0 where it is not about a line.
        problem: what is wrong, in English.
    """

    __test__ = False  # its name begins like a test's

    def __init__(self, path: Path, line: int, problem: str) -> None:
        place = f"{path}, line {line}" if line else str(path)
        super().__init__(f"{place}: {problem}")
        self.path = path
        self.line = line


@dataclass(frozen=True, slots=True)
class TestSet:
    """Documents, queries and judgements.

    Attributes:
        name: of the folder.
        ids: of the documents; a document's key is its place here.
        documents: what is to be found.
        queries: id -> text, only those with at least one document judged relevant.
        judgements: query id -> document id -> grade above 0.
    """

    __test__ = False

    name: str
    ids: tuple[str, ...]
    documents: tuple[Document, ...]
    queries: Mapping[str, str]
    judgements: Mapping[str, Mapping[str, float]]


def read_set(folder: Path) -> TestSet:
    """Read a test set.

    Documents may carry a ``title``; queries without a judgement above 0 are left out, as BEIR
    does. Judgements of documents that the corpus lacks stay: they count as never found.

    Raises:
        TestSetUnusable: a file is missing, or a line is not as it should be.
    """
    ids, documents = _documents(folder)
    judgements = _judgements(folder)
    asked = _queries(folder)
    queries = {name: text for name, text in asked.items() if name in judgements}
    if not queries:
        raise TestSetUnusable(folder, 0, "no query has a document judged relevant")
    return TestSet(folder.resolve().name, ids, documents, queries, judgements)


def _documents(folder: Path) -> tuple[tuple[str, ...], tuple[Document, ...]]:
    found: dict[str, Document] = {}
    path = _present(folder, "corpus.jsonl")
    for number, row in _rows(path):
        name = _field(path, number, row, "_id")
        if name in found:
            raise TestSetUnusable(path, number, f"the id {name} stands here a second time")
        text, title = _field(path, number, row, "text"), str(row.get("title") or "")
        language = detect_language(f"{title}\n{text}")
        found[name] = Document(len(found), "achievement", language, title, text)
    return tuple(found), tuple(found.values())


def _queries(folder: Path) -> dict[str, str]:
    path = _present(folder, "queries.jsonl")
    return {
        _field(path, number, row, "_id"): _field(path, number, row, "text")
        for number, row in _rows(path)
    }


def _judgements(folder: Path) -> dict[str, dict[str, float]]:
    """Read query, document, grade; a first line whose grade is no number is the header."""
    path = next((folder / name for name in JUDGEMENTS if (folder / name).is_file()), None)
    if path is None:
        raise TestSetUnusable(folder, 0, f"{JUDGEMENTS[0]} is missing")
    found: dict[str, dict[str, float]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) == 4:  # TREC's form has an unused second column
            del cells[1]
        grade = _number(cells[2]) if len(cells) == 3 else math.nan
        if math.isnan(grade):
            if number == 1:
                continue
            raise TestSetUnusable(path, number, "wanted query, document and grade, with tabs")
        if grade > 0:
            found.setdefault(cells[0].strip(), {})[cells[1].strip()] = grade
    return found


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _present(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise TestSetUnusable(folder, 0, f"{name} (or {name}.gz) is missing")


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield line number and object of every line that is not blank."""
    opener = gzip.open if path.suffix == ".gz" else open
    number = 0
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise TestSetUnusable(path, number, "not a JSON object")
                    yield number, row
    except json.JSONDecodeError as error:
        raise TestSetUnusable(path, number, f"not JSON: {error.msg}") from None
    except UnicodeDecodeError:
        raise TestSetUnusable(path, number + 1, "not UTF-8") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise TestSetUnusable(path, number + 1, "not a whole gzip file") from None


def _field(path: Path, number: int, row: Mapping[str, Any], name: str) -> str:
    if row.get(name) is None:
        raise TestSetUnusable(path, number, f"{name} is missing")
    return str(row[name])
