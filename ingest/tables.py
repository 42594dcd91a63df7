"""Open a file of rows, whatever its form: CSV, Excel workbook, JSON Lines, or one in gzip.

The form is told by the content and not by the name. Rows come one at a time with their line
numbers, so memory does not grow with the file (a workbook's shared texts excepted). Knows nothing
of what the columns mean.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Any, BinaryIO, Literal

from ingest import workbook
from ingest.cells import restore
from ingest.encodings import Opener, detect
from ingest.errors import FileError, RowError, shortened
from ingest.limits import Limits

Form = Literal["csv", "xlsx", "jsonl"]

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_KEPT = 32 * 1024 * 1024
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it stands in the file.

    Attributes:
        line: where it begins, from 1.
        cells: raw column name -> text (CSV, workbook) or JSON value (JSON Lines).
        errors: what is already wrong with it, before anybody asks what it means.
    """

    line: int
    cells: Mapping[str, object]
    errors: tuple[RowError, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """An opened file.

    Attributes:
        form: what it is.
        header: the column names as written; empty for JSON Lines, where every row names its own.
        encoding: of the text; None for a workbook.
        delimiter: of a CSV; None otherwise.
        read: begins reading from the first row, every time it is called.
    """

    form: Form
    header: tuple[str, ...]
    encoding: str | None
    delimiter: str | None
    read: Callable[[], Iterator[Row]]


class _Counted(io.RawIOBase):
    """A stream that refuses to give more bytes than a limit, however small its packed file is."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream, self._left, self._limit = stream, limit, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # RawIOBase's Buffer
        try:
            chunk = self._stream.read(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FileError("damaged_archive") from error
        self._left -= len(chunk)
        if self._left < 0:
            raise FileError("expands_too_much", limit=self._limit)
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._stream.close()
        super().close()


def open_table(path: Path, limits: Limits | None = None) -> Table:
    """Open a file and read its header.

    Raises:
        FileError: whatever makes the file as a whole unreadable; rows are not looked at yet.
    """
    limits = limits or Limits()
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(8)
    except OSError as error:
        raise FileError("unreadable", reason=error.strerror or type(error).__name__) from error
    if size == 0:
        raise FileError("empty_file")
    if size > limits.bytes:
        raise FileError("too_many_bytes", limit=limits.bytes)
    if head.startswith(_OLE):
        raise FileError("encrypted_or_old_excel")
    if head.startswith(_ZIP):
        return _open_workbook(path, limits)
    return _open_text(path, limits, packed=head.startswith(_GZIP))


def _open_workbook(path: Path, limits: Limits) -> Table:
    header = workbook.read_header(path, limits)
    return Table(
        "xlsx",
        header,
        None,
        None,
        lambda: (Row(*parts) for parts in workbook.read_rows(path, header, limits)),
    )


def _open_text(path: Path, limits: Limits, *, packed: bool) -> Table:
    opener = _opener(path, limits, packed=packed)
    encoding = detect(opener)

    def text() -> io.TextIOWrapper:
        return io.TextIOWrapper(opener(), encoding=encoding, newline="")

    with text() as stream:
        start = _first_text(stream)
    if not start:
        raise FileError("empty_file")
    if start[0] == "[":
        raise FileError("json_array", line=1)
    if start[0] == "{":
        return Table("jsonl", (), encoding, None, lambda: _json_rows(text, limits))
    delimiter, header = _csv_header(text, limits)
    return Table(
        "csv", header, encoding, delimiter, lambda: _csv_rows(text, delimiter, header, limits)
    )


def _opener(path: Path, limits: Limits, *, packed: bool) -> Opener:
    """Return what opens the file's text as bytes, unpacked, from its beginning.

    A small packed file is unpacked once and kept; a large one anew each time, so that memory has
    a bound.
    """

    def stream() -> BinaryIO:
        raw: Any = gzip.GzipFile(path, "rb") if packed else path.open("rb")
        return io.BufferedReader(_Counted(raw, limits.expanded), 1 << 18)

    if packed:
        with stream() as unpacked:
            content = unpacked.read(_KEPT)
            if not unpacked.read(1):
                return lambda: io.BytesIO(content)
    return stream


def _first_text(stream: io.TextIOWrapper) -> str:
    """Return the beginning of the first line that is not blank."""
    while chunk := stream.read(4096):
        if stripped := chunk.lstrip():
            return stripped
    return ""


# -- CSV ------------------------------------------------------------------------------------------


def _records(
    text: Callable[[], io.TextIOWrapper], delimiter: str, limits: Limits
) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins; blank lines are left out."""
    with text() as stream:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        line = 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise FileError("bad_quoting", line=line, reason=str(error)) from error
            if any(cell.strip() for cell in cells):
                if len(cells) > limits.columns:
                    raise FileError("too_many_columns", line=line, limit=limits.columns)
                yield line, cells
            line = reader.line_num + 1


def _csv_header(
    text: Callable[[], io.TextIOWrapper], limits: Limits
) -> tuple[str, tuple[str, ...]]:
    """Try each delimiter on the header: the one that cuts it into most columns is the file's."""
    best: tuple[str, list[str]] | None = None
    failure: FileError | None = None
    for delimiter in _DELIMITERS:
        try:
            _, cells = next(_records(text, delimiter, limits))
        except FileError as error:
            if error.code != "bad_quoting":
                raise
            failure = failure or error
            continue
        except StopIteration:
            raise FileError("empty_file") from None
        if best is None or len(cells) > len(best[1]):
            best = delimiter, cells
    if best is None:
        raise failure or FileError("empty_file")
    return best[0], tuple(cell.strip() for cell in best[1])


def _csv_rows(
    text: Callable[[], io.TextIOWrapper], delimiter: str, header: tuple[str, ...], limits: Limits
) -> Iterator[Row]:
    records = _records(text, delimiter, limits)
    next(records)  # the header
    for count, (line, cells) in enumerate(records, 1):
        if count > limits.rows:
            raise FileError("too_many_rows", line=line, limit=limits.rows)
        values = {
            name: restore(cell) for name, cell in zip(header, cells, strict=False) if name and cell
        }
        yield Row(line, values, _surplus(line, header, cells))


def _surplus(line: int, header: tuple[str, ...], cells: list[str]) -> tuple[RowError, ...]:
    """Return the error of a row that has text under no column name, if it has."""
    names = chain(header, repeat(""))
    extra = [cell for cell, name in zip(cells, names, strict=False) if cell.strip() and not name]
    if not extra:
        return ()
    facts = {"expected": len(header), "found": len(cells)}
    return (RowError(line, None, "too_many_cells", shortened(extra[0]), facts),)


# -- JSON Lines -----------------------------------------------------------------------------------


def _json_rows(text: Callable[[], io.TextIOWrapper], limits: Limits) -> Iterator[Row]:
    count = 0
    with text() as stream:
        for line, content in enumerate(stream, 1):
            if content.isspace():
                continue
            count += 1
            if count > limits.rows:
                raise FileError("too_many_rows", line=line, limit=limits.rows)
            yield _json_row(line, content)


def _json_row(line: int, content: str) -> Row:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return Row(line, {}, (RowError(line, None, "not_json", shortened(content)),))
    if not isinstance(value, dict):
        return Row(line, {}, (RowError(line, None, "not_an_object", shortened(content)),))
    return Row(line, value)
