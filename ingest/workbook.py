"""Rows of an Excel workbook's first sheet, every cell as the text that a CSV would hold.

Formulas are never evaluated: what the program that saved the file had calculated is read, and a
formula without such a value is an error of its row. Archives that unpack to too much, and XML that
declares entities, are refused before openpyxl sees them.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import repeat
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl

from ingest.errors import FileError, RowError, shortened
from ingest.limits import Limits

_ERROR_VALUES = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"}
)
_SHEET_ROWS = 1_048_576
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
Parts = tuple[int, dict[str, object], tuple[RowError, ...]]


def read_header(path: Path, limits: Limits) -> tuple[str, ...]:
    """Return the first row that is not empty, of the first sheet.

    Raises:
        FileError: not a workbook, damaged, unsafe, too large or empty.
    """
    _guard(path, limits)
    with _first_sheet(path, values=True) as sheet:
        for _, cells in _filled(sheet):
            if len(cells) > limits.columns:
                raise FileError("too_many_columns", line=1, limit=limits.columns)
            return tuple(as_text(cell).strip() for cell in cells)
    raise FileError("empty_file")


def read_rows(path: Path, header: tuple[str, ...], limits: Limits) -> Iterator[Parts]:
    """Every further row that is not empty: its number in the sheet, its cells, its errors."""
    if not _has_formulas(path):
        with _first_sheet(path, values=True) as sheet:
            yield from _rows(_filled(sheet), repeat(None), header, limits)
        return
    # Reading the same sheet twice in step is how openpyxl shows both a formula and its value.
    with _first_sheet(path, values=True) as shown, _first_sheet(path, values=False) as written:
        yield from _rows(
            _numbered(shown), (cells for _, cells in _numbered(written)), header, limits
        )


def as_text(value: object) -> str:
    """Return a cell's value as text: dates in ISO form, whole numbers without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 1e15
        return str(int(value)) if whole else f"{value:.15g}"
    return str(value)


def _guard(path: Path, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > limits.entries:
                raise FileError("expands_too_much", limit=limits.expanded)
            # zipfile never reads more of an entry than its declared size, so the sum is a bound.
            if sum(entry.file_size for entry in entries) > limits.expanded:
                raise FileError("expands_too_much", limit=limits.expanded)
            names = {entry.filename for entry in entries}
            if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
                raise FileError("not_a_workbook")
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    with archive.open(entry) as part:
                        head = part.read(4096)
                    if any(mark in head for mark in _DECLARATIONS):
                        raise FileError("unsafe_xml")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise FileError("damaged_archive") from error


@contextmanager
def _first_sheet(path: Path, *, values: bool) -> Iterator[Any]:
    with path.open("rb") as stream:  # by stream, since openpyxl would judge a path by its ending
        book = _loaded(stream, values=values)
        try:
            if not book.worksheets:
                raise FileError("empty_file")
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # the size that a file declares may be wrong or enormous
            yield sheet
        finally:
            book.close()


def _loaded(stream: BinaryIO, *, values: bool) -> Any:
    with warnings.catch_warnings():
        # openpyxl warns of styles and extensions that it does not keep; nothing here needs them.
        warnings.simplefilter("ignore")
        try:
            return openpyxl.load_workbook(stream, read_only=True, data_only=values)
        except Exception as error:  # its XML and its zip code raise a dozen unrelated classes
            raise FileError("not_a_workbook") from error


def _numbered(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    try:
        for line, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            if line > _SHEET_ROWS:  # a row number that no spreadsheet has, made to keep us busy
                raise FileError("damaged_archive", line=_SHEET_ROWS)
            yield line, cells
    except FileError:
        raise
    except Exception as error:  # a sheet cut short shows as many classes of error
        raise FileError("damaged_archive") from error


def _filled(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    for line, cells in _numbered(sheet):
        if any(cell is not None and cell != "" for cell in cells):
            yield line, cells


def _has_formulas(path: Path) -> bool:
    """Whether any sheet holds a formula: looked for in the XML itself, which is quick."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.filename.startswith("xl/worksheets/"):
                continue
            tail = b""
            with archive.open(entry) as part:
                while chunk := part.read(1 << 20):
                    window = tail + chunk
                    if b"<f>" in window or b"<f " in window:
                        return True
                    tail = chunk[-2:]
    return False


def _rows(
    shown: Iterable[tuple[int, tuple[Any, ...]]],
    written: Iterable[tuple[Any, ...] | None],
    header: tuple[str, ...],
    limits: Limits,
) -> Iterator[Parts]:
    started, count = False, 0
    for (line, cells), formulas in zip(shown, written, strict=False):
        present = formulas if formulas is not None else cells
        if not any(cell is not None and cell != "" for cell in present):
            continue
        if not started:
            started = True  # the header
            continue
        count += 1
        if count > limits.rows:
            raise FileError("too_many_rows", line=line, limit=limits.rows)
        yield _row(line, cells, formulas, header)


def _row(
    line: int, cells: tuple[Any, ...], formulas: tuple[Any, ...] | None, header: tuple[str, ...]
) -> Parts:
    values: dict[str, object] = {}
    errors: list[RowError] = []
    for position, cell in enumerate(cells):
        name = header[position] if position < len(header) else ""
        text = as_text(cell)
        formula = formulas[position] if formulas and position < len(formulas) else None
        if cell is None and formula is not None:
            written = formula if isinstance(formula, str) else getattr(formula, "text", "")
            errors.append(
                RowError(line, name or None, "formula_not_calculated", shortened(written))
            )
        elif text in _ERROR_VALUES:
            errors.append(RowError(line, name or None, "formula_error", text))
        elif text and name:
            values[name] = text
        elif text:
            facts = {"expected": len(header), "found": position + 1}
            errors.append(RowError(line, None, "too_many_cells", shortened(text), facts))
    return line, values, tuple(errors)
