"""Template files for people to fill in: CSV and Excel, with Chinese or English headers.

A template is itself a readable file: its header is matched, its comment and its example row are
passed over, so that uploading it untouched imports nothing and harms nothing.
"""

from __future__ import annotations

import io
from typing import Literal

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ingest.cells import write_csv
from ingest.format import FORMATS, Column
from ingest.records import Kind
from ingest.rows import EXAMPLE_ID, HINT_MARK
from ingest.vocabulary import fixed_codes, fixed_word, is_fixed

Form = Literal["csv", "xlsx"]
Language = Literal["zh", "en"]

MEDIA_TYPES: dict[Form, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FILLED_ROWS = 10_000
_LONGEST_LIST = 250  # Excel holds at most 255 characters in a list of choices
_GUIDE_HEADER = (
    "列名 / Column",
    "中文列名 / Chinese",
    "必填 / Required",
    "说明",
    "Explanation",
    "示例 / Example",
)


def template(kind: Kind, form: Form, language: Language) -> bytes:
    """Build a template.

    Args:
        kind: of the records to fill in.
        form: ``csv`` (UTF-8 with a byte order mark, so that Excel shows Chinese) or ``xlsx``.
        language: of headers, hints and the example row.

    Returns:
        The file's bytes.
    """
    columns = FORMATS[kind]
    if form == "csv":
        return _csv(columns, language)
    return _workbook(columns, language)


def header(columns: tuple[Column, ...], language: Language) -> list[str]:
    """Return the column names as the template writes them, required ones marked with ``*``."""
    names = (column.zh if language == "zh" else column.name for column in columns)
    return [f"{n}*" if c.required else n for n, c in zip(names, columns, strict=True)]


def example(columns: tuple[Column, ...], language: Language) -> list[str]:
    """Return the example row; its external id marks it as one."""
    return [
        EXAMPLE_ID
        if column.name == "external_id"
        else (column.example_zh if language == "zh" else column.example_en)
        for column in columns
    ]


def _hints(columns: tuple[Column, ...], language: Language) -> list[str]:
    hints = [column.about_zh if language == "zh" else column.about_en for column in columns]
    hints[0] = HINT_MARK + hints[0]
    return hints


def _csv(columns: tuple[Column, ...], language: Language) -> bytes:
    stream = io.StringIO(newline="")
    rows = [_hints(columns, language), example(columns, language)]
    write_csv(stream, header(columns, language), rows)
    return stream.getvalue().encode("utf-8-sig")


def _workbook(columns: tuple[Column, ...], language: Language) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "数据" if language == "zh" else "data"
    sheet.append(header(columns, language))
    sheet.append(example(columns, language))
    sheet.freeze_panes = "B2"
    for position, column in enumerate(columns, 1):
        _dress(sheet, position, column, language)
    guide = book.create_sheet("说明 Guide")
    guide.append(_GUIDE_HEADER)
    for column in columns:
        guide.append(
            [
                column.name,
                column.zh,
                "是 yes" if column.required else "",
                column.about_zh,
                column.about_en,
                column.example_zh,
            ]
        )
    for letter, width in zip("ABCDEF", (24, 20, 12, 60, 70, 40), strict=True):
        guide.column_dimensions[letter].width = width
    for row in guide.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=cell.row == 1)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _dress(sheet: Worksheet, position: int, column: Column, language: Language) -> None:
    """Format one column as text (numbers keep their zeros), with its choices where they are few."""
    letter = get_column_letter(position)
    sheet.column_dimensions[letter].width = 36 if column.holds == "text" else 18
    sheet.column_dimensions[letter].number_format = "@"
    head = sheet.cell(1, position)
    head.font = Font(bold=True)
    if column.required:
        head.fill = PatternFill("solid", fgColor="FFF2CC")
    for row in (1, 2):
        sheet.cell(row, position).number_format = "@"
    if column.holds == "word" and is_fixed(column.scheme):
        words = [fixed_word(column.scheme, c, language) for c in fixed_codes(column.scheme)]
        listed = ",".join(words)
        if len(listed) <= _LONGEST_LIST:
            choices = DataValidation("list", formula1=f'"{listed}"', allow_blank=True)
            choices.add(f"{letter}2:{letter}{_FILLED_ROWS}")
            sheet.add_data_validation(choices)
