"""Small files and a sink that keeps records in memory, for the tests of the library."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

from ingest.errors import Rejected, RowError
from ingest.records import Kind, PersonRecord, Record, fingerprint, kind_of
from ingest.rows import read_records
from ingest.sink import Outcome
from ingest.tables import open_table
from ingest.vocabulary import CodeShapes


def written(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    """Write a file and return its path."""
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return path


def workbook(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    """Write a workbook of one sheet."""
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(path)
    return path


def jsonl(path: Path, rows: Sequence[object]) -> Path:
    """Write JSON Lines."""
    return written(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def parsed(path: Path, kind: Kind | None = None) -> list[Record | Rejected]:
    """Read a whole file in the import format."""
    _, rows = read_records(open_table(path), kind, "test", CodeShapes())
    return list(rows)


def errors_of(path: Path, kind: Kind | None = None) -> list[tuple[int, str | None, str]]:
    """Return (line, column, code) of every error of a file."""
    return [
        (error.line, error.column, error.code)
        for row in parsed(path, kind)
        if isinstance(row, Rejected)
        for error in row.errors
    ]


class MemorySink:
    """Keeps what was finished; refuses people whose organisation it does not know."""

    def __init__(self) -> None:
        self.kept: dict[tuple[Kind, str, str], str] = {}
        self._new: dict[tuple[Kind, str, str], str] = {}
        self._write = False
        self.batches: list[int] = []
        self.calls: list[str] = []

    def begin(self, kind: Kind, source: str, *, write: bool) -> None:
        self.calls.append(f"begin {kind} {source} {write}")
        self._new, self._write = {}, write

    def take(self, records: Sequence[Record]) -> Sequence[Outcome]:
        self.batches.append(len(records))
        return [self._one(record) for record in records]

    def _one(self, record: Record) -> Outcome:
        key = (kind_of(record), record.source, record.external_id)
        wanted = record.organisation if isinstance(record, PersonRecord) else None
        known = self.kept | self._new
        if wanted and ("organisations", record.source, wanted) not in known:
            facts = {"kind": "organisations"}
            error = RowError(record.line, "organisation", "unknown_reference", wanted, facts)
            return Outcome("refused", (error,))
        digest = fingerprint(record)
        before = known.get(key)
        self._new[key] = digest
        if before is None:
            return Outcome("created")
        return Outcome("unchanged" if before == digest else "updated")

    def finish(self) -> None:
        self.calls.append("finish")
        if self._write:
            self.kept |= self._new

    def abandon(self) -> None:
        self.calls.append("abandon")
        self._write = False
