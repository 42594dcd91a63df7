"""Rows of a file for this room: read from CSV or XLSX by column names in two languages, written.

A file is read whole, since a network has thousands of rows at most. Knows nothing of what the
columns mean; who reads the rows checks them.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from ingest.cells import write_csv
from ingest.errors import FileError
from ingest.limits import Limits
from ingest.tables import open_table
from tenon.errors import Invalid

FORMS = ("csv", "xlsx")
MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_ROWS = 3_000
_LIMITS = Limits(bytes=10 * 1024 * 1024, expanded=64 * 1024 * 1024, rows=MOST_ROWS)
_TOO_MUCH = {"too_many_bytes", "too_many_rows", "too_many_columns", "expands_too_much"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: its English name, as programs write it.
        zh: its Chinese name.
        required: whether the file must have it.
        example: what may stand in it.
    """

    name: str
    zh: str
    required: bool = False
    example: str = ""

    def title(self, language: str) -> str:
        """Return the name in a language."""
        return self.zh if language == "zh" else self.name


@dataclass(slots=True)
class Line:
    """One row of a file, and what would become of it.

    Attributes:
        number: of the line in the file, from 1.
        cells: column name -> what stood there.
        outcome: ``new``, ``changed``, ``same`` or ``wrong``; empty before anybody looked.
        problems: column name -> error code; the empty name means the whole row.
    """

    number: int
    cells: Mapping[str, str]
    outcome: str = ""
    problems: dict[str, str] = field(default_factory=dict)

    def refuse(self, problems: Mapping[str, str]) -> None:
        """Note what is wrong."""
        self.problems |= problems
        self.outcome = "wrong"

    def cell(self, name: str) -> str:
        """Return what stood in a column, without blanks around it."""
        return self.cells.get(name, "").strip()


def read(stream: BinaryIO, columns: Sequence[Column]) -> list[Line]:
    """Read a file's rows.

    Columns are found by either name, whatever its case, in any order; others are passed over, and
    so are rows without a word. Raises Invalid at ``file``: ``empty_file``, ``too_large_file``,
    ``missing_columns`` (fact ``columns``), ``unreadable_file``.
    """
    with tempfile.NamedTemporaryFile(suffix=".upload") as file:
        file.write(stream.read(_LIMITS.bytes + 1))
        file.flush()
        try:
            table = open_table(Path(file.name), _LIMITS)
            names = _named(table.header, columns)
            lines = [
                Line(row.line, {names[k]: str(v) for k, v in row.cells.items() if k in names})
                for row in table.read()
            ]
        except FileError as error:
            raise Invalid({"file": _code(error)}) from error
    found = [each for each in lines if any(text.strip() for text in each.cells.values())]
    if not found:
        raise Invalid({"file": "empty_file"})
    return found


def _code(error: FileError) -> str:
    if error.code in _TOO_MUCH:
        return "too_large_file"
    return "empty_file" if error.code == "empty_file" else "unreadable_file"


def _named(header: Iterable[str], columns: Sequence[Column]) -> dict[str, str]:
    by_title = {title.casefold(): each.name for each in columns for title in (each.name, each.zh)}
    plain = {written: written.strip().rstrip("*").strip().casefold() for written in header}
    names = {written: by_title[title] for written, title in plain.items() if title in by_title}
    missing = [each for each in columns if each.required and each.name not in names.values()]
    if missing:
        titles = ", ".join(f"{each.zh} / {each.name}" for each in missing)
        raise Invalid({"file": "missing_columns"}, columns=titles)
    return names


def pack(lines: Iterable[Line], columns: Sequence[Column]) -> str:
    """Return rows as text that a page carries from the preview to the import."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    for each in lines:
        writer.writerow([each.number, *(each.cells.get(column.name, "") for column in columns)])
    return stream.getvalue()


def unpack(text: str, columns: Sequence[Column]) -> list[Line]:
    """Return rows from what ``pack`` wrote; raises Invalid at ``file`` for anything else."""
    names = [column.name for column in columns]
    found: list[Line] = []
    for row in csv.reader(io.StringIO(text, newline="")):
        if len(row) != len(names) + 1 or not row[0].isdigit() or len(found) >= MOST_ROWS:
            raise Invalid({"file": "unreadable_file"})
        found.append(Line(int(row[0]), dict(zip(names, row[1:], strict=True))))
    if not found:
        raise Invalid({"file": "empty_file"})
    return found


def write(
    form: str, columns: Sequence[Column], rows: Iterable[Sequence[object]], *, language: str
) -> bytes:
    """Return a file of rows; what somebody typed is text in it and never a formula."""
    titles = [
        f"{each.title(language)}*" if each.required else each.title(language) for each in columns
    ]
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if form == "csv":
        stream = io.StringIO(newline="")
        write_csv(stream, titles, texts)
        return stream.getvalue().encode("utf-8-sig")
    return _workbook(titles, texts)


def _workbook(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(titles))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        cells = [WriteOnlyCell(sheet, value=text) for text in row]
        for cell in cells:
            cell.data_type = "s"
        sheet.append(cells)
    for number in range(1, len(titles) + 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = 20
        sheet.column_dimensions[letter].number_format = "@"
    sheet.freeze_panes = "A2"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def template(form: str, columns: Sequence[Column], *, language: str) -> bytes:
    """Return a file to fill in: the names of the columns, those that must be filled with a star."""
    return write(form, columns, [], language=language)
